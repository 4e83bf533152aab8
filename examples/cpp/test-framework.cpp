// SPDX-License-Identifier: Apache-2.0

// Five tasks through an executor of its own: test-framework --master=127.0.0.1:5050
//
// It sends its executor a message for each task that has finished, and ends with 0 only if every
// task has, every byte of their data came through, and every message came back as it was sent.
//
// Flags, or MESOS_EXAMPLE_<FLAG> in the environment: master, role, checkpoint, authenticate,
// principal, secret. MESOS_EXPLICIT_ACKNOWLEDGEMENTS is honoured as well.

#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <iostream>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <limits.h>

#include <mesos/resources.hpp>
#include <mesos/scheduler.hpp>
#include <mesos/type_utils.hpp>

#include "flags.hpp"

using namespace mesos;

using std::cout;
using std::endl;
using std::string;
using std::vector;

const size_t TASKS = 5;
const std::chrono::seconds PATIENCE(300);

/// What each update and message carries.
const string DATA("data with a \0 byte", 18);

class TestScheduler : public Scheduler
{
public:
  TestScheduler(const ExecutorInfo& _executor, const string& _role, bool _acks)
    : executor(_executor), role(_role), acknowledges(_acks)
  {}

  void registered(
      SchedulerDriver*, const FrameworkID& id, const MasterInfo&) override
  {
    cout << "Registered as " << id << endl;
  }

  void reregistered(SchedulerDriver*, const MasterInfo&) override {}
  void disconnected(SchedulerDriver*) override {}

  void resourceOffers(
      SchedulerDriver* driver, const vector<Offer>& offers) override
  {
    Resources needed = Resources::parse("cpus:1;mem:128").get();
    needed.allocate(role);
    for (const Offer& offer : offers) {
      Resources left = offer.resources();
      cout << "Offer " << offer.id() << ": " << left << endl;
      vector<TaskInfo> tasks;
      while (slaves.size() < TASKS) {
        const Option<Resources> taken = left.find(needed);
        if (taken.isNone()) {
          break;
        }
        left -= taken.get();
        tasks.push_back(next(offer.slave_id(), taken.get()));
      }
      Filters filters;
      filters.set_refuse_seconds(1);
      driver->launchTasks(offer.id(), tasks, filters);
    }
  }

  void offerRescinded(SchedulerDriver*, const OfferID&) override {}

  void statusUpdate(SchedulerDriver* driver, const TaskStatus& status) override
  {
    const string& task = status.task_id().value();
    cout << "Task " << task << " is in state " << status.state() << endl;
    switch (status.state()) {
      case TASK_STAGING:
      case TASK_STARTING:
      case TASK_RUNNING:
      case TASK_FINISHED:
        break;
      default:
        throw std::runtime_error(
            "task " + task + " is in state " + stringify(status.state()) +
            ": " + status.message());
    }
    if (status.data() != DATA) {
      throw std::runtime_error("the data of task " + task + " are other ones");
    }
    if (status.state() == TASK_FINISHED && finished.insert(task).second) {
      driver->sendFrameworkMessage(
          executor.executor_id(), slaves.at(task), DATA);
    }
    if (acknowledges) {
      driver->acknowledgeStatusUpdate(status);
    }
  }

  void frameworkMessage(
      SchedulerDriver* driver,
      const ExecutorID& executorId,
      const SlaveID&,
      const string& data) override
  {
    if (data != DATA || executorId != executor.executor_id()) {
      throw std::runtime_error("a message came back otherwise");
    }
    if (++messages == TASKS) {
      driver->stop();
    }
  }

  void slaveLost(SchedulerDriver*, const SlaveID&) override {}

  void executorLost(
      SchedulerDriver*, const ExecutorID&, const SlaveID&, int) override
  {}

  void error(SchedulerDriver*, const string& message) override
  {
    cout << message << endl;
  }

  bool isDone() const { return finished.size() == TASKS && messages == TASKS; }

private:
  TaskInfo next(const SlaveID& slave, const Resources& resources)
  {
    const string id = stringify(slaves.size());
    slaves[id] = slave;
    TaskInfo task;
    task.set_name("task " + id);
    task.mutable_task_id()->set_value(id);
    *task.mutable_slave_id() = slave;
    *task.mutable_executor() = executor;
    task.mutable_resources()->MergeFrom(resources);
    return task;
  }

