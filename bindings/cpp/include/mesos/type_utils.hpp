// SPDX-License-Identifier: Apache-2.0

// Comparing, printing and hashing the messages of the v0 API.

#ifndef __MESOS_TYPE_UTILS_H__
#define __MESOS_TYPE_UTILS_H__

#include <ostream>
#include <string>
#include <vector>

#include <mesos/mesos.hpp>

#include <mesos/internal/hash.hpp>
#include <mesos/internal/protobuf.hpp>

#include <stout/option.hpp>
#include <stout/stringify.hpp>
#include <stout/strings.hpp>
#include <stout/uuid.hpp>

namespace mesos {

#define MESOS_AGENT_ID SlaveID
#define MESOS_AGENT_INFO SlaveInfo
#include <mesos/internal/type_utils.ipp>
#undef MESOS_AGENT_INFO
#undef MESOS_AGENT_ID

} // namespace mesos {

MESOS_HASHES(mesos, SlaveID)

#endif // __MESOS_TYPE_UTILS_H__
