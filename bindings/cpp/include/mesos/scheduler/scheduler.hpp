// SPDX-License-Identifier: Apache-2.0

#ifndef __SCHEDULER_PROTO_HPP__
#define __SCHEDULER_PROTO_HPP__

#include <ostream>

#include <mesos/scheduler/scheduler.pb.h>

namespace mesos {
namespace scheduler {

inline std::ostream& operator<<(std::ostream& stream, const Call::Type& type)
{
  return stream << Call::Type_Name(type);
}

inline std::ostream& operator<<(std::ostream& stream, const Event::Type& type)
{
  return stream << Event::Type_Name(type);
}

} // namespace scheduler {
} // namespace mesos {

#endif // __SCHEDULER_PROTO_HPP__
