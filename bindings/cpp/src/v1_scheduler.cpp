// SPDX-License-Identifier: Apache-2.0

#include <mesos/v1/scheduler.hpp>

#include <condition_variable>
#include <mutex>
#include <system_error>
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

/// The threads that wait for an answer each, or tell it.
class Waiting
{
public:
  void begin()
  {
    std::lock_guard<std::mutex> lock(mutex);
    count++;
  }

  void end()
  {
    std::lock_guard<std::mutex> lock(mutex);
    count--;
    changed.notify_all();
  }

  /// What one of them does.
  template <typename Work>
  void run(Work&& work)
  {
    current = this;
    work();
    end();
  }

  /// Waits for all of them, but not for itself if this is one.
  void untilNone()
  {
    const size_t self = current == this ? 1 : 0;
    std::unique_lock<std::mutex> lock(mutex);
    changed.wait(lock, [=] { return count == self; });
  }

private:
  static thread_local const Waiting* current;

  std::mutex mutex;
  std::condition_variable changed;
  size_t count = 0;
};

thread_local const Waiting* Waiting::current = nullptr;

constexpr unsigned OK = 200;
constexpr unsigned ACCEPTED = 202;

/// Reads an answer, which comes in the content type of the connection.
bool read(const string& text, ContentType contentType, Response* response)
{
  return contentType == ContentType::JSON
    ? google::protobuf::util::JsonStringToMessage(text, response).ok()
    : response->ParseFromString(text);
}

/// Waits for the answer to a call, and brings it.
void answer(
    mesos_connection handle,
    ContentType contentType,
    const string& call,
    Promise<APIResult>& promise)
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
    if (!read(text, contentType, result.mutable_response())) {
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
    : contentType(contentType)
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
    waiting->untilNone();
  }

  void close() { mesos_scheduler_connection_free(handle); }

  const ContentType contentType;
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
  const mesos_connection handle = implementation->handle;
  const ContentType contentType = implementation->contentType;
  const string bytes = mesos::internal::serialized(callMessage);
  waiting->begin();
  try {
    std::thread([=] {
      waiting->run([&] { answer(handle, contentType, bytes, *promise); });
    }).detach();
  } catch (const std::system_error& error) {
    waiting->end();
    promise->fail(string("No thread to wait for the answer: ") + error.what());
  }
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
