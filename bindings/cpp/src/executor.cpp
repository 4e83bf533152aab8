// SPDX-License-Identifier: Apache-2.0

#include <mesos/executor.hpp>

#include "driver.hpp"
#include "environment.hpp"

using std::map;
using std::string;

namespace mesos {

using internal::callBack;
using internal::Failure;
using internal::parsed;
using internal::serialized;
using internal::view;

namespace {

using Listener = internal::Listener<Executor, ExecutorDriver>;

bool registered(
    void* context,
    mesos_executor_driver,
    mesos_bytes info,
    mesos_bytes framework,
    mesos_bytes slave)
{
  return callBack<Listener>(context, [=](auto& executor, auto* driver) {
    executor.registered(
        driver,
        parsed<ExecutorInfo>(info),
        parsed<FrameworkInfo>(framework),
        parsed<SlaveInfo>(slave));
  });
}

bool reregistered(void* context, mesos_executor_driver, mesos_bytes slave)
{
  return callBack<Listener>(context, [=](auto& executor, auto* driver) {
    executor.reregistered(driver, parsed<SlaveInfo>(slave));
  });
}

bool disconnected(void* context, mesos_executor_driver)
{
  return callBack<Listener>(context, [](auto& executor, auto* driver) {
    executor.disconnected(driver);
  });
}

bool launchTask(void* context, mesos_executor_driver, mesos_bytes task)
{
  return callBack<Listener>(context, [=](auto& executor, auto* driver) {
    executor.launchTask(driver, parsed<TaskInfo>(task));
  });
}

bool killTask(void* context, mesos_executor_driver, mesos_bytes taskId)
{
  return callBack<Listener>(context, [=](auto& executor, auto* driver) {
    executor.killTask(driver, parsed<TaskID>(taskId));
  });
}

bool frameworkMessage(void* context, mesos_executor_driver, mesos_bytes data)
{
  return callBack<Listener>(context, [=](auto& executor, auto* driver) {
    executor.frameworkMessage(driver, internal::text(data));
  });
}

bool shutdown(void* context, mesos_executor_driver)
{
  return callBack<Listener>(context, [](auto& executor, auto* driver) {
    executor.shutdown(driver);
  });
}

bool error(void* context, mesos_executor_driver, mesos_bytes message)
{
  return callBack<Listener>(context, [=](auto& executor, auto* driver) {
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
  implementation->listener->callee = executor;
  if (executor == nullptr) {
    implementation->failure = "the driver's executor is a null pointer";
    return;
  }

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
  return implementation->start(mesos_executor_driver_start);
}

Status MesosExecutorDriver::stop()
{
  return implementation->stop(mesos_executor_driver_stop);
}

Status MesosExecutorDriver::abort()
{
  return implementation->call(mesos_executor_driver_abort);
}

Status MesosExecutorDriver::join()
{
  return implementation->join(mesos_executor_driver_join);
}

Status MesosExecutorDriver::run()
{
  return implementation->run(mesos_executor_driver_run);
}

Status MesosExecutorDriver::sendStatusUpdate(const TaskStatus& status)
{
  const string bytes = serialized(status);
  return implementation->call(
      mesos_executor_driver_send_status_update, view(bytes));
}

Status MesosExecutorDriver::sendFrameworkMessage(const string& data)
{
  return implementation->call(
      mesos_executor_driver_send_framework_message, view(data));
}

} // namespace mesos {
