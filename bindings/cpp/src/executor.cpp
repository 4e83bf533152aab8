// SPDX-License-Identifier: Apache-2.0

#include <mesos/executor.hpp>

#include "environment.hpp"
#include "interface.hpp"

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

/// The statuses of mesos.h have the numbers of the message.
Status statusOf(mesos_status status)
{
  return status == MESOS_STATUS_INVALID ? DRIVER_ABORTED
                                        : static_cast<Status>(status);
}

} // namespace {

struct MesosExecutorDriver::Implementation
{
  mesos_executor_driver handle = {0};
  std::shared_ptr<Listener> listener = std::make_shared<Listener>();

  // Why there is no driver.
  string failure;

  Status waited(mesos_status status)
  {
    listener->thrown.rethrow();
    return statusOf(status);
  }
};

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
  if (implementation->handle.id == 0) {
    implementation->listener->executor->error(this, implementation->failure);
    return DRIVER_ABORTED;
  }
  // An exception out of an `error` on this thread.
  return implementation->waited(
      mesos_executor_driver_start(implementation->handle, nullptr));
}

Status MesosExecutorDriver::stop()
{
  return statusOf(mesos_executor_driver_stop(implementation->handle, nullptr));
}

Status MesosExecutorDriver::abort()
{
  return statusOf(
      mesos_executor_driver_abort(implementation->handle, nullptr));
}

Status MesosExecutorDriver::join()
{
  return implementation->waited(
      mesos_executor_driver_join(implementation->handle, nullptr));
}

Status MesosExecutorDriver::run()
{
  if (implementation->handle.id == 0) {
    return start();
  }
  return implementation->waited(
      mesos_executor_driver_run(implementation->handle, nullptr));
}

Status MesosExecutorDriver::sendStatusUpdate(const TaskStatus& status)
{
  const string bytes = serialized(status);
  return statusOf(mesos_executor_driver_send_status_update(
      implementation->handle, view(bytes), nullptr));
}

Status MesosExecutorDriver::sendFrameworkMessage(const string& data)
{
  return statusOf(mesos_executor_driver_send_framework_message(
      implementation->handle, view(data), nullptr));
}

} // namespace mesos {
