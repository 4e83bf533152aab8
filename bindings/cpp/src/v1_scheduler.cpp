// SPDX-License-Identifier: Apache-2.0

#include <mesos/v1/scheduler.hpp>

#include <condition_variable>
#include <mutex>
#include <thread>

#include <google/protobuf/util/json_util.h>

#include "connection.hpp"

using std::function;
using std::queue;
using std::string;

using process::Future;
using process::Promise;

namespace mesos {
namespace v1 {
namespace scheduler {

using mesos::internal::Buffer;
using mesos::internal::Failure;
using mesos::internal::Peer;
using mesos::internal::view;

namespace {

/// How many calls wait for their answer, each on a thread.
struct Waiting
{
  std::mutex mutex;
  std::condition_variable changed;
  size_t count = 0;
};

constexpr unsigned OK = 200;
constexpr unsigned ACCEPTED = 202;

/// Reads an answer, which comes in the content type of the connection.
bool read(const string& text, Response* response)
{
  return response->ParseFromString(text) ||
    google::protobuf::util::JsonStringToMessage(text, response).ok();
}

/// Waits for the answer to a call, and brings it.
void answer(
    mesos_connection handle, const string& call, Promise<APIResult>& promise)
{
  uint16_t status = 0;
  Buffer body;
  Failure failure;
  if (!mesos_scheduler_connection_call(
          handle, view(call), &status, body.place(), failure.place()) &&
      status == 0) {
    promise.fail(failure.message());
    return;
  }
  APIResult result;
  result.set_status_code(status);
  const string text = mesos::internal::text(body.bytes());
  if (status == OK && !text.empty()) {
    if (!read(text, result.mutable_response())) {
      promise.fail("The response is no Response message");
      return;
    }
  } else if (status != OK && status != ACCEPTED) {
    result.set_error(
        "Received unexpected '" + std::to_string(status) + "' (" + text + ")");
  }
  promise.set(result);
}

} // namespace {

struct Mesos::Implementation
{
  Implementation(
      const string& master,
      ContentType contentType,
      std::shared_ptr<Peer<Event>> peer,
      const Option<Credential>& credential)
  {
    const int32_t content = mesos::internal::number(contentType);
    const string secret = credential.isSome()
      ? mesos::internal::serialized(credential.get())
      : string();
    void* context = mesos::internal::share(peer);
    const auto callbacks =
      mesos::internal::connectionCallbacks<Event>(context);
    Failure failure;
    if (!mesos_scheduler_connection_open(
            &callbacks,
            master.c_str(),
            content,
            credential.isSome() ? view(secret) : mesos_bytes{nullptr, 0},
            &handle,
            failure.place())) {
      mesos::internal::release<Peer<Event>>(context);
      throw std::invalid_argument(failure.message());
    }
  }

  /// What still waits for an answer gets none.
  ~Implementation()
  {
    close();
    std::unique_lock<std::mutex> lock(waiting->mutex);
    waiting->changed.wait(lock, [this] { return waiting->count == 0; });
  }

  void close() { mesos_scheduler_connection_free(handle); }

  mesos_connection handle = {0};
  std::shared_ptr<Waiting> waiting = std::make_shared<Waiting>();
};

Mesos::Mesos(
    const string& master,
    ContentType contentType,
    const function<void()>& connected,
    const function<void()>& disconnected,
    const function<void(const queue<Event>&)>& received,
    const Option<Credential>& credential)
  : implementation(new Implementation(
        master,
        contentType,
        std::make_shared<Peer<Event>>(
            Peer<Event>{connected, disconnected, received}),
        credential))
{}

Mesos::~Mesos() = default;

void Mesos::send(const Call& call)
{
  const string bytes = mesos::internal::serialized(call);
  mesos_scheduler_connection_send(
      implementation->handle, view(bytes), nullptr);
}

Future<APIResult> Mesos::call(const Call& callMessage)
{
  const auto promise = std::make_shared<Promise<APIResult>>();
  const auto waiting = implementation->waiting;
  {
    std::lock_guard<std::mutex> lock(waiting->mutex);
    waiting->count++;
  }
  const mesos_connection handle = implementation->handle;
  const string bytes = mesos::internal::serialized(callMessage);
  std::thread([=] {
    answer(handle, bytes, *promise);
    std::lock_guard<std::mutex> lock(waiting->mutex);
    waiting->count--;
    waiting->changed.notify_all();
  }).detach();
  return promise->future();
}

void Mesos::reconnect()
{
  mesos_scheduler_connection_reconnect(implementation->handle, nullptr);
}

void Mesos::stop()
{
  implementation->close();
}

} // namespace scheduler {
} // namespace v1 {
} // namespace mesos {
