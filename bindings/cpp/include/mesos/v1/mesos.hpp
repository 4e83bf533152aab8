// SPDX-License-Identifier: Apache-2.0

// The messages of the v1 API, and comparing, printing and hashing them.

#ifndef __MESOS_V1_HPP__
#define __MESOS_V1_HPP__

#include <ostream>
#include <string>
#include <vector>

#include <mesos/v1/mesos.pb.h>

#include <mesos/internal/hash.hpp>
#include <mesos/internal/protobuf.hpp>

#include <mesos/version.hpp>

#include <stout/option.hpp>

namespace mesos {
namespace v1 {

#define MESOS_AGENT_ID AgentID
#define MESOS_AGENT_INFO AgentInfo
#include <mesos/internal/type_utils.ipp>
#undef MESOS_AGENT_INFO
#undef MESOS_AGENT_ID

} // namespace v1 {
} // namespace mesos {

MESOS_HASHES(mesos::v1, AgentID)

#endif // __MESOS_V1_HPP__
