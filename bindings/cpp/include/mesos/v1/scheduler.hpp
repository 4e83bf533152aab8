// SPDX-License-Identifier: Apache-2.0

// The v1 scheduler API: calls to the master and events from it.

#ifndef __MESOS_V1_SCHEDULER_HPP__
#define __MESOS_V1_SCHEDULER_HPP__

#include <functional>
#include <memory>
#include <queue>
#include <string>

#include <mesos/http.hpp>

#include <mesos/v1/mesos.hpp>

#include <mesos/v1/scheduler/scheduler.hpp>

#include <process/future.hpp>

#include <stout/option.hpp>

namespace mesos {
namespace v1 {
namespace scheduler {

/// What a scheduler calls.
class MesosBase
{
public:
  virtual ~MesosBase() {}

  /// Sends a call; one that cannot be sent now is dropped.
  virtual void send(const Call& call) = 0;

  /// Sends a call and brings its answer, for which a thread of its own waits.
  virtual process::Future<APIResult> call(const Call& callMessage) = 0;

  /// Drops the connection and opens a new one.
  virtual void reconnect() = 0;
};

/// A connection to the leading master, opened again whenever it breaks.
///
/// After each `connected` the scheduler has to subscribe. The callbacks come one after another on
/// one thread, perhaps before the constructor has returned; what they throw ends the program. A
/// `master` that cannot be one makes the constructor throw std::invalid_argument.
class Mesos : public MesosBase
{
public:
  Mesos(
      const std::string& master,
      ContentType contentType,
      const std::function<void()>& connected,
      const std::function<void()>& disconnected,
      const std::function<void(const std::queue<Event>&)>& received,
      const Option<Credential>& credential);

  /// Closes the connection and waits for the callbacks that run, but for the one it is called in.
  ~Mesos() override;

  Mesos(const Mesos& other) = delete;
  Mesos& operator=(const Mesos& other) = delete;

  void send(const Call& call) override;

  process::Future<APIResult> call(const Call& callMessage) override;

  void reconnect() override;

protected:
  /// Closes the connection.
  virtual void stop();

private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation;
};

} // namespace scheduler {
} // namespace v1 {
} // namespace mesos {

#endif // __MESOS_V1_SCHEDULER_HPP__
