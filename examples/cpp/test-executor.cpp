// SPDX-License-Identifier: Apache-2.0

// The executor of the test-framework: it runs nothing and says that it went well.

#include <iostream>
#include <string>
#include <thread>

#include <mesos/executor.hpp>

using namespace mesos;

using std::string;

/// What each update carries.
const string DATA("data with a \0 byte", 18);

class TestExecutor : public Executor
{
public:
  void registered(
      ExecutorDriver*,
      const ExecutorInfo&,
      const FrameworkInfo&,
      const SlaveInfo& slave) override
  {
    std::cout << "Registered on " << slave.hostname() << std::endl;
  }

  void reregistered(ExecutorDriver*, const SlaveInfo& slave) override
  {
    std::cout << "Registered again on " << slave.hostname() << std::endl;
  }

  void disconnected(ExecutorDriver*) override {}

  void launchTask(ExecutorDriver* driver, const TaskInfo& task) override
  {
    // A callback must not take long, as a task would.
    std::thread([driver, task] { run(driver, task); }).detach();
  }

  void killTask(ExecutorDriver*, const TaskID&) override {}

  void frameworkMessage(ExecutorDriver* driver, const string& data) override
  {
    driver->sendFrameworkMessage(data);
  }

  void shutdown(ExecutorDriver* driver) override { driver->stop(); }

  void error(ExecutorDriver*, const string& message) override
  {
    std::cerr << message << std::endl;
  }

private:
  static void run(ExecutorDriver* driver, const TaskInfo& task)
  {
    std::cout << "Running task " << task.task_id().value() << std::endl;
    for (TaskState state : {TASK_RUNNING, TASK_FINISHED}) {
      TaskStatus status;
      *status.mutable_task_id() = task.task_id();
      status.set_state(state);
      status.set_data(DATA);
      driver->sendStatusUpdate(status);
    }
  }
};

int main()
{
  TestExecutor executor;
  MesosExecutorDriver driver(&executor);
  return driver.run() == DRIVER_STOPPED ? 0 : 1;
}