  const ExecutorInfo executor;
  const string role;
  const bool acknowledges;
  std::map<string, SlaveID> slaves;
  std::set<string> finished;
  size_t messages = 0;
};

/// Aborts the driver if it takes too long.
class Watch
{
public:
  explicit Watch(SchedulerDriver& driver)
    : thread([this, &driver] {
        std::unique_lock<std::mutex> lock(mutex);
        if (!changed.wait_for(lock, PATIENCE, [this] { return ended; })) {
          cout << "Not done after " << PATIENCE.count() << " s" << endl;
          driver.abort();
        }
      })
  {}

  ~Watch()
  {
    {
      std::lock_guard<std::mutex> lock(mutex);
      ended = true;
    }
    changed.notify_all();
    thread.join();
  }

private:
  std::mutex mutex;
  std::condition_variable changed;
  bool ended = false;
  std::thread thread;
};

/// The executor, which is beside this program.
ExecutorInfo executorBeside(const char* program)
{
  char path[PATH_MAX];
  if (realpath(program, path) == nullptr) {
    throw std::runtime_error(string("where is ") + program + "?");
  }
  string folder(path);
  folder.erase(folder.rfind('/'));

  ExecutorInfo executor;
  executor.mutable_executor_id()->set_value("default");
  executor.set_name("Test Executor (C++)");
  executor.mutable_command()->set_value("'" + folder + "/test-executor'");
  return executor;
}

FrameworkInfo frameworkInfo(const Flags& flags)
{
  FrameworkInfo framework;
  framework.set_user(""); // Filled in.
  framework.set_name("Test Framework (C++)");
  framework.add_roles(flags["role"]);
  framework.add_capabilities()->set_type(FrameworkInfo::Capability::MULTI_ROLE);
  framework.add_capabilities()->set_type(
      FrameworkInfo::Capability::RESERVATION_REFINEMENT);
  framework.set_checkpoint(flags.isSet("checkpoint"));
  framework.set_principal(flags["principal"]);
  return framework;
}

bool run(const Flags& flags, const char* program)
{
  if (flags["master"].empty()) {
    throw std::invalid_argument("--master is missing: a host:port or zk://…");
  }
  const bool implicit =
    std::getenv("MESOS_EXPLICIT_ACKNOWLEDGEMENTS") == nullptr;
  const FrameworkInfo framework = frameworkInfo(flags);
  TestScheduler scheduler(executorBeside(program), flags["role"], !implicit);

  std::unique_ptr<MesosSchedulerDriver> driver;
  if (flags.isSet("authenticate")) {
    Credential credential;
    credential.set_principal(flags["principal"]);
    credential.set_secret(flags["secret"]);
    driver.reset(new MesosSchedulerDriver(
        &scheduler, framework, flags["master"], implicit, credential));
  } else {
    driver.reset(new MesosSchedulerDriver(
        &scheduler, framework, flags["master"], implicit));
  }
  const Watch watch(*driver);
  return driver->run() == DRIVER_STOPPED && scheduler.isDone();
}

int main(int argc, char** argv)
{
  try {
    const Flags flags(
        argc,
        argv,
        {{"master", {"", "where the master is: host:port or zk://…"}},
         {"role", {"*", "the role to run tasks in"}},
         {"checkpoint", {"false", "whether tasks survive their agent"}},
         {"authenticate", {"false", "whether to say who this is"}},
         {"principal", {"test-framework-cpp", "who this is"}},
         {"secret", {"", "what to authenticate with"}}});
    if (flags.isSet("help")) {
      cout << flags.usage();
      return 0;
    }
    const bool done = run(flags, argv[0]);
    cout << (done ? "All tasks finished, all messages came back" : "FAILED")
         << endl;
    return done ? 0 : 1;
  } catch (const std::exception& exception) {
    cout << "FAILED: " << exception.what() << endl;
    return 1;
  }
}
