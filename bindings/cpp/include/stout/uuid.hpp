// SPDX-License-Identifier: Apache-2.0

// Names of status updates: an executor of the v1 API makes them itself.

#ifndef __STOUT_UUID_HPP__
#define __STOUT_UUID_HPP__

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <ostream>
#include <random>
#include <string>

#include <stout/error.hpp>
#include <stout/try.hpp>

namespace id {

/// Sixteen bytes that nobody else has.
struct UUID
{
public:
  /// A new one, of version 4.
  static UUID random()
  {
    std::random_device device;
    UUID uuid;
    for (uint8_t& byte : uuid.data) {
      byte = static_cast<uint8_t>(device());
    }
    uuid.data[6] = static_cast<uint8_t>((uuid.data[6] & 0x0f) | 0x40);
    uuid.data[8] = static_cast<uint8_t>((uuid.data[8] & 0x3f) | 0x80);
    return uuid;
  }

  /// Refuses what has another length, or none of the versions 1 to 5.
  static Try<UUID> fromBytes(const std::string& bytes)
  {
    UUID uuid;
    if (bytes.size() != uuid.data.size()) {
      return Error("Not a valid UUID");
    }
    std::copy(bytes.begin(), bytes.end(), uuid.data.begin());
    const int version = uuid.data[6] >> 4;
    if (version < 1 || version > 5) {
      return Error("Not a valid UUID");
    }
    return uuid;
  }

  /// Takes what `toString` gives; also without hyphens, in braces, and in capitals.
  static Try<UUID> fromString(const std::string& text)
  {
    const bool braced = !text.empty() && text.front() == '{';
    if (braced && text.back() != '}') {
      return Error("invalid uuid string");
    }
    const std::string inner =
      braced ? text.substr(1, text.size() - 2) : text;
    const bool hyphens = inner.size() > 8 && inner[8] == '-';
    std::string digits;
    for (size_t i = 0; i < inner.size(); i++) {
      if (!hyphens || !isHyphen(i)) {
        digits += inner[i];
      } else if (inner[i] != '-') {
        return Error("invalid uuid string");
      }
    }
    UUID uuid;
    if (digits.size() != 2 * uuid.data.size() ||
        inner.size() != digits.size() + (hyphens ? 4 : 0) ||
        digits.find_first_not_of("0123456789abcdefABCDEF") !=
          std::string::npos) {
      return Error("invalid uuid string");
    }
    for (size_t i = 0; i < uuid.data.size(); i++) {
      const unsigned long byte = std::stoul(digits.substr(2 * i, 2), nullptr, 16);
      uuid.data[i] = static_cast<uint8_t>(byte);
    }
    return uuid;
  }

  std::string toBytes() const
  {
    return std::string(data.begin(), data.end());
  }

  std::string toString() const
  {
    static const char digits[] = "0123456789abcdef";
    std::string text;
    for (uint8_t byte : data) {
      if (isHyphen(text.size())) {
        text += '-';
      }
      text += digits[byte >> 4];
      text += digits[byte & 15];
    }
    return text;
  }

  bool operator==(const UUID& that) const { return data == that.data; }
  bool operator!=(const UUID& that) const { return data != that.data; }
  bool operator<(const UUID& that) const { return data < that.data; }

private:
  UUID() = default;

  /// Where hyphens are in the text of one.
  static bool isHyphen(size_t place)
  {
    return place == 8 || place == 13 || place == 18 || place == 23;
  }

  std::array<uint8_t, 16> data{};
};

inline std::ostream& operator<<(std::ostream& stream, const UUID& uuid)
{
  return stream << uuid.toString();
}

} // namespace id {

namespace std {

template <>
struct hash<id::UUID>
{
  size_t operator()(const id::UUID& uuid) const
  {
    return hash<string>()(uuid.toBytes());
  }
};

} // namespace std {

#endif // __STOUT_UUID_HPP__
