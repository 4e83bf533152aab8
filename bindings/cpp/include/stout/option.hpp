// SPDX-License-Identifier: Apache-2.0

#ifndef __STOUT_OPTION_HPP__
#define __STOUT_OPTION_HPP__

#include <new>
#include <ostream>
#include <type_traits>
#include <utility>

#include <stout/abort.hpp>
#include <stout/none.hpp>
#include <stout/some.hpp>

/// A value, or None.
template <typename T>
class Option
{
public:
  static Option<T> none() { return Option<T>(); }
  static Option<T> some(const T& value) { return Option<T>(value); }

  Option() {}
  Option(const None&) {}
  Option(const T& value) { put(value); }
  Option(T&& value) { put(std::move(value)); }

  template <
      typename U,
      typename = typename std::enable_if<
          std::is_convertible<const U&, T>::value>::type>
  Option(const U& value)
  {
    put(value);
  }

  template <typename U>
  Option(const _Some<U>& some)
  {
    put(some.t);
  }

  template <typename U>
  Option(_Some<U>&& some)
  {
    put(std::move(some.t));
  }

  Option(const Option<T>& that)
  {
    if (that.there) {
      put(that.t);
    }
  }

  Option(Option<T>&& that) noexcept(
      std::is_nothrow_move_constructible<T>::value)
  {
    if (that.there) {
      put(std::move(that.t));
    }
  }

  ~Option() { clear(); }

  Option<T>& operator=(const Option<T>& that)
  {
    if (this != &that) {
      clear();
      if (that.there) {
        put(that.t);
      }
    }
    return *this;
  }

  Option<T>& operator=(Option<T>&& that) noexcept(
      std::is_nothrow_move_constructible<T>::value)
  {
    if (this != &that) {
      clear();
      if (that.there) {
        put(std::move(that.t));
      }
    }
    return *this;
  }

  bool isSome() const { return there; }
  bool isNone() const { return !there; }

  const T& get() const&
  {
    demand();
    return t;
  }

  T& get() &
  {
    demand();
    return t;
  }

  T&& get() &&
  {
    demand();
    return std::move(t);
  }

  const T&& get() const&&
  {
    demand();
    return std::move(t);
  }

  const T* operator->() const { return &get(); }
  T* operator->() { return &get(); }
  const T& operator*() const& { return get(); }
  T& operator*() & { return get(); }
  T&& operator*() && { return std::move(*this).get(); }

  /// The value, or another.
  template <typename U>
  T getOrElse(U&& other) const&
  {
    return there ? t : static_cast<T>(std::forward<U>(other));
  }

  bool operator==(const Option<T>& that) const
  {
    return there == that.there && (!there || t == that.t);
  }

  bool operator!=(const Option<T>& that) const { return !(*this == that); }
  bool operator==(const None&) const { return !there; }
  bool operator!=(const None&) const { return there; }
  bool operator==(const T& that) const { return there && t == that; }
  bool operator!=(const T& that) const { return !(*this == that); }

private:
  template <typename U>
  void put(U&& value)
  {
    new (&t) T(std::forward<U>(value));
    there = true;
  }

  void clear()
  {
    if (there) {
      there = false;
      t.~T();
    }
  }

  void demand() const
  {
    if (!there) {
      _Abort("Option::get() but state == NONE");
    }
  }

  bool there = false;

  union {
    T t;
  };
};

template <typename T>
std::ostream& operator<<(std::ostream& stream, const Option<T>& option)
{
  return option.isSome() ? stream << option.get() : stream << "NONE";
}

#endif // __STOUT_OPTION_HPP__
