// SPDX-License-Identifier: Apache-2.0

#ifndef __STOUT_TRY_HPP__
#define __STOUT_TRY_HPP__

#include <string>
#include <type_traits>
#include <utility>

#include <stout/abort.hpp>
#include <stout/error.hpp>
#include <stout/option.hpp>

/// A value, or why there is none.
template <typename T, typename E = Error>
class Try
{
public:
  static Try<T, E> some(const T& value) { return Try<T, E>(value); }
  static Try<T, E> error(const E& e) { return Try<T, E>(e); }

  Try(const T& value) : data(value) {}
  Try(T&& value) : data(std::move(value)) {}
  Try(const E& e) : error_(e) {}

  template <
      typename U,
      typename = typename std::enable_if<
          std::is_convertible<const U&, T>::value>::type>
  Try(const U& value) : data(T(value))
  {}

  template <typename U>
  Try(const _Some<U>& some) : data(some.t)
  {}

  Try(const Try&) = default;
  Try(Try&&) = default;

  Try& operator=(const Try& that)
  {
    data = that.data;
    error_ = that.error_;
    return *this;
  }

  Try& operator=(Try&& that)
  {
    data = std::move(that.data);
    error_ = std::move(that.error_);
    return *this;
  }

  bool isSome() const { return data.isSome(); }
  bool isError() const { return data.isNone(); }

  const T& get() const&
  {
    demand();
    return data.get();
  }

  T& get() &
  {
    demand();
    return data.get();
  }

  T&& get() &&
  {
    demand();
    return std::move(data).get();
  }

  const T* operator->() const { return &get(); }
  T* operator->() { return &get(); }
  const T& operator*() const& { return get(); }
  T& operator*() & { return get(); }
  T&& operator*() && { return std::move(*this).get(); }

  /// The text of an Error; any other E as it is.
  typename std::conditional<
      std::is_base_of<Error, E>::value,
      const std::string&,
      const E&>::type
  error() const
  {
    if (error_.isNone()) {
      _Abort("Try::error() but state == SOME");
    }
    return describe(error_.get());
  }

private:
  static const std::string& describe(const Error& e) { return e.message; }

  template <typename X>
  static typename std::
    enable_if<!std::is_base_of<Error, X>::value, const X&>::type
    describe(const X& e)
  {
    return e;
  }

  static std::string text(const Error& e) { return e.message; }

  template <typename X>
  static
    typename std::enable_if<!std::is_base_of<Error, X>::value, std::string>::type
    text(const X&)
  {
    return "not an Error";
  }

  void demand() const
  {
    if (data.isNone()) {
      _Abort(
          ("Try::get() but state == ERROR: " + text(error_.get())).c_str());
    }
  }

  Option<T> data;
  Option<E> error_;
};

#endif // __STOUT_TRY_HPP__
