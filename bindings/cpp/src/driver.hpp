// SPDX-License-Identifier: Apache-2.0

// What the drivers of schedulers and executors have in common.

#ifndef MESOS_CPP_DRIVER_HPP
#define MESOS_CPP_DRIVER_HPP

#include <atomic>
#include <memory>
#include <string>

#include <mesos/mesos.hpp>

#include "interface.hpp"

namespace mesos {
namespace internal {

/// Who is called back, and with which driver; it lives until the last callback has returned.
template <typename Callee, typename Driver>
struct Listener
{
  Driver* driver;
  Callee* callee;
  Thrown thrown;
};

/// Runs a callback with what the listener of `context` has.
template <typename Listener, typename Callback>
bool callBack(void* context, Callback&& callback)
{
  Listener& listener = shared<Listener>(context);
  return listener.thrown.guard(
      [&] { callback(*listener.callee, listener.driver); });
}

/// A driver of mesos.h, and what takes its place if it could not be made: a status that changes as
/// the driver's would.
template <typename Handle, typename Listener>
struct Driver
{
  Handle handle = {0};
  std::shared_ptr<Listener> listener = std::make_shared<Listener>();

  // Why there is no driver.
  std::string failure;

  bool isMade() const { return handle.id != 0; }

  Status statusOf(mesos_status status) const
  {
    if (!isMade()) {
      return unmade;
    }
    // The statuses of mesos.h have the numbers of the message.
    return status == MESOS_STATUS_INVALID ? DRIVER_ABORTED
                                          : static_cast<Status>(status);
  }

  /// Any method but those below: a function of mesos.h with these arguments.
  template <typename Function, typename... Arguments>
  Status call(Function function, const Arguments&... arguments) const
  {
    return statusOf(function(handle, arguments..., nullptr));
  }

  template <typename Function>
  Status start(Function function)
  {
    if (!isMade()) {
      return startUnmade();
    }
    // A driver that runs may have called back already: what that threw is for `join`; but what an
    // `error` on this thread throws is thrown again here.
    const mesos_status status = function(handle, nullptr);
    return status == MESOS_STATUS_RUNNING ? DRIVER_RUNNING : waited(status);
  }

  template <typename Function, typename... Arguments>
  Status stop(Function function, const Arguments&... arguments)
  {
    return isMade() ? call(function, arguments...) : stopUnmade();
  }

  template <typename Function>
  Status join(Function function) const
  {
    return waited(function(handle, nullptr));
  }

  template <typename Function>
  Status run(Function function)
  {
    return isMade() ? waited(function(handle, nullptr)) : startUnmade();
  }

private:
  /// After `run` and `join`.
  Status waited(mesos_status status) const
  {
    listener->thrown.rethrow();
    return statusOf(status);
  }

  /// Tells `error`, or stderr where there is none, that there is no driver to start; once.
  Status startUnmade()
  {
    Status expected = DRIVER_NOT_STARTED;
    if (unmade.compare_exchange_strong(expected, DRIVER_ABORTED)) {
      if (listener->callee == nullptr) {
        complain(failure);
      } else {
        listener->callee->error(listener->driver, failure);
      }
    }
    return unmade;
  }

  Status stopUnmade()
  {
    Status expected = DRIVER_ABORTED;
    return unmade.compare_exchange_strong(expected, DRIVER_STOPPED)
      ? DRIVER_ABORTED
      : expected;
  }

  std::atomic<Status> unmade{DRIVER_NOT_STARTED};
};

} // namespace internal {
} // namespace mesos {

#endif // MESOS_CPP_DRIVER_HPP
