// SPDX-License-Identifier: Apache-2.0

// The version of Mesos whose interfaces these are.

#ifndef __MESOS_VERSION_HPP__
#define __MESOS_VERSION_HPP__

#define MESOS_VERSION "1.11.0"

#define MESOS_MAJOR_VERSION "1"
#define MESOS_MAJOR_VERSION_NUM 1

#define MESOS_MINOR_VERSION "11"
#define MESOS_MINOR_VERSION_NUM 11

#define MESOS_PATCH_VERSION "0"
#define MESOS_PATCH_VERSION_NUM 0

#endif // __MESOS_VERSION_HPP__
