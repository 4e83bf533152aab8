// SPDX-License-Identifier: Apache-2.0

#include <cmath>
#include <stdexcept>

#include <mesos/v1/resources.hpp>

#include "interface.hpp"

namespace mesos {
namespace v1 {

#include "resources.ipp"
#include "values.ipp"

} // namespace v1 {
} // namespace mesos {
