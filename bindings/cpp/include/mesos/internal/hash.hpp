// SPDX-License-Identifier: Apache-2.0

// Hashes of messages, so that they can be keys of a hashmap or an unordered_map.

#ifndef __MESOS_INTERNAL_HASH_HPP__
#define __MESOS_INTERNAL_HASH_HPP__

#include <cstddef>
#include <functional>
#include <string>
#include <utility>

#include <stout/strings.hpp>

namespace mesos {
namespace internal {

inline void mix(std::size_t& seed, std::size_t hash)
{
  seed ^= hash + 0x9e3779b9 + (seed << 6) + (seed >> 2);
}

inline std::size_t hashOf(const std::string& text)
{
  return std::hash<std::string>()(text);
}

template <typename Id>
std::size_t hashOfContainer(const Id& id)
{
  std::size_t seed = hashOf(id.value());
  if (id.has_parent()) {
    mix(seed, hashOfContainer(id.parent()));
  }
  return seed;
}

} // namespace internal {
} // namespace mesos {

#define MESOS_HASH(Type, expression)                                          \
  namespace std {                                                             \
  template <>                                                                 \
  struct hash<Type>                                                           \
  {                                                                           \
    size_t operator()(const Type& it) const { return expression; }            \
  };                                                                          \
  }

#define MESOS_HASH_NAME(Type)                                                 \
  MESOS_HASH(Type, mesos::internal::hashOf(it.value()))

#define MESOS_HASH_PAIR(First, Second)                                        \
  namespace std {                                                             \
  template <>                                                                 \
  struct hash<std::pair<First, Second>>                                       \
  {                                                                           \
    size_t operator()(const std::pair<First, Second>& it) const               \
    {                                                                         \
      size_t seed = hash<First>()(it.first);                                  \
      mesos::internal::mix(seed, hash<Second>()(it.second));                  \
      return seed;                                                            \
    }                                                                         \
  };                                                                          \
  }

#define MESOS_HASHES(api, AgentID)                                            \
  MESOS_HASH_NAME(api::ExecutorID)                                            \
  MESOS_HASH_NAME(api::FrameworkID)                                           \
  MESOS_HASH_NAME(api::OfferID)                                               \
  MESOS_HASH_NAME(api::OperationID)                                           \
  MESOS_HASH_NAME(api::ResourceProviderID)                                    \
  MESOS_HASH_NAME(api::AgentID)                                               \
  MESOS_HASH_NAME(api::TaskID)                                                \
  MESOS_HASH_NAME(api::UUID)                                                  \
  MESOS_HASH(api::ContainerID, mesos::internal::hashOfContainer(it))          \
  MESOS_HASH(                                                                 \
      api::CommandInfo::URI,                                                  \
      mesos::internal::hashOf(it.value() + '\0' + it.output_file()))          \
  MESOS_HASH(                                                                 \
      api::MachineID,                                                         \
      mesos::internal::hashOf(strings::lower(it.hostname()) + '\0' + it.ip()))\
  MESOS_HASH(api::Image::Type, static_cast<size_t>(it))                       \
  MESOS_HASH(api::TaskState, static_cast<size_t>(it))                         \
  MESOS_HASH(api::TaskStatus_Source, static_cast<size_t>(it))                 \
  MESOS_HASH(api::TaskStatus_Reason, static_cast<size_t>(it))                 \
  MESOS_HASH_PAIR(api::FrameworkID, api::ExecutorID)                          \
  MESOS_HASH_PAIR(api::FrameworkID, api::OperationID)

#endif // __MESOS_INTERNAL_HASH_HPP__
