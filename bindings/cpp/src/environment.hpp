// SPDX-License-Identifier: Apache-2.0

#ifndef MESOS_CPP_ENVIRONMENT_HPP
#define MESOS_CPP_ENVIRONMENT_HPP

#include <map>
#include <string>
#include <vector>

namespace mesos {
namespace internal {

/// Variables as mesos.h takes them.
class Environment
{
public:
  /// NULL stands for those of this process.
  explicit Environment(const std::map<std::string, std::string>* variables)
  {
    if (variables == nullptr) {
      return;
    }
    for (const auto& variable : *variables) {
      texts.push_back(variable.first + '=' + variable.second);
    }
    for (const std::string& text : texts) {
      pointers.push_back(text.c_str());
    }
    pointers.push_back(nullptr);
  }

  const char* const* data() const
  {
    return pointers.empty() ? nullptr : pointers.data();
  }

private:
  std::vector<std::string> texts;
  std::vector<const char*> pointers;
};

} // namespace internal {
} // namespace mesos {

#endif // MESOS_CPP_ENVIRONMENT_HPP
