// SPDX-License-Identifier: Apache-2.0

#ifndef __STOUT_ABORT_HPP__
#define __STOUT_ABORT_HPP__

#include <cstdio>
#include <cstdlib>

/// Ends the program: it has asked for what is not there.
[[noreturn]] inline void _Abort(const char* text)
{
  std::fprintf(stderr, "ABORT: %s\n", text);
  std::abort();
}

#endif // __STOUT_ABORT_HPP__
