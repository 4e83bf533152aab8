// SPDX-License-Identifier: Apache-2.0

// The v1 executor API: calls to the agent and events from it.

#ifndef __MESOS_V1_EXECUTOR_HPP__
#define __MESOS_V1_EXECUTOR_HPP__

#include <functional>
#include <map>
#include <memory>
#include <queue>
#include <string>

#include <mesos/http.hpp>

#include <mesos/v1/mesos.hpp>

#include <mesos/v1/executor/executor.hpp>

#include <process/owned.hpp>

namespace mesos {
namespace v1 {
namespace executor {

/// What an executor calls.
class MesosBase
{
public:
  virtual ~MesosBase() {}

  /// Sends a call; one that cannot be sent now is dropped.
  virtual void send(const Call& call) = 0;
};

/// A connection to the agent, which the environment tells of. When the agent is away for good, a
/// SHUTDOWN event is made here.
///
/// Callbacks are as in scheduler.hpp. An environment that names no agent makes the constructor
/// throw std::invalid_argument.
class Mesos : public MesosBase
{
public:
  Mesos(
      ContentType contentType,
      const std::function<void(void)>& connected,
      const std::function<void(void)>& disconnected,
      const std::function<void(const std::queue<Event>&)>& received);

  Mesos(
      ContentType contentType,
      const std::function<void(void)>& connected,
      const std::function<void(void)>& disconnected,
      const std::function<void(const std::queue<Event>&)>& received,
      const std::map<std::string, std::string>& environment);

  /// Closes the connection and waits for the callback that runs.
  ~Mesos() override;

  Mesos(const Mesos& other) = delete;
  Mesos& operator=(const Mesos& other) = delete;

  void send(const Call& call) override;

private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation;
};

} // namespace executor {
} // namespace v1 {
} // namespace mesos {

#endif // __MESOS_V1_EXECUTOR_HPP__
