// SPDX-License-Identifier: Apache-2.0

#ifndef __STOUT_SOME_HPP__
#define __STOUT_SOME_HPP__

#include <type_traits>
#include <utility>

/// A value on its way into an Option or a Try.
template <typename T>
struct _Some
{
  explicit _Some(T value) : t(std::move(value)) {}
  T t;
};

template <typename T>
_Some<typename std::decay<T>::type> Some(T&& value)
{
  return _Some<typename std::decay<T>::type>(std::forward<T>(value));
}

#endif // __STOUT_SOME_HPP__
