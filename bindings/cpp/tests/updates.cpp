// SPDX-License-Identifier: Apache-2.0

// Takes so many status updates, each acknowledged, and tells of offers, until its input ends:
// updates MASTER COUNT

#include <chrono>
#include <iostream>
#include <string>
#include <vector>

#include <mesos/scheduler.hpp>

using namespace mesos;

using std::string;

class Counter : public Scheduler
{
public:
  explicit Counter(size_t _wanted) : wanted(_wanted) {}

  void statusUpdate(SchedulerDriver*, const TaskStatus&) override
  {
    if (updates == 0) {
      began = std::chrono::steady_clock::now();
    }
    if (++updates == wanted) {
      const std::chrono::duration<double> time =
        std::chrono::steady_clock::now() - began;
      std::cout << wanted << " updates in " << time.count() << " s: "
                << static_cast<long>(wanted / time.count()) << "/s"
                << std::endl;
    }
  }

  void resourceOffers(SchedulerDriver*, const std::vector<Offer>& offers)
    override
  {
    std::cout << offers.size() << " offers" << std::endl;
  }

  void error(SchedulerDriver*, const string& message) override
  {
    std::cerr << message << std::endl;
  }

  void registered(SchedulerDriver*, const FrameworkID&, const MasterInfo&)
    override
  {}
  void reregistered(SchedulerDriver*, const MasterInfo&) override {}
  void disconnected(SchedulerDriver*) override {}
  void offerRescinded(SchedulerDriver*, const OfferID&) override {}
  void frameworkMessage(
      SchedulerDriver*, const ExecutorID&, const SlaveID&, const string&)
    override
  {}
  void slaveLost(SchedulerDriver*, const SlaveID&) override {}
  void executorLost(
      SchedulerDriver*, const ExecutorID&, const SlaveID&, int) override
  {}

private:
  const size_t wanted;
  size_t updates = 0;
  std::chrono::steady_clock::time_point began;
};

int main(int argc, char** argv)
{
  if (argc != 3) {
    std::cerr << "usage: updates MASTER COUNT" << std::endl;
    return 2;
  }
  FrameworkInfo framework;
  framework.set_user("");
  framework.set_name("updates");
  Counter counter(std::stoul(argv[2]));
  MesosSchedulerDriver driver(&counter, framework, argv[1]);
  driver.start();
  // The last update is acknowledged when its callback has returned, not before.
  while (std::cin.get() != EOF) {
  }
  driver.stop(true);
  return driver.join() == DRIVER_STOPPED ? 0 : 1;
}
