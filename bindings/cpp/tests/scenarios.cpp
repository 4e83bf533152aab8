// SPDX-License-Identifier: Apache-2.0

// Acts out a scenario of tests/bindings/scenarios.toml: scenarios NAME MASTER

#include <atomic>
#include <condition_variable>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <mesos/scheduler.hpp>

using namespace mesos;

using std::string;

typedef std::lock_guard<std::recursive_mutex> Lock;

/// Held while a method runs and its line is printed, so that the lines of the callbacks that it
/// brings about on the driver's thread come after it.
std::recursive_mutex mutex;

void line(const string& text)
{
  Lock lock(mutex);
  std::cout << text << std::endl;
}

Status said(const string& method, Status status)
{
  // DRIVER_RUNNING without its first word.
  line(method + ' ' + Status_Name(status).substr(7));
  return status;
}

/// Something that happens once, and can be waited for.
class Event
{
public:
  void set()
  {
    std::lock_guard<std::mutex> lock(guard);
    happened = true;
    changed.notify_all();
  }

  void wait()
  {
    std::unique_lock<std::mutex> lock(guard);
    changed.wait(lock, [this] { return happened; });
  }

private:
  std::mutex guard;
  std::condition_variable changed;
  bool happened = false;
};

Event registration;
Event stopping;
Event loss;

class Actor : public Scheduler
{
public:
  /// What `registered` does.
  std::function<void(SchedulerDriver&)> act = [](SchedulerDriver&) {};

  void registered(
      SchedulerDriver* driver, const FrameworkID&, const MasterInfo&) override
  {
    line("registered");
    registration.set();
    act(*driver);
  }

  void statusUpdate(SchedulerDriver*, const TaskStatus& status) override
  {
    if (status.state() == TASK_LOST) {
      line("lost " + status.task_id().value());
      loss.set();
    }
  }

  void error(SchedulerDriver*, const string& message) override
  {
    line("error " + message);
  }

  void reregistered(SchedulerDriver*, const MasterInfo&) override {}
  void disconnected(SchedulerDriver*) override {}
  void resourceOffers(SchedulerDriver*, const std::vector<Offer>&) override {}
  void offerRescinded(SchedulerDriver*, const OfferID&) override {}
  void frameworkMessage(
      SchedulerDriver*, const ExecutorID&, const SlaveID&, const string&)
    override
  {}
  void slaveLost(SchedulerDriver*, const SlaveID&) override {}
  void executorLost(
      SchedulerDriver*, const ExecutorID&, const SlaveID&, int) override
  {}
};

void start(SchedulerDriver& driver)
{
  Lock lock(mutex);
  said("start", driver.start());
}

void stop(SchedulerDriver& driver)
{
  said("stop", driver.stop(false));
}

void join(SchedulerDriver& driver)
{
  said("join", driver.join());
}

void abortNow(SchedulerDriver& driver)
{
  said("abort", driver.abort());
}

TaskID taskId()
{
  TaskID id;
  id.set_value("t");
  return id;
}

void killTask(SchedulerDriver& driver, const TaskID& id)
{
  Lock lock(mutex);
  said("killTask", driver.killTask(id));
}

void launch(SchedulerDriver& driver)
{
  TaskInfo task;
  task.set_name("t");
  *task.mutable_task_id() = taskId();
  task.mutable_slave_id()->set_value("a");
  Lock lock(mutex);
  said("launchTasks", driver.launchTasks(std::vector<OfferID>(), {task}));
}

void acknowledge(SchedulerDriver& driver)
{
  TaskStatus status;
  *status.mutable_task_id() = taskId();
  status.set_state(TASK_RUNNING);
  Lock lock(mutex);
  said("acknowledgeStatusUpdate", driver.acknowledgeStatusUpdate(status));
}

