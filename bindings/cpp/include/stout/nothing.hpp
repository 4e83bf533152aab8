// SPDX-License-Identifier: Apache-2.0

#ifndef __STOUT_NOTHING_HPP__
#define __STOUT_NOTHING_HPP__

/// What a Try holds that has nothing to tell but success.
struct Nothing
{
  bool operator==(const Nothing&) const { return true; }
  bool operator!=(const Nothing&) const { return false; }
};

#endif // __STOUT_NOTHING_HPP__
