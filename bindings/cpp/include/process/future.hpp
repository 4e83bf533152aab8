// SPDX-License-Identifier: Apache-2.0

#ifndef __PROCESS_FUTURE_HPP__
#define __PROCESS_FUTURE_HPP__

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <stout/abort.hpp>
#include <stout/option.hpp>

namespace process {

template <typename T>
class Promise;

/// A value that is on its way, or why it will not come.
///
/// Callbacks run on the thread that brings the value; on the caller's if it is there already.
template <typename T>
class Future
{
public:
  Future() : state(std::make_shared<State>()) {}

  Future(const T& value) : Future() { set(value); }

  bool isPending() const { return !isReady() && !isFailed(); }

  bool isReady() const
  {
    std::lock_guard<std::mutex> lock(state->mutex);
    return state->value.isSome();
  }

  bool isFailed() const
  {
    std::lock_guard<std::mutex> lock(state->mutex);
    return state->failure.isSome();
  }

  /// Nothing here can be called off.
  bool isDiscarded() const { return false; }

  /// Waits until it is no longer pending.
  bool await() const
  {
    std::unique_lock<std::mutex> lock(state->mutex);
    state->changed.wait(lock, [this] { return state->isDone(); });
    return true;
  }

  /// Waits for the value.
  const T& get() const
  {
    await();
    if (isFailed()) {
      _Abort(("Future::get() but state == FAILED: " + failure()).c_str());
    }
    return state->value.get();
  }

  const T& operator*() const { return get(); }
  const T* operator->() const { return &get(); }

  const std::string& failure() const
  {
    if (!isFailed()) {
      _Abort("Future::failure() but state != FAILED");
    }
    return state->failure.get();
  }

  const Future<T>& onReady(std::function<void(const T&)> callback) const
  {
    return onAny([callback](const Future<T>& future) {
      if (future.isReady()) {
        callback(future.get());
      }
    });
  }

  const Future<T>& onFailed(std::function<void(const std::string&)> callback)
    const
  {
    return onAny([callback](const Future<T>& future) {
      if (future.isFailed()) {
        callback(future.failure());
      }
    });
  }

  const Future<T>& onAny(std::function<void(const Future<T>&)> callback) const
  {
    {
      std::lock_guard<std::mutex> lock(state->mutex);
      if (!state->isDone()) {
        state->callbacks.push_back(std::move(callback));
        return *this;
      }
    }
    callback(*this);
    return *this;
  }

private:
  friend class Promise<T>;

  struct State
  {
    bool isDone() const { return value.isSome() || failure.isSome(); }

    std::mutex mutex;
    std::condition_variable changed;
    Option<T> value;
    Option<std::string> failure;
    std::vector<std::function<void(const Future<T>&)>> callbacks;
  };

  bool set(const T& value)
  {
    return end([&] { state->value = value; });
  }

  bool fail(const std::string& message)
  {
    return end([&] { state->failure = message; });
  }

  template <typename F>
  bool end(F&& change)
  {
    std::vector<std::function<void(const Future<T>&)>> callbacks;
    {
      std::lock_guard<std::mutex> lock(state->mutex);
      if (state->isDone()) {
        return false;
      }
      change();
      callbacks.swap(state->callbacks);
    }
    state->changed.notify_all();
    for (const auto& callback : callbacks) {
      callback(*this);
    }
    return true;
  }

  std::shared_ptr<State> state;
};

/// Brings a Future its value.
template <typename T>
class Promise
{
public:
  bool set(const T& value) { return f.set(value); }
  bool fail(const std::string& message) { return f.fail(message); }
  Future<T> future() const { return f; }

private:
  Future<T> f;
};

} // namespace process {

#endif // __PROCESS_FUTURE_HPP__
