// SPDX-License-Identifier: Apache-2.0

// What `<<` and `==` need for containers of protobuf, found by their namespace.

#ifndef __MESOS_INTERNAL_PROTOBUF_HPP__
#define __MESOS_INTERNAL_PROTOBUF_HPP__

#include <ostream>

#include <google/protobuf/map.h>
#include <google/protobuf/repeated_field.h>

namespace google {
namespace protobuf {

template <typename Key, typename Value>
bool operator==(const Map<Key, Value>& left, const Map<Key, Value>& right)
{
  if (left.size() != right.size()) {
    return false;
  }
  for (const auto& entry : left) {
    auto found = right.find(entry.first);
    if (found == right.end() || !(found->second == entry.second)) {
      return false;
    }
  }
  return true;
}

template <typename Key, typename Value>
bool operator!=(const Map<Key, Value>& left, const Map<Key, Value>& right)
{
  return !(left == right);
}

template <typename Key, typename Value>
std::ostream& operator<<(std::ostream& stream, const Map<Key, Value>& map)
{
  stream << "{ ";
  const char* separator = "";
  for (const auto& entry : map) {
    stream << separator << entry.first << ": " << entry.second;
    separator = ", ";
  }
  return stream << " }";
}

template <typename T>
std::ostream& operator<<(
    std::ostream& stream, const RepeatedPtrField<T>& elements)
{
  stream << "[ ";
  const char* separator = "";
  for (const T& element : elements) {
    stream << separator << element;
    separator = ", ";
  }
  return stream << " ]";
}

} // namespace protobuf {
} // namespace google {

#endif // __MESOS_INTERNAL_PROTOBUF_HPP__
