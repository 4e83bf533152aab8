// SPDX-License-Identifier: Apache-2.0

#ifndef __VALUES_HPP__
#define __VALUES_HPP__

#include <ostream>
#include <string>

#include <mesos/mesos.hpp>

#include <stout/try.hpp>

namespace mesos {

#include <mesos/internal/values.ipp>

} // namespace mesos {

#endif // __VALUES_HPP__
