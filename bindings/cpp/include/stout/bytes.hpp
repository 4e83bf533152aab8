// SPDX-License-Identifier: Apache-2.0

#ifndef __STOUT_BYTES_HPP__
#define __STOUT_BYTES_HPP__

#include <cstdint>
#include <ostream>

/// An amount of memory or disk.
class Bytes
{
public:
  static constexpr uint64_t BYTES = 1;
  static constexpr uint64_t KILOBYTES = 1024 * BYTES;
  static constexpr uint64_t MEGABYTES = 1024 * KILOBYTES;
  static constexpr uint64_t GIGABYTES = 1024 * MEGABYTES;
  static constexpr uint64_t TERABYTES = 1024 * GIGABYTES;

  constexpr Bytes(uint64_t amount = 0) : value(amount) {}
  constexpr Bytes(uint64_t amount, uint64_t unit) : value(amount * unit) {}

  constexpr uint64_t bytes() const { return value; }
  constexpr double kilobytes() const { return double(value) / KILOBYTES; }
  constexpr double megabytes() const { return double(value) / MEGABYTES; }
  constexpr double gigabytes() const { return double(value) / GIGABYTES; }
  constexpr double terabytes() const { return double(value) / TERABYTES; }

  constexpr bool operator<(const Bytes& that) const { return value < that.value; }
  constexpr bool operator>(const Bytes& that) const { return value > that.value; }
  constexpr bool operator<=(const Bytes& that) const { return value <= that.value; }
  constexpr bool operator>=(const Bytes& that) const { return value >= that.value; }
  constexpr bool operator==(const Bytes& that) const { return value == that.value; }
  constexpr bool operator!=(const Bytes& that) const { return value != that.value; }

  Bytes& operator+=(const Bytes& that)
  {
    value += that.value;
    return *this;
  }

  Bytes& operator-=(const Bytes& that)
  {
    value -= that.value;
    return *this;
  }

private:
  uint64_t value;
};

inline Bytes operator+(Bytes left, const Bytes& right) { return left += right; }
inline Bytes operator-(Bytes left, const Bytes& right) { return left -= right; }

constexpr Bytes Kilobytes(uint64_t amount) { return {amount, Bytes::KILOBYTES}; }
constexpr Bytes Megabytes(uint64_t amount) { return {amount, Bytes::MEGABYTES}; }
constexpr Bytes Gigabytes(uint64_t amount) { return {amount, Bytes::GIGABYTES}; }
constexpr Bytes Terabytes(uint64_t amount) { return {amount, Bytes::TERABYTES}; }

/// In the largest unit that leaves no remainder.
inline std::ostream& operator<<(std::ostream& stream, const Bytes& bytes)
{
  const uint64_t value = bytes.bytes();
  const struct {
    uint64_t size;
    const char* name;
  } units[] = {
    {Bytes::TERABYTES, "TB"},
    {Bytes::GIGABYTES, "GB"},
    {Bytes::MEGABYTES, "MB"},
    {Bytes::KILOBYTES, "KB"},
  };
  for (const auto& unit : units) {
    if (value >= unit.size && value % unit.size == 0) {
      return stream << value / unit.size << unit.name;
    }
  }
  return stream << value << "B";
}

#endif // __STOUT_BYTES_HPP__
