// SPDX-License-Identifier: Apache-2.0

#ifndef __PROCESS_OWNED_HPP__
#define __PROCESS_OWNED_HPP__

#include <memory>
#include <utility>

#include <stout/abort.hpp>

namespace process {

/// A pointer with one owner in mind, which can be copied nevertheless.
template <typename T>
class Owned
{
public:
  Owned() = default;
  explicit Owned(T* t) : data(t) {}

  template <typename U>
  Owned(const Owned<U>& that) : data(that.data)
  {}

  bool operator==(const Owned<T>& that) const { return data == that.data; }
  bool operator<(const Owned<T>& that) const { return data < that.data; }

  T* get() const { return data.get(); }

  T& operator*() const { return *demand(); }
  T* operator->() const { return demand(); }

  void reset() { data.reset(); }
  void reset(T* t) { data.reset(t); }
  void swap(Owned<T>& that) { data.swap(that.data); }

private:
  template <typename U>
  friend class Owned;

  T* demand() const
  {
    if (data == nullptr) {
      _Abort("Owned is empty");
    }
    return data.get();
  }

  std::shared_ptr<T> data;
};

} // namespace process {

#endif // __PROCESS_OWNED_HPP__
