// SPDX-License-Identifier: Apache-2.0

#ifndef __STOUT_STRINGIFY_HPP__
#define __STOUT_STRINGIFY_HPP__

#include <sstream>
#include <string>

/// What `<<` prints.
template <typename T>
std::string stringify(const T& value)
{
  std::ostringstream stream;
  stream << value;
  return stream.str();
}

inline std::string stringify(bool value) { return value ? "true" : "false"; }
inline std::string stringify(const std::string& text) { return text; }

#endif // __STOUT_STRINGIFY_HPP__
