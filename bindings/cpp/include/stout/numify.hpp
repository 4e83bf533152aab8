// SPDX-License-Identifier: Apache-2.0

#ifndef __STOUT_NUMIFY_HPP__
#define __STOUT_NUMIFY_HPP__

#include <sstream>
#include <string>

#include <stout/error.hpp>
#include <stout/try.hpp>

/// The number that a whole text is.
template <typename T>
Try<T> numify(const std::string& text)
{
  std::istringstream stream(text);
  T number;
  stream >> number;
  if (stream.fail() || stream.peek() != std::istringstream::traits_type::eof()) {
    return Error("Failed to convert '" + text + "' to number");
  }
  return number;
}

#endif // __STOUT_NUMIFY_HPP__
