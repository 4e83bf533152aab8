// SPDX-License-Identifier: Apache-2.0

#ifndef __MESOS_V1_MASTER_PROTO_HPP__
#define __MESOS_V1_MASTER_PROTO_HPP__

#include <ostream>

#include <mesos/v1/master/master.pb.h>

namespace mesos {
namespace v1 {
namespace master {

inline std::ostream& operator<<(std::ostream& stream, const Call::Type& type)
{
  return stream << Call::Type_Name(type);
}

inline std::ostream& operator<<(
    std::ostream& stream, const Response::Type& type)
{
  return stream << Response::Type_Name(type);
}

inline std::ostream& operator<<(std::ostream& stream, const Event::Type& type)
{
  return stream << Event::Type_Name(type);
}

} // namespace master {
} // namespace v1 {
} // namespace mesos {

#endif // __MESOS_V1_MASTER_PROTO_HPP__
