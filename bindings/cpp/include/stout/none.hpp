// SPDX-License-Identifier: Apache-2.0

#ifndef __STOUT_NONE_HPP__
#define __STOUT_NONE_HPP__

/// No value; converts to any empty Option.
struct None {};

#endif // __STOUT_NONE_HPP__
