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

  /// After `run` and `join`.
  Status waited(mesos_status status) const
  {
    listener->thrown.rethrow();
    return statusOf(status);
  }

  /// A driver that runs may have called back already: what that threw is for `join`.
  Status started(mesos_status status) const
  {
    return status == MESOS_STATUS_RUNNING ? DRIVER_RUNNING : waited(status);
  }

  /// Tells `error`, the first time, that there is no driver to start.
  template <typename Error>
  Status startUnmade(Error&& error)
  {
    Status expected = DRIVER_NOT_STARTED;
    if (unmade.compare_exchange_strong(expected, DRIVER_ABORTED)) {
      error(failure);
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

private:
  std::atomic<Status> unmade{DRIVER_NOT_STARTED};
};

} // namespace internal {
} // namespace mesos {

#endif // MESOS_CPP_DRIVER_HPP
