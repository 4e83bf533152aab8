// SPDX-License-Identifier: Apache-2.0

#ifndef __STOUT_STRINGS_HPP__
#define __STOUT_STRINGS_HPP__

#include <cctype>
#include <string>
#include <vector>

#include <stout/stringify.hpp>

namespace strings {

/// The parts between any of the delimiters, the empty ones too.
inline std::vector<std::string> split(
    const std::string& text, const std::string& delimiters)
{
  std::vector<std::string> parts;
  size_t begin = 0;
  for (size_t end; (end = text.find_first_of(delimiters, begin)) !=
       std::string::npos;
       begin = end + 1) {
    parts.push_back(text.substr(begin, end - begin));
  }
  parts.push_back(text.substr(begin));
  return parts;
}

/// The parts between any of the delimiters, without the empty ones.
inline std::vector<std::string> tokenize(
    const std::string& text, const std::string& delimiters)
{
  std::vector<std::string> parts;
  for (const std::string& part : split(text, delimiters)) {
    if (!part.empty()) {
      parts.push_back(part);
    }
  }
  return parts;
}

template <typename Iterable>
std::string join(const std::string& separator, const Iterable& parts)
{
  std::string text;
  const char* between = "";
  for (const auto& part : parts) {
    text += between + stringify(part);
    between = separator.c_str();
  }
  return text;
}

inline std::string trim(
    const std::string& text, const std::string& characters = " \t\n\r")
{
  const size_t begin = text.find_first_not_of(characters);
  const size_t end = text.find_last_not_of(characters);
  return begin == std::string::npos ? "" : text.substr(begin, end - begin + 1);
}

inline std::string lower(std::string text)
{
  for (char& c : text) {
    c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return text;
}

inline std::string upper(std::string text)
{
  for (char& c : text) {
    c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return text;
}

inline bool contains(const std::string& text, const std::string& part)
{
  return text.find(part) != std::string::npos;
}

inline bool startsWith(const std::string& text, const std::string& prefix)
{
  return text.compare(0, prefix.size(), prefix) == 0;
}

inline bool endsWith(const std::string& text, const std::string& suffix)
{
  return text.size() >= suffix.size() &&
    text.compare(text.size() - suffix.size(), suffix.size(), suffix) == 0;
}

} // namespace strings {

#endif // __STOUT_STRINGS_HPP__
