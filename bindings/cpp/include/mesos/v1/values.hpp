// SPDX-License-Identifier: Apache-2.0

#ifndef __V1_VALUES_HPP__
#define __V1_VALUES_HPP__

#include <ostream>
#include <string>

#include <mesos/v1/mesos.hpp>

#include <stout/try.hpp>

namespace mesos {
namespace v1 {

#include <mesos/internal/values.ipp>

} // namespace v1 {
} // namespace mesos {

#endif // __V1_VALUES_HPP__
