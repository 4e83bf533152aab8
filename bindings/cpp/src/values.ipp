// SPDX-License-Identifier: Apache-2.0

// Arithmetic of values, once for mesos and once for mesos::v1; see
// include/mesos/internal/values.ipp.
//
// Ranges and sets are dressed as resources, which the library knows to add and subtract. As such
// they must be valid: values may overlap and repeat themselves, resources may not.

namespace {

Resource dressed(const Value::Ranges& ranges)
{
  Resource resource;
  resource.set_name("values");
  resource.set_type(Value::RANGES);
  std::vector<std::pair<uint64_t, uint64_t>> sorted;
  for (const Value::Range& range : ranges.range()) {
    if (range.begin() <= range.end()) {
      sorted.emplace_back(range.begin(), range.end());
    }
  }
  std::sort(sorted.begin(), sorted.end());
  Value::Range* last = nullptr;
  for (const auto& range : sorted) {
    // Not `last->end() + 1`, which may be too large.
    if (last != nullptr &&
        (range.first <= last->end() || range.first - 1 == last->end())) {
      last->set_end(std::max<uint64_t>(last->end(), range.second));
    } else {
      last = resource.mutable_ranges()->add_range();
      last->set_begin(range.first);
      last->set_end(range.second);
    }
  }
  return resource;
}

Resource dressed(const Value::Set& set)
{
  Resource resource;
  resource.set_name("values");
  resource.set_type(Value::SET);
  const std::set<std::string> items(set.item().begin(), set.item().end());
  for (const std::string& item : items) {
    resource.mutable_set()->add_item(item);
  }
  return resource;
}

void undress(const Resources& resources, Value::Ranges& ranges)
{
  ranges.Clear();
  for (const Resource& resource : resources) {
    ranges.MergeFrom(resource.ranges());
  }
}

void undress(const Resources& resources, Value::Set& set)
{
  set.Clear();
  for (const Resource& resource : resources) {
    set.MergeFrom(resource.set());
  }
}

template <typename T>
T& add(T& left, const T& right)
{
  undress(Resources(dressed(left)) + dressed(right), left);
  return left;
}

template <typename T>
T& subtract(T& left, const T& right)
{
  undress(Resources(dressed(left)) - dressed(right), left);
  return left;
}

/// Scalars have three decimals.
long long fixed(const Value::Scalar& scalar)
{
  return std::llround(scalar.value() * 1000);
}

Value::Scalar scalarOf(long long fixed)
{
  Value::Scalar scalar;
  scalar.set_value(static_cast<double>(fixed) / 1000);
  return scalar;
}

} // namespace {

std::ostream& operator<<(std::ostream& stream, const Value::Scalar& scalar)
{
  const std::streamsize precision =
    stream.precision(std::numeric_limits<double>::digits10);
  stream << static_cast<double>(fixed(scalar)) / 1000;
  stream.precision(precision);
  return stream;
}

bool operator==(const Value::Scalar& left, const Value::Scalar& right)
{
  return fixed(left) == fixed(right);
}

bool operator!=(const Value::Scalar& left, const Value::Scalar& right)
{
  return fixed(left) != fixed(right);
}

bool operator<(const Value::Scalar& left, const Value::Scalar& right)
{
  return fixed(left) < fixed(right);
}

bool operator<=(const Value::Scalar& left, const Value::Scalar& right)
{
  return fixed(left) <= fixed(right);
}

bool operator>(const Value::Scalar& left, const Value::Scalar& right)
{
  return fixed(left) > fixed(right);
}

bool operator>=(const Value::Scalar& left, const Value::Scalar& right)
{
  return fixed(left) >= fixed(right);
}

Value::Scalar operator+(const Value::Scalar& left, const Value::Scalar& right)
{
  return scalarOf(fixed(left) + fixed(right));
}

Value::Scalar operator-(const Value::Scalar& left, const Value::Scalar& right)
{
  return scalarOf(fixed(left) - fixed(right));
}

Value::Scalar& operator+=(Value::Scalar& left, const Value::Scalar& right)
{
  return left = left + right;
}

Value::Scalar& operator-=(Value::Scalar& left, const Value::Scalar& right)
{
  return left = left - right;
}

std::ostream& operator<<(std::ostream& stream, const Value::Ranges& ranges)
{
  stream << '[';
  const char* separator = "";
  for (const Value::Range& range : ranges.range()) {
    stream << separator << range.begin() << '-' << range.end();
    separator = ", ";
  }
  return stream << ']';
}

bool operator==(const Value::Ranges& left, const Value::Ranges& right)
{
  return Resources(dressed(left)) == Resources(dressed(right));
}

bool operator<=(const Value::Ranges& left, const Value::Ranges& right)
{
  return Resources(dressed(right)).contains(Resources(dressed(left)));
}

Value::Ranges operator+(const Value::Ranges& left, const Value::Ranges& right)
{
  Value::Ranges result = left;
  return result += right;
}

Value::Ranges operator-(const Value::Ranges& left, const Value::Ranges& right)
{
  Value::Ranges result = left;
  return result -= right;
}

Value::Ranges& operator+=(Value::Ranges& left, const Value::Ranges& right)
{
  return add(left, right);
}

Value::Ranges& operator-=(Value::Ranges& left, const Value::Ranges& right)
{
  return subtract(left, right);
}

std::ostream& operator<<(std::ostream& stream, const Value::Set& set)
{
  stream << '{';
  const char* separator = "";
  for (const std::string& item : set.item()) {
    stream << separator << item;
    separator = ", ";
  }
  return stream << '}';
}

bool operator==(const Value::Set& left, const Value::Set& right)
{
  return Resources(dressed(left)) == Resources(dressed(right));
}

bool operator<=(const Value::Set& left, const Value::Set& right)
{
  return Resources(dressed(right)).contains(Resources(dressed(left)));
}

Value::Set operator+(const Value::Set& left, const Value::Set& right)
{
  Value::Set result = left;
  return result += right;
}

Value::Set operator-(const Value::Set& left, const Value::Set& right)
{
  Value::Set result = left;
  return result -= right;
}

Value::Set& operator+=(Value::Set& left, const Value::Set& right)
{
  return add(left, right);
}

Value::Set& operator-=(Value::Set& left, const Value::Set& right)
{
  return subtract(left, right);
}

std::ostream& operator<<(std::ostream& stream, const Value::Text& value)
{
  return stream << value.value();
}

bool operator==(const Value::Text& left, const Value::Text& right)
{
  return left.value() == right.value();
}

namespace internal {
namespace values {

Try<Value> parse(const std::string& text)
{
  if (mesos::internal::hasNul(text)) {
    return Error("A value has no NUL characters");
  }
  mesos::internal::Buffer result;
  mesos::internal::Failure failure;
  if (!mesos_value_parse(text.c_str(), result.place(), failure.place())) {
    return Error(failure.message());
  }
  return mesos::internal::parsed<Value>(result.bytes());
}

} // namespace values {
} // namespace internal {
