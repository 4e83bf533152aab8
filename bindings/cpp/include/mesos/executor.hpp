// SPDX-License-Identifier: Apache-2.0

// The native executor API: an Executor is called by a driver, and calls the driver.
//
// Threads and exceptions are as in scheduler.hpp.

#ifndef __MESOS_EXECUTOR_HPP__
#define __MESOS_EXECUTOR_HPP__

#include <map>
#include <memory>
#include <string>

#include <mesos/mesos.hpp>

namespace mesos {

class ExecutorDriver;

/// What runs the tasks of a framework on an agent.
class Executor
{
public:
  virtual ~Executor() {}

  /// The executor is registered with its agent, for the first time.
  virtual void registered(
      ExecutorDriver* driver,
      const ExecutorInfo& executorInfo,
      const FrameworkInfo& frameworkInfo,
      const SlaveInfo& slaveInfo) = 0;

  /// It is registered again: the agent has restarted.
  virtual void reregistered(
      ExecutorDriver* driver, const SlaveInfo& slaveInfo) = 0;

  /// The agent is away; it is waited for.
  virtual void disconnected(ExecutorDriver* driver) = 0;

  /// Run this task, without blocking here.
  virtual void launchTask(ExecutorDriver* driver, const TaskInfo& task) = 0;

  /// End this task.
  virtual void killTask(ExecutorDriver* driver, const TaskID& taskId) = 0;

  /// The scheduler's message; such messages can be lost.
  virtual void frameworkMessage(
      ExecutorDriver* driver, const std::string& data) = 0;

  /// End every task and the driver; the process is killed when its grace period is over.
  virtual void shutdown(ExecutorDriver* driver) = 0;

  /// The driver cannot go on; it is aborted already.
  virtual void error(ExecutorDriver* driver, const std::string& message) = 0;
};

/// What an executor calls. Each method returns the status of the driver.
class ExecutorDriver
{
public:
  /// A driver is stopped before it is destroyed.
  virtual ~ExecutorDriver() {}

  /// Begins to talk to the agent.
  virtual Status start() = 0;

  /// Ends the driver, once the agent has what was sent.
  virtual Status stop() = 0;

  /// Ends the callbacks.
  virtual Status abort() = 0;

  /// Waits until the driver is stopped or aborted.
  virtual Status join() = 0;

  /// `start` and then `join`.
  virtual Status run() = 0;

  /// Reports the state of a task, until the scheduler has acknowledged it.
  virtual Status sendStatusUpdate(const TaskStatus& status) = 0;

  /// Sends the scheduler a message, which can be lost.
  virtual Status sendFrameworkMessage(const std::string& data) = 0;
};

/// The driver. It learns from the environment where its agent is.
class MesosExecutorDriver : public ExecutorDriver
{
public:
  /// With the environment of this process.
  explicit MesosExecutorDriver(Executor* executor);

  /// With another one.
  explicit MesosExecutorDriver(
      Executor* executor,
      const std::map<std::string, std::string>& environment);

  /// Ends the driver and waits for the callback that runs.
  ~MesosExecutorDriver() override;

  MesosExecutorDriver(const MesosExecutorDriver&) = delete;
  MesosExecutorDriver& operator=(const MesosExecutorDriver&) = delete;

  Status start() override;
  Status stop() override;
  Status abort() override;
  Status join() override;
  Status run() override;
  Status sendStatusUpdate(const TaskStatus& status) override;
  Status sendFrameworkMessage(const std::string& data) override;

private:
  struct Implementation;

  MesosExecutorDriver(
      Executor* executor,
      const std::map<std::string, std::string>* environment);

  std::unique_ptr<Implementation> implementation;
};

} // namespace mesos {

#endif // __MESOS_EXECUTOR_HPP__
