// SPDX-License-Identifier: Apache-2.0

#include <mesos/v1/executor.hpp>

#include "connection.hpp"
#include "environment.hpp"

using std::function;
using std::map;
using std::queue;
using std::string;

namespace mesos {
namespace v1 {
namespace executor {

using mesos::internal::Peer;

struct Mesos::Implementation
{
  Implementation(
      ContentType contentType,
      std::shared_ptr<Peer<Event>> peer,
      const map<string, string>* environment)
  {
    const mesos::internal::Environment variables(environment);
    const int32_t content = mesos::internal::number(contentType);
    void* context = mesos::internal::share(peer);
    const auto callbacks =
      mesos::internal::connectionCallbacks<Event>(context);
    mesos::internal::Failure failure;
    if (!mesos_executor_connection_open(
            &callbacks, variables.data(), content, &handle, failure.place())) {
      mesos::internal::release<Peer<Event>>(context);
      throw std::invalid_argument(failure.message());
    }
  }

  ~Implementation() { mesos_executor_connection_free(handle); }

  mesos_connection handle = {0};
};

Mesos::Mesos(
    ContentType contentType,
    const function<void(void)>& connected,
    const function<void(void)>& disconnected,
    const function<void(const queue<Event>&)>& received)
  : implementation(new Implementation(
        contentType,
        std::make_shared<Peer<Event>>(
            Peer<Event>{connected, disconnected, received}),
        nullptr))
{}

Mesos::Mesos(
    ContentType contentType,
    const function<void(void)>& connected,
    const function<void(void)>& disconnected,
    const function<void(const queue<Event>&)>& received,
    const map<string, string>& environment)
  : implementation(new Implementation(
        contentType,
        std::make_shared<Peer<Event>>(
            Peer<Event>{connected, disconnected, received}),
        &environment))
{}

Mesos::~Mesos() = default;

void Mesos::send(const Call& call)
{
  const string bytes = mesos::internal::serialized(call);
  mesos_executor_connection_send(
      implementation->handle, mesos::internal::view(bytes), nullptr);
}

} // namespace executor {
} // namespace v1 {
} // namespace mesos {
