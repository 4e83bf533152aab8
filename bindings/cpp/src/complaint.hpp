// SPDX-License-Identifier: Apache-2.0

// What nobody else would be told of, on stderr.

#ifndef MESOS_CPP_COMPLAINT_HPP
#define MESOS_CPP_COMPLAINT_HPP

#include <cstdlib>
#include <exception>
#include <iostream>
#include <string>
#include <typeinfo>

#include <cxxabi.h>

namespace mesos {
namespace internal {

/// Whether nothing is to be printed, as for all that the library prints.
inline bool isQuiet()
{
  const char* value = std::getenv("MESOS_QUIET");
  const std::string quiet = value == nullptr ? "no" : value;
  return quiet.empty() || quiet == "1" || quiet == "true";
}

inline void complain(const std::string& text)
{
  if (!isQuiet()) {
    std::cerr << "mesos: " + text + '\n' << std::flush;
  }
}

/// Type and text of what is being caught, which may be anything.
inline std::string described()
{
  const std::type_info* type = abi::__cxa_current_exception_type();
  std::string text = "something";
  if (type != nullptr) {
    char* name = abi::__cxa_demangle(type->name(), nullptr, nullptr, nullptr);
    text = name == nullptr ? type->name() : name;
    std::free(name);
  }
  try {
    throw;
  } catch (const std::exception& exception) {
    return text + ": " + exception.what();
  } catch (const std::string& message) {
    return text + ": " + message;
  } catch (const char* message) {
    return text + ": " + (message == nullptr ? "" : message);
  } catch (...) {
    return text;
  }
}

/// Tells what is being caught. If even that fails, there is nobody left to tell.
inline void complainOfThrown() noexcept
{
  try {
    complain("a callback has thrown " + described() + "; its driver is aborted");
  } catch (...) {
  }
}

} // namespace internal {
} // namespace mesos {

#endif // MESOS_CPP_COMPLAINT_HPP
