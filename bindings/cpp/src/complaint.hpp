// SPDX-License-Identifier: Apache-2.0

// What nobody else would be told of, on stderr.

#ifndef MESOS_CPP_COMPLAINT_HPP
#define MESOS_CPP_COMPLAINT_HPP

#include <cstdlib>
#include <cstring>
#include <exception>
#include <initializer_list>
#include <iostream>
#include <string>
#include <typeinfo>

#include <cxxabi.h>

namespace mesos {
namespace internal {

inline bool isVariable(
    const char* name, std::initializer_list<const char*> wanted)
{
  const char* value = std::getenv(name);
  for (const char* it : wanted) {
    if (value != nullptr && std::strcmp(value, it) == 0) {
      return true;
    }
  }
  return false;
}

/// Whether nothing is to be printed, as for all that the library prints: see
/// core/client/src/logging.rs.
inline bool isQuiet()
{
  return isVariable("MESOS_QUIET", {"", "1", "true"}) ||
         isVariable("MESOS_INITIALIZE_DRIVER_LOGGING", {"0", "false"});
}

inline void complain(const std::string& text)
{
  if (!isQuiet()) {
    std::cerr << "mesos: " + text + '\n' << std::flush;
  }
}

/// A type and a text, if there is one: an exception need not have any.
inline std::string described(const std::string& type, const char* text)
{
  return text == nullptr ? type : type + ": " + text;
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
    return described(text, exception.what());
  } catch (const std::string& message) {
    return text + ": " + message;
  } catch (const char* message) {
    return described(text, message);
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
