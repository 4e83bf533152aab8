// SPDX-License-Identifier: Apache-2.0

// Collections of resources: parsing, arithmetic, and choosing of them.

#ifndef __MESOS_RESOURCES_HPP__
#define __MESOS_RESOURCES_HPP__

#include <cstddef>
#include <functional>
#include <map>
#include <ostream>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <google/protobuf/repeated_field.h>

#include <mesos/mesos.hpp>
#include <mesos/type_utils.hpp>
#include <mesos/values.hpp>

#include <stout/bytes.hpp>
#include <stout/check.hpp>
#include <stout/error.hpp>
#include <stout/foreach.hpp>
#include <stout/hashmap.hpp>
#include <stout/lambda.hpp>
#include <stout/nothing.hpp>
#include <stout/option.hpp>
#include <stout/stringify.hpp>
#include <stout/strings.hpp>
#include <stout/try.hpp>

namespace mesos {

#include <mesos/internal/resources.ipp>

} // namespace mesos {

#endif // __MESOS_RESOURCES_HPP__
