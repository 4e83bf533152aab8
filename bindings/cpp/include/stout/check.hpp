// SPDX-License-Identifier: Apache-2.0

#ifndef __STOUT_CHECK_HPP__
#define __STOUT_CHECK_HPP__

#include <stout/abort.hpp>

#define CHECK_SOME(expression)                                                \
  ((expression).isSome()                                                      \
     ? (void)0                                                                \
     : _Abort("CHECK_SOME(" #expression "): there is none"))

#define CHECK_NONE(expression)                                                \
  ((expression).isNone()                                                      \
     ? (void)0                                                                \
     : _Abort("CHECK_NONE(" #expression "): there is one"))

#define CHECK_ERROR(expression)                                               \
  ((expression).isError()                                                     \
     ? (void)0                                                                \
     : _Abort("CHECK_ERROR(" #expression "): there is none"))

#endif // __STOUT_CHECK_HPP__
