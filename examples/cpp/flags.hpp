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
  struct Flag
  {
    std::string value;
    std::string about;
  };

  /// Takes every flag by its name, with its default and what it is. Throws std::invalid_argument
  /// for what is wrong.
  Flags(int argc, char** argv, const std::map<std::string, Flag>& known)
    : flags(known)
  {
    flags["help"] = {"false", "whether to print only this"};
    text = usageOf(argv[0]);
    for (auto& flag : flags) {
      if (const char* value = std::getenv(variable(flag.first).c_str())) {
        flag.second.value = value;
      }
    }
    for (int i = 1; i < argc; i++) {
      take(argv[i]);
    }
  }

  const std::string& operator[](const std::string& name) const
  {
    return flags.at(name).value;
  }

  /// All flags with their defaults.
  const std::string& usage() const { return text; }

  /// Whether a flag of truth is set.
  bool isSet(const std::string& name) const
  {
    const std::string& value = flags.at(name).value;
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
    const auto flag = flags.find(name.compare(0, 2, "--") ? "" : name.substr(2));
    if (flag == flags.end()) {
      std::string names;
      for (const auto& known : flags) {
        names += " --" + known.first;
      }
      throw std::invalid_argument(
          "'" + argument + "' is no flag; there are" + names);
    }
    flag->second.value =
      equals == std::string::npos ? "true" : argument.substr(equals + 1);
  }

  std::string usageOf(const std::string& program) const
  {
    std::string usage = "Usage: " + program + " [options]\n";
    for (const auto& flag : flags) {
      usage += "\n  --" + flag.first + "=VALUE\n        " + flag.second.about +
        " (default: '" + flag.second.value + "')\n";
    }
    return usage;
  }

  static std::string variable(const std::string& name)
  {
    std::string result = "MESOS_EXAMPLE_";
    for (char c : name) {
      result += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    }
    return result;
  }

  std::map<std::string, Flag> flags;
  std::string text;
};

#endif // FLAGS_HPP
