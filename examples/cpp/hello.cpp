// SPDX-License-Identifier: Apache-2.0

// One offer, one command, its output: hello MASTER

#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

#include <mesos/resources.hpp>
#include <mesos/scheduler.hpp>
#include <mesos/type_utils.hpp>

#include "sandbox.hpp"

using namespace mesos;

using std::string;

/// Runs `echo` on the first offer that is big enough.
class Hello : public Scheduler
{
public:
  void registered(
      SchedulerDriver*, const FrameworkID& id, const MasterInfo&) override
  {
    framework = id.value();
  }

  void resourceOffers(
      SchedulerDriver* driver, const std::vector<Offer>& offers) override
  {
    const Resources needed = Resources::parse("cpus:0.1;mem:32").get();
    for (const Offer& offer : offers) {
      const Resources all = Resources(offer.resources()).toUnreserved();
      if (launched || !all.createStrippedScalarQuantity().contains(needed)) {
        driver->declineOffer(offer.id());
        continue;
      }
      launched = true;
      agent = offer.url().address();

      TaskInfo task;
      task.set_name("hello");
      task.mutable_task_id()->set_value("hello");
      *task.mutable_slave_id() = offer.slave_id();
      task.mutable_command()->set_value("echo Hello, Mesos");
      task.mutable_resources()->MergeFrom(needed);
      driver->launchTasks(offer.id(), {task});
    }
  }

  void statusUpdate(SchedulerDriver* driver, const TaskStatus& status) override
  {
    if (status.state() == TASK_FINISHED) {
      std::cout << outputOf(agent, framework, "hello") << std::flush;
      driver->stop();
    } else if (
        status.state() != TASK_STARTING && status.state() != TASK_RUNNING) {
      throw std::runtime_error(
          stringify(status.state()) + ": " + status.message());
    }
  }

  void error(SchedulerDriver*, const string& message) override
  {
    std::cerr << message << std::endl;
  }

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
  string framework;
  Address agent;
  bool launched = false;
};

int main(int argc, char** argv)
{
  if (argc != 2) {
    std::cerr << "usage: " << argv[0] << " MASTER" << std::endl;
    return 2;
  }
  FrameworkInfo framework;
  framework.set_user(""); // Filled in.
  framework.set_name("hello (C++)");
  Hello hello;
  MesosSchedulerDriver driver(&hello, framework, argv[1]);
  return driver.run() == DRIVER_STOPPED ? 0 : 1;
}
