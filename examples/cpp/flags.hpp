// SPDX-License-Identifier: Apache-2.0

// Flags as Mesos's examples have them: --name=value, or MESOS_EXAMPLE_NAME in the environment.

#ifndef FLAGS_HPP
#define FLAGS_HPP

#include <cctype>
#include <cstdlib>
#include <map>
#include <stdexcept>
#include <string>

class Flags
{
public:
  /// Takes every flag by its name and default. Throws std::invalid_argument for what is wrong.
  Flags(int argc, char** argv, const std::map<std::string, std::string>& known)
    : values(known)
  {
    for (auto& flag : values) {
      if (const char* value = std::getenv(variable(flag.first).c_str())) {
        flag.second = value;
      }
    }
    for (int i = 1; i < argc; i++) {
      take(argv[i]);
    }
  }

  const std::string& operator[](const std::string& name) const
  {
    return values.at(name);
  }

  /// Whether a flag of truth is set.
  bool isSet(const std::string& name) const
  {
    const std::string& value = values.at(name);
    if (value == "true" || value == "1") {
      return true;
    }
    if (value == "false" || value == "0") {
      return false;
    }
    throw std::invalid_argument(
        "--" + name + " is '" + value + "'; expected true or false");
  }

private:
  void take(const std::string& argument)
  {
    const size_t equals = argument.find('=');
    const std::string name = argument.substr(0, equals);
    const auto flag = values.find(name.compare(0, 2, "--") ? "" : name.substr(2));
    if (flag == values.end()) {
      std::string names;
      for (const auto& known : values) {
        names += " --" + known.first;
      }
      throw std::invalid_argument(
          "'" + argument + "' is no flag; there are" + names);
    }
    flag->second =
      equals == std::string::npos ? "true" : argument.substr(equals + 1);
  }

  static std::string variable(const std::string& name)
  {
    std::string result = "MESOS_EXAMPLE_";
    for (char c : name) {
      result += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    }
    return result;
  }

  std::map<std::string, std::string> values;
};

#endif // FLAGS_HPP
