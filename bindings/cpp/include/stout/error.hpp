// SPDX-License-Identifier: Apache-2.0

#ifndef __STOUT_ERROR_HPP__
#define __STOUT_ERROR_HPP__

#include <ostream>
#include <string>
#include <utility>

/// Why something failed.
class Error
{
public:
  explicit Error(std::string text) : message(std::move(text)) {}

  bool operator==(const Error& that) const { return message == that.message; }
  bool operator!=(const Error& that) const { return message != that.message; }

  const std::string message;
};

inline std::ostream& operator<<(std::ostream& stream, const Error& error)
{
  return stream << error.message;
}

#endif // __STOUT_ERROR_HPP__