void fromManyThreads(SchedulerDriver& driver)
{
  std::atomic<int> running(0);
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; i++) {
    threads.emplace_back([&] {
      for (int call = 0; call < 100; call++) {
        if (driver.reviveOffers() == DRIVER_RUNNING) {
          running++;
        }
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  line("calls " + std::to_string(running));
}

/// run() throws what the callback has thrown; the driver is aborted then.
void runThrowing(SchedulerDriver& driver)
{
  try {
    said("run", driver.run());
  } catch (const std::logic_error& error) {
    said("run", DRIVER_ABORTED);
    line(error.what());
  }
}

typedef std::function<void(Actor&, SchedulerDriver&)> Scenario;

/// Calls these one after another.
Scenario steps(std::vector<std::function<void(SchedulerDriver&)>> all)
{
  return [=](Actor&, SchedulerDriver& driver) {
    for (const auto& step : all) {
      step(driver);
    }
  };
}

/// Runs the driver while `registered` calls these, and calls others then.
Scenario inCallback(
    std::vector<std::function<void(SchedulerDriver&)>> all,
    std::vector<std::function<void(SchedulerDriver&)>> then = {})
{
  return [=](Actor& actor, SchedulerDriver& driver) {
    actor.act = [=](SchedulerDriver& inside) {
      for (const auto& step : all) {
        step(inside);
      }
    };
    runThrowing(driver);
    for (const auto& step : then) {
      step(driver);
    }
  };
}

void throwing(SchedulerDriver&)
{
  throw std::logic_error("failure");
}

void untilRegistered(SchedulerDriver&)
{
  registration.wait();
}

void blocking(Actor& actor, SchedulerDriver& driver)
{
  actor.act = [](SchedulerDriver&) {
    stopping.wait();
    line("returns");
  };
  start(driver);
  registration.wait();
  stop(driver);
  stopping.set();
  join(driver);
}

const std::map<string, Scenario> SCENARIOS = {
  {"wrong-master-address", steps({start, join, stop})},
  {"local-cluster-missing", steps({start, join, stop})},
  {"no-master",
   steps(
       {start, launch, [](SchedulerDriver&) { loss.wait(); }, stop, join})},
  {"master-without-quorum", steps({start, stop, join})},
  {"framework-without-name", steps({start, join})},
  {"task-without-id",
   steps(
       {start,
        [](SchedulerDriver& driver) { killTask(driver, TaskID()); },
        join})},
  {"acknowledge-though-implicit", steps({start, acknowledge, join})},
  {"callback-throws", inCallback({throwing}, {stop})},
  {"callback-blocks", blocking},
  {"callback-stops", inCallback({stop})},
  {"callback-joins", inCallback({join, stop})},
  {"callback-aborts", inCallback({abortNow}, {stop})},
  {"dropped-without-stop", steps({start, untilRegistered})},
  {"local-cluster", steps({start, untilRegistered, stop, join})},
  {"double-start", steps({start, start, stop, join})},
  {"never-started",
   steps(
       {join,
        stop,
        abortNow,
        [](SchedulerDriver& driver) { killTask(driver, taskId()); }})},
  {"use-after-stop",
   steps(
       {start,
        stop,
        join,
        [](SchedulerDriver& driver) { killTask(driver, taskId()); },
        start,
        stop})},
  {"many-threads", steps({start, fromManyThreads, stop, join})},
};

int main(int argc, char** argv)
{
  const auto scenario = argc == 3 ? SCENARIOS.find(argv[1]) : SCENARIOS.end();
  if (scenario == SCENARIOS.end()) {
    std::cerr << "usage: scenarios NAME MASTER" << std::endl;
    return 2;
  }
  const string name = argv[1];
  FrameworkInfo framework;
  framework.set_user("");
  if (name != "framework-without-name") {
    framework.set_name("scenario");
  }
  Actor actor;
  {
    MesosSchedulerDriver driver(&actor, framework, argv[2]);
    scenario->second(actor, driver);
  }
  if (name == "dropped-without-stop") {
    line("dropped");
  }
  return 0;
}
