// SPDX-License-Identifier: Apache-2.0

// The messages of the v0 API.

#ifndef __MESOS_HPP__
#define __MESOS_HPP__

#include <mesos/mesos.pb.h>

#include <mesos/version.hpp>

#endif // __MESOS_HPP__
