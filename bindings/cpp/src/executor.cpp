// SPDX-License-Identifier: Apache-2.0

#include <mesos/executor.hpp>

#include "driver.hpp"
#include "environment.hpp"

using std::map;
using std::string;

namespace mesos {

using internal::Failure;
using internal::parsed;
using internal::serialized;
using internal::view;

namespace {

/// What the callbacks need; it lives until the last of them has returned.
struct Listener
{
  ExecutorDriver* driver;
  Executor* executor;
  internal::Thrown thrown;
};

template <typename Callback>
bool call(void* context, Callback&& callback)
{
  Listener& listener = internal::shared<Listener>(context);
  return listener.thrown.guard(
      [&] { callback(*listener.executor, listener.driver); });
}

bool registered(
    void* context,
    mesos_executor_driver,
    mesos_bytes info,
    mesos_bytes framework,
    mesos_bytes slave)
{
  return call(context, [=](Executor& executor, ExecutorDriver* driver) {
    executor.registered(
        driver,
        parsed<ExecutorInfo>(info),
        parsed<FrameworkInfo>(framework),
        parsed<SlaveInfo>(slave));
  });
}

bool reregistered(void* context, mesos_executor_driver, mesos_bytes slave)
{
  return call(context, [=](Executor& executor, ExecutorDriver* driver) {
    executor.reregistered(driver, parsed<SlaveInfo>(slave));
  });
}

bool disconnected(void* context, mesos_executor_driver)
{
  return call(context, [](Executor& executor, ExecutorDriver* driver) {
    executor.disconnected(driver);
  });
}

bool launchTask(void* context, mesos_executor_driver, mesos_bytes task)
{
  return call(context, [=](Executor& executor, ExecutorDriver* driver) {
    executor.launchTask(driver, parsed<TaskInfo>(task));
  });
}

bool killTask(void* context, mesos_executor_driver, mesos_bytes taskId)
{
  return call(context, [=](Executor& executor, ExecutorDriver* driver) {
    executor.killTask(driver, parsed<TaskID>(taskId));
  });
}

bool frameworkMessage(void* context, mesos_executor_driver, mesos_bytes data)
{
  return call(context, [=](Executor& executor, ExecutorDriver* driver) {
    executor.frameworkMessage(driver, internal::text(data));
  });
}

bool shutdown(void* context, mesos_executor_driver)
{
  return call(context, [](Executor& executor, ExecutorDriver* driver) {
    executor.shutdown(driver);
  });
}

bool error(void* context, mesos_executor_driver, mesos_bytes message)
{
  return call(context, [=](Executor& executor, ExecutorDriver* driver) {
    executor.error(driver, internal::text(message));
  });
}

mesos_executor_callbacks callbacks(void* context)
{
  mesos_executor_callbacks result = {};
  result.size = sizeof(result);
  result.context = context;
  result.registered = registered;
  result.reregistered = reregistered;
  result.disconnected = disconnected;
  result.launch_task = launchTask;
  result.kill_task = killTask;
  result.framework_message = frameworkMessage;
  result.shutdown = shutdown;
  result.error = error;
  result.release = internal::release<Listener>;
  return result;
}

} // namespace {

struct MesosExecutorDriver::Implementation
  : internal::Driver<mesos_executor_driver, Listener>
{};

MesosExecutorDriver::MesosExecutorDriver(
    Executor* executor, const map<string, string>* environment)
  : implementation(new Implementation())
{
  implementation->listener->driver = this;
  implementation->listener->executor = executor;

  const internal::Environment variables(environment);
  void* context = internal::share(implementation->listener);
  const mesos_executor_callbacks all = callbacks(context);
  Failure failure;
  if (!mesos_executor_driver_new(
          &all,
          variables.data(),
          &implementation->handle,
          failure.place())) {
    internal::release<Listener>(context);
    implementation->failure = failure.message();
  }
}

MesosExecutorDriver::MesosExecutorDriver(Executor* executor)
  : MesosExecutorDriver(executor, nullptr)
{}

MesosExecutorDriver::MesosExecutorDriver(
    Executor* executor, const map<string, string>& environment)
  : MesosExecutorDriver(executor, &environment)
{}

MesosExecutorDriver::~MesosExecutorDriver()
{
  mesos_executor_driver_free(implementation->handle);
}

Status MesosExecutorDriver::start()
{
  if (!implementation->isMade()) {
    return implementation->startUnmade([this](const string& failure) {
      implementation->listener->executor->error(this, failure);
    });
  }
  // What an `error` on this thread throws is thrown again here.
  return implementation->started(
      mesos_executor_driver_start(implementation->handle, nullptr));
}

Status MesosExecutorDriver::stop()
{
  if (!implementation->isMade()) {
    return implementation->stopUnmade();
  }
  return implementation->statusOf(
      mesos_executor_driver_stop(implementation->handle, nullptr));
}

Status MesosExecutorDriver::abort()
{
  return implementation->statusOf(
      mesos_executor_driver_abort(implementation->handle, nullptr));
}

Status MesosExecutorDriver::join()
{
  return implementation->waited(
      mesos_executor_driver_join(implementation->handle, nullptr));
}

Status MesosExecutorDriver::run()
{
  if (!implementation->isMade()) {
    return start();
  }
  return implementation->waited(
      mesos_executor_driver_run(implementation->handle, nullptr));
}

Status MesosExecutorDriver::sendStatusUpdate(const TaskStatus& status)
{
  const string bytes = serialized(status);
  return implementation->statusOf(mesos_executor_driver_send_status_update(
      implementation->handle, view(bytes), nullptr));
}

Status MesosExecutorDriver::sendFrameworkMessage(const string& data)
{
  return implementation->statusOf(mesos_executor_driver_send_framework_message(
      implementation->handle, view(data), nullptr));
}

} // namespace mesos {
