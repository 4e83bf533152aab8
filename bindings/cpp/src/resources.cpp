// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <set>
#include <stdexcept>
#include <utility>
#include <vector>

#include <mesos/resources.hpp>

#include "interface.hpp"

namespace mesos {

#include "resource.ipp"
#include "resources.ipp"
#include "values.ipp"

} // namespace mesos {
