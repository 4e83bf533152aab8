// SPDX-License-Identifier: Apache-2.0

// What the connections of v1 schedulers and executors have in common.

#ifndef MESOS_CPP_CONNECTION_HPP
#define MESOS_CPP_CONNECTION_HPP

#include <functional>
#include <queue>
#include <stdexcept>

#include <mesos/http.hpp>

#include "interface.hpp"

namespace mesos {
namespace internal {

/// What the callbacks need; it lives until the last of them has returned.
template <typename Event>
struct Peer
{
  std::function<void()> connected;
  std::function<void()> disconnected;
  std::function<void(const std::queue<Event>&)> received;
};

// There is nobody to throw to again: an exception leaves `noexcept` and ends the program.

template <typename Event>
bool connected(void* context, mesos_connection) noexcept
{
  shared<Peer<Event>>(context).connected();
  return true;
}

template <typename Event>
bool disconnected(void* context, mesos_connection) noexcept
{
  shared<Peer<Event>>(context).disconnected();
  return true;
}

template <typename Event>
bool received(
    void* context,
    mesos_connection,
    const mesos_bytes* events,
    size_t count) noexcept
{
  std::queue<Event> queue;
  for (size_t i = 0; i < count; i++) {
    queue.push(parsed<Event>(events[i]));
  }
  shared<Peer<Event>>(context).received(queue);
  return true;
}

template <typename Event>
mesos_connection_callbacks connectionCallbacks(void* context)
{
  mesos_connection_callbacks result = {};
  result.size = sizeof(result);
  result.context = context;
  result.connected = connected<Event>;
  result.disconnected = disconnected<Event>;
  result.received = received<Event>;
  result.release = release<Peer<Event>>;
  return result;
}

/// The number that mesos.h knows a content type by.
inline int32_t number(ContentType contentType)
{
  switch (contentType) {
    case ContentType::PROTOBUF:
      return MESOS_CONTENT_TYPE_PROTOBUF;
    case ContentType::JSON:
      return MESOS_CONTENT_TYPE_JSON;
    case ContentType::RECORDIO:
      break;
  }
  throw std::invalid_argument(
      "RecordIO is how events are strung together; expected PROTOBUF or JSON");
}

} // namespace internal {
} // namespace mesos {

#endif // MESOS_CPP_CONNECTION_HPP
