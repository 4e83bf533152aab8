// SPDX-License-Identifier: Apache-2.0

#include <cmath>
#include <stdexcept>

#include <mesos/resources.hpp>

#include "interface.hpp"

namespace mesos {

#include "resources.ipp"
#include "values.ipp"

} // namespace mesos {
