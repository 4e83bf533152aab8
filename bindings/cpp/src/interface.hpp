// SPDX-License-Identifier: Apache-2.0

// Crossing mesos.h: messages as bytes, and errors.

#ifndef MESOS_CPP_INTERFACE_HPP
#define MESOS_CPP_INTERFACE_HPP

#include <exception>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <google/protobuf/message_lite.h>

#include <mesos.h>

#include "complaint.hpp"

namespace mesos {
namespace internal {

inline mesos_bytes view(const std::string& text)
{
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

inline std::string text(mesos_bytes bytes)
{
  return std::string(reinterpret_cast<const char*>(bytes.data), bytes.len);
}

/// Whether a text would be cut short on its way to the library.
inline bool hasNul(const std::string& text)
{
  return text.find('\0') != std::string::npos;
}

/// Required fields may be missing: the library says which.
inline std::string serialized(const google::protobuf::MessageLite& message)
{
  return message.SerializePartialAsString();
}

template <typename Message>
Message parsed(mesos_bytes bytes)
{
  Message message;
  message.ParsePartialFromArray(bytes.data, static_cast<int>(bytes.len));
  return message;
}

/// A list of messages or strings, as bytes that live as long as this does.
class List
{
public:
  template <typename Message>
  explicit List(const std::vector<Message>& messages)
  {
    texts.reserve(messages.size());
    views.reserve(messages.size());
    for (const Message& message : messages) {
      texts.push_back(bytesOf(message));
      views.push_back(view(texts.back()));
    }
  }

  const mesos_bytes* data() const { return views.data(); }
  size_t size() const { return views.size(); }

private:
  static std::string bytesOf(const std::string& text) { return text; }

  static std::string bytesOf(const google::protobuf::MessageLite& message)
  {
    return serialized(message);
  }

  std::vector<std::string> texts;
  std::vector<mesos_bytes> views;
};

/// Where a function of mesos.h puts its error.
class Failure
{
public:
  Failure() = default;
  ~Failure() { mesos_error_free(error); }

  Failure(const Failure&) = delete;
  Failure& operator=(const Failure&) = delete;

  mesos_error** place() { return &error; }
  std::string message() const { return mesos_error_get_message(error); }

private:
  mesos_error* error = nullptr;
};

/// Where a function of mesos.h puts its result.
class Buffer
{
public:
  Buffer() = default;
  ~Buffer() { mesos_buffer_free(&buffer); }

  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;

  mesos_buffer* place() { return &buffer; }
  mesos_bytes bytes() const { return {buffer.data, buffer.len}; }

private:
  mesos_buffer buffer = {nullptr, 0};
};

/// Keeps what a callback throws for the one who waits for the driver; as there may be nobody who
/// does, it is told on stderr too.
class Thrown
{
public:
  /// Runs a callback; whether it has returned.
  template <typename Callback>
  bool guard(Callback&& callback)
  {
    try {
      callback();
      return true;
    } catch (...) {
      complainOfThrown();
      std::lock_guard<std::mutex> lock(mutex);
      exception = std::current_exception();
      return false;
    }
  }

  /// Throws it, once.
  void rethrow()
  {
    std::exception_ptr taken;
    {
      std::lock_guard<std::mutex> lock(mutex);
      std::swap(taken, exception);
    }
    if (taken) {
      std::rethrow_exception(taken);
    }
  }

private:
  std::mutex mutex;
  std::exception_ptr exception;
};

/// Gives the library a share of `value`, as a `context`.
template <typename T>
void* share(const std::shared_ptr<T>& value)
{
  return new std::shared_ptr<T>(value);
}

/// Looks at what `share` has given.
template <typename T>
T& shared(void* context)
{
  return **static_cast<std::shared_ptr<T>*>(context);
}

/// Takes the share back.
template <typename T>
void release(void* context)
{
  delete static_cast<std::shared_ptr<T>*>(context);
}

} // namespace internal {
} // namespace mesos {

#endif // MESOS_CPP_INTERFACE_HPP
