// SPDX-License-Identifier: Apache-2.0

// What resources, values and the types of stout do; with an argument, how it ends when there is no
// value.

#include <cstdint>
#include <limits>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <mesos/resources.hpp>
#include <mesos/type_utils.hpp>

#include <mesos/v1/resources.hpp>

#include <stout/numify.hpp>
#include <stout/strings.hpp>
#include <stout/uuid.hpp>

#include "check.hpp"

using namespace mesos;

using std::string;

Resources parsed(const string& text, const string& role = "*")
{
  const Try<Resources> resources = Resources::parse(text, role);
  EXPECT(resources.isSome());
  return resources.get();
}

Resource reservedTo(const string& role, Resource resource)
{
  Resource::ReservationInfo* reservation = resource.add_reservations();
  reservation->set_type(Resource::ReservationInfo::DYNAMIC);
  reservation->set_role(role);
  return resource;
}

void text_becomes_resources_and_text_again()
{
  const string text = "cpus:4; mem:1024.5; ports:[31000-31005, 31010-31010]; "
                      "things:{a, b}";
  EXPECT_EQ(text, stringify(parsed(text)));
  EXPECT_EQ("{}", stringify(Resources()));
  EXPECT_EQ(parsed("cpus:1.5"), parsed("cpus:1; cpus:0.5"));
  const Try<Resources> json = Resources::parse(
      R"([{"name": "cpus", "type": "SCALAR", "scalar": {"value": 8}}])");
  EXPECT_EQ(parsed("cpus:8"), json.get());
}

void text_that_is_none_is_refused_with_a_reason()
{
  EXPECT(Resources::parse("cpus").isError());
  EXPECT(!Resources::parse("cpus").error().empty());
  EXPECT(Resources::parse("cpus", "x:y", "*").isError());
  const string cut("cpus:1\0;mem:5", 13);
  EXPECT(Resources::parse(cut).isError());
  EXPECT(Resources::fromString(cut).isError());
  EXPECT(Resources::parse("cpus", string("1\0", 2), "*").isError());
}

void one_resource_is_parsed()
{
  const Try<Resource> mem = Resources::parse("mem", "1024", "web");
  EXPECT_EQ("mem", mem->name());
  EXPECT_EQ(1024, mem->scalar().value());
  EXPECT(Resources::isReserved(mem.get(), string("web")));
  EXPECT(!Resources::isReserved(mem.get(), string("other")));
  // Whatever may be made of it.
  EXPECT_EQ(0, Resources::parse("mem", "0", "*")->scalar().value());
}

void text_is_read_without_making_a_collection_of_it()
{
  const string text = "cpus(web):1;cpus(web):2;mem:0; :4";
  const std::vector<Resource> list = Resources::fromString(text).get();
  EXPECT_EQ(4u, list.size());
  EXPECT_EQ(1, list[0].scalar().value());
  EXPECT(Resources::isReserved(list[1], string("web")));
  EXPECT_EQ("", list[3].name());
  EXPECT(Resources::parse(text).isError());
  const string json = R"([{"name": "cpus", "type": "SCALAR", "role": "web",
                           "scalar": {"value": 8}}])";
  EXPECT(Resources::isReserved(Resources::fromString(json)->at(0), string("web")));
  EXPECT(Resources::fromSimpleString(json).isError());
}

void sums_and_differences_are_kept_combined()
{
  Resources sum = parsed("cpus:1;ports:[1-5]") + parsed("cpus:2;ports:[6-9]");
  EXPECT_EQ("cpus:3; ports:[1-9]", stringify(sum));
  sum -= parsed("ports:[2-3]");
  sum += parsed("mem:5");
  EXPECT_EQ("cpus:3; ports:[1-1, 4-9]; mem:5", stringify(sum));
  EXPECT_EQ(3u, sum.size());
  EXPECT((sum - sum).empty());
  // Never below nothing.
  EXPECT((parsed("cpus:1") - parsed("cpus:2")).empty());
}

void a_collection_contains_its_parts()
{
  const Resources all = parsed("cpus:4;mem:512;ports:[1-10]");
  EXPECT(all.contains(parsed("cpus:4;ports:[2-3]")));
  EXPECT(!all.contains(parsed("cpus:4.001")));
  EXPECT(!all.contains(parsed("cpus:1", "web")));
  EXPECT(!all.contains(Resource())); // Invalid.
  EXPECT(contains(*parsed("cpus:2").begin(), *parsed("cpus:1").begin()));
}

void invalid_and_empty_resources_are_left_out()
{
  Resource negative = *parsed("cpus:1").begin();
  negative.mutable_scalar()->set_value(-1);
  EXPECT(Resources(negative).empty());
  EXPECT(Resources::validate(negative).isSome());
  EXPECT(Resources::validate(*parsed("cpus:1").begin()).isNone());
  EXPECT(Resources(std::vector<Resource>{Resource(), negative}).empty());
}

void reservations_are_pushed_and_popped()
{
  const Resources plain = parsed("cpus:1");
  Resource::ReservationInfo reservation;
  reservation.set_type(Resource::ReservationInfo::DYNAMIC);
  reservation.set_role("web");
  const Resources reserved = plain.pushReservation(reservation);
  EXPECT_EQ("web", Resources::reservationRole(*reserved.begin()));
  EXPECT(Resources::isDynamicallyReserved(*reserved.begin()));
  EXPECT(Resources::isAllocatableTo(*reserved.begin(), "web/child"));
  EXPECT(!Resources::isAllocatableTo(*reserved.begin(), "website"));
  EXPECT_EQ(plain, reserved.popReservation());
  EXPECT_EQ(plain, reserved.toUnreserved());
  const Resources both = reserved + plain;
  EXPECT_EQ(plain, both.unreserved());
  EXPECT_EQ(reserved, both.reserved(string("web")));
  EXPECT_EQ(reserved, both.reservations().at("web"));
  EXPECT_EQ(1u, both.reservations().size());
  bool refused = false;
  try {
    plain.popReservation();
  } catch (const std::invalid_argument&) {
    refused = true;
  }
  EXPECT(refused);
}

void quantities_are_found_wherever_they_are_reserved()
{
  const Resources all =
    parsed("cpus:1;mem:10") + Resources(reservedTo("web", *parsed("cpus:2").begin()));
  const Option<Resources> found = all.find(parsed("cpus:2.5"));
  EXPECT(found.isSome());
  EXPECT_EQ(parsed("cpus:2.5"), found->toUnreserved());
  EXPECT(all.find(parsed("cpus:4")).isNone());
}

void an_allocation_is_part_of_a_resource()
{
  Resources resources = parsed("cpus:1");
  resources.allocate("web");
  EXPECT(!resources.contains(parsed("cpus:1")));
  EXPECT_EQ("cpus(allocated: web):1", stringify(resources));
  EXPECT_EQ(resources, resources.allocations().at("web"));
  resources.unallocate();
  EXPECT_EQ(parsed("cpus:1"), resources);
}

void amounts_are_read()
{
  const Resources all = parsed("cpus:2.5;mem:64;ports:[1-2];words:{a}");
  EXPECT_EQ(2.5, all.cpus().get());
  EXPECT_EQ(Megabytes(64), all.mem().get());
  EXPECT(all.disk().isNone());
  EXPECT(all.gpus().isNone());
  EXPECT_EQ("[1-2]", stringify(all.ports().get()));
  EXPECT_EQ("{a}", stringify(all.get<Value::Set>("words").get()));
  EXPECT_EQ(parsed("mem:64"), all.get("mem"));
  EXPECT_EQ(4u, all.names().size());
  EXPECT_EQ(Value::RANGES, all.types().at("ports"));
  const google::protobuf::RepeatedPtrField<Resource> list = all;
  EXPECT_EQ(4, list.size());
  EXPECT(list == all);
}

void shared_resources_are_counted()
{
  Resource volume = reservedTo("web", *parsed("disk:64").begin());
  volume.mutable_disk()->mutable_persistence()->set_id("id");
  volume.mutable_disk()->mutable_volume()->set_container_path("path");
  volume.mutable_disk()->mutable_volume()->set_mode(Volume::RW);
  volume.mutable_shared();
  const Resources twice = Resources(volume) + volume;
  EXPECT_EQ(1u, twice.size());
  EXPECT_EQ(2u, twice.count(volume));
  EXPECT_EQ(1u, (twice - volume).count(volume));
  EXPECT((twice - volume - volume).empty());
  EXPECT(Resources::isPersistentVolume(volume));
  EXPECT_EQ(twice, twice.shared());
}

void operations_and_conversions_are_applied()
{
  const Resources plain = parsed("cpus:2");
  const Resource reserved = reservedTo("web", *parsed("cpus:1").begin());
  Offer::Operation operation;
  operation.set_type(Offer::Operation::RESERVE);
  *operation.mutable_reserve()->add_resources() = reserved;
  const Try<Resources> applied = plain.apply(operation);
  EXPECT(applied.isSome());
  EXPECT_EQ(parsed("cpus:1") + reserved, applied.get());
  EXPECT(Resources().apply(operation).isError());

  const ResourceConversion conversion(parsed("cpus:1"), reserved);
  EXPECT_EQ(applied.get(), plain.apply(conversion).get());
  EXPECT(parsed("mem:1").apply(conversion).isError());
  EXPECT(plain.apply(std::vector<ResourceConversion>(3, conversion)).isError());
}

void values_add_up()
{
  Value::Scalar tenth;
  tenth.set_value(0.1);
  Value::Scalar fifth;
  fifth.set_value(0.2);
  EXPECT_EQ(0.3, (tenth + fifth).value()); // Not 0.30000000000000004.
  EXPECT(tenth < fifth && tenth != fifth && fifth >= tenth);

  const Value::Ranges low = parsed("x:[1-4]").begin()->ranges();
  const Value::Ranges high = parsed("x:[3-9]").begin()->ranges();
  EXPECT_EQ("[1-9]", stringify(low + high));
  EXPECT_EQ("[1-2]", stringify(low - high));
  EXPECT("[]" == stringify(low - low));
  EXPECT(low <= low + high);
  EXPECT(!(low + high <= low));
}

Value::Ranges rangesOf(std::vector<std::pair<uint64_t, uint64_t>> all)
{
  Value::Ranges ranges;
  for (const auto& one : all) {
    Value::Range* range = ranges.add_range();
    range->set_begin(one.first);
    range->set_end(one.second);
  }
  return ranges;
}

Value::Set setOf(std::vector<string> items)
{
  Value::Set set;
  for (const string& item : items) {
    set.add_item(item);
  }
  return set;
}

void ranges_that_overlap_are_the_same_as_without()
{
  const Value::Ranges mixed = rangesOf({{3, 8}, {1, 5}});
  EXPECT_EQ("[1-8, 20-21]", stringify(mixed + rangesOf({{20, 21}})));
  EXPECT_EQ("[1-8, 20-21]", stringify(rangesOf({{20, 21}}) + mixed));
  EXPECT_EQ("[1-3, 5-8]", stringify(mixed - rangesOf({{4, 4}})));
  EXPECT_EQ("[9-9]", stringify(rangesOf({{1, 9}}) - mixed));
  EXPECT(mixed == rangesOf({{1, 2}, {3, 8}}));
  EXPECT(!(mixed == rangesOf({{1, 5}, {2, 9}})));
  EXPECT(!(mixed == Value::Ranges()));
  EXPECT(mixed <= rangesOf({{0, 4}, {4, 8}}));
  EXPECT(!(mixed <= rangesOf({{0, 4}, {3, 7}})));
  const uint64_t last = std::numeric_limits<uint64_t>::max();
  EXPECT(rangesOf({{1, last}, {2, 3}}) == rangesOf({{1, last}}));
}

void items_of_a_set_count_once()
{
  const Value::Set twice = setOf({"b", "a", "b"});
  EXPECT_EQ("{a, b, c}", stringify(twice + setOf({"c", "c"})));
  EXPECT_EQ("{a}", stringify(twice - setOf({"b"})));
  EXPECT(twice == setOf({"a", "b"}));
  EXPECT(!(twice == setOf({"a", "c", "c"})));
  EXPECT(twice <= setOf({"a", "a", "b"}));
  EXPECT(!(twice <= setOf({"b", "b"})));
}

void scalars_are_printed_with_all_their_digits()
{
  Value::Scalar scalar;
  scalar.set_value(1234567.125);
  std::ostringstream stream;
  stream << scalar << ' ' << 1234567.125;
  EXPECT_EQ("1234567.125 1.23457e+06", stream.str());
}

void resources_are_equal_if_their_values_are()
{
  Resource cpus = *parsed("cpus:0.3").begin();
  Resource sum = cpus;
  sum.mutable_scalar()->set_value(0.1 + 0.2);
  EXPECT(cpus == sum);
  sum.mutable_scalar()->set_value(0.301);
  EXPECT(cpus != sum);
  EXPECT(cpus != reservedTo("web", cpus));
  Resource revocable = cpus;
  revocable.mutable_revocable();
  EXPECT(cpus != revocable);

  Resource ports = *parsed("ports:[1-8]").begin();
  Resource overlapping = ports;
  *overlapping.mutable_ranges() = rangesOf({{3, 8}, {1, 5}});
  EXPECT(ports == overlapping);

  Resource disk = reservedTo("web", *parsed("disk:64").begin());
  disk.mutable_disk()->mutable_persistence()->set_id("id");
  Resource mounted = disk;
  mounted.mutable_disk()->mutable_volume()->set_container_path("path");
  EXPECT(disk == mounted);
  mounted.mutable_disk()->mutable_persistence()->set_id("other");
  EXPECT(disk != mounted);

  mesos::v1::Resource one = *mesos::v1::Resources::parse("cpus:1")->begin();
  mesos::v1::Resource other = one;
  other.mutable_scalar()->set_value(1.0001);
  EXPECT(one == other);
}

void a_resource_is_matched_whatever_its_value()
{
  const Resources all = parsed("cpus:4;mem:512");
  EXPECT_EQ(*parsed("cpus:4").begin(), all.match(*parsed("cpus:1").begin()).get());
  EXPECT(all.match(*parsed("disk:1").begin()).isNone());
  EXPECT(all.match(*parsed("cpus:4", "web").begin()).isNone());
}

void the_format_before_reservation_refinement_must_be_converted()
{
  Resource old = *parsed("cpus:1").begin();
  old.GetReflection()->SetString(
      &old, Resource::descriptor()->FindFieldByName("role"), "web");
  EXPECT_EQ("web", Resources::reservationRole(*Resources(old).begin()));
  bool refused = false;
  try {
    Resources::isUnreserved(old);
  } catch (const std::invalid_argument&) {
    refused = true;
  }
  EXPECT(refused);
}

void the_v1_api_has_the_same()
{
  mesos::v1::Resources all = mesos::v1::Resources::parse("cpus:1;mem:5").get();
  all.allocate("web");
  all -= mesos::v1::Resources::parse("cpus:1").get();
  EXPECT_EQ("cpus(allocated: web):1; mem(allocated: web):5", stringify(all));
  all.unallocate();
  EXPECT_EQ(Megabytes(5), all.mem().get());
}

void lists_in_whose_order_there_is_no_meaning_are_equal_in_any()
{
  Labels one;
  one.add_labels()->set_key("a");
  one.add_labels()->set_key("b");
  Labels two;
  two.add_labels()->set_key("b");
  two.add_labels()->set_key("a");
  EXPECT(one == two);
  two.add_labels()->set_key("c");
  EXPECT(one != two);
  CommandInfo command;
  command.add_arguments("a");
  command.add_arguments("b");
  CommandInfo other;
  other.add_arguments("b");
  other.add_arguments("a");
  EXPECT(command != other);
}

void what_is_not_set_is_as_its_default()
{
  CommandInfo one;
  one.set_value("true");
  CommandInfo two = one;
  two.set_shell(true); // Its default.
  two.mutable_environment();
  EXPECT(one == two);
  two.set_shell(false);
  EXPECT(one != two);
  // In Mesos too these are compared as they are.
  HealthCheck check;
  HealthCheck other;
  other.set_delay_seconds(15); // Its default.
  EXPECT(check != other);
}

void some_fields_make_no_difference()
{
  CommandInfo one;
  one.add_uris()->set_value("uri");
  CommandInfo two = one;
  two.mutable_uris(0)->set_cache(true);
  two.mutable_uris(0)->set_extract(true); // Its default.
  EXPECT(one == two && one.uris(0) == two.uris(0));
  two.mutable_uris(0)->set_executable(true);
  EXPECT(one != two && one.uris(0) != two.uris(0));

  MachineID lower;
  lower.set_hostname("host");
  MachineID upper;
  upper.set_hostname("HOST");
  hashmap<MachineID, int> machines;
  machines[lower] = 1;
  EXPECT(lower == upper && machines.contains(upper));

  ContainerID outer;
  outer.set_value("c");
  ContainerID inner = outer;
  inner.mutable_parent()->set_value("p");
  EXPECT(outer != inner && inner == ContainerID(inner));
}

template <typename FrameworkInfo>
FrameworkInfo withRoles(const string& first, const string& second)
{
  FrameworkInfo framework;
  framework.set_user("user");
  framework.set_name("name");
  framework.add_roles(first);
  framework.add_roles(second);
  return framework;
}

void frameworks_are_equivalent_as_a_master_sees_it()
{
  const FrameworkInfo one = withRoles<FrameworkInfo>("a", "b");
  FrameworkInfo two = withRoles<FrameworkInfo>("b", "a");
  EXPECT(typeutils::equivalent(one, two));
  EXPECT(typeutils::diff(one, two).isNone());
  two.set_checkpoint(false); // Its default.
  EXPECT(!typeutils::equivalent(one, two));
  const string diff = typeutils::diff(one, two).get();
  EXPECT(strings::contains(diff, "added: checkpoint: false\n"));

  const v1::FrameworkInfo three = withRoles<v1::FrameworkInfo>("a", "b");
  const v1::FrameworkInfo four = withRoles<v1::FrameworkInfo>("a", "c");
  EXPECT(v1::typeutils::equivalent(three, three));
  EXPECT(!v1::typeutils::equivalent(three, four));
  EXPECT(strings::contains(v1::typeutils::diff(three, four).get(), "roles"));
}

void capabilities_and_statistics_are_compared()
{
  Volume::Source::CSIVolume::VolumeCapability one;
  Volume::Source::CSIVolume::VolumeCapability two;
  one.mutable_mount()->set_fs_type("ext4");
  EXPECT(one != two);
  two = one;
  two.mutable_access_mode(); // As its default.
  EXPECT(one == two);
  ResourceStatistics now;
  now.set_timestamp(1);
  ResourceStatistics later = now;
  EXPECT(now == later);
  later.set_timestamp(2);
  EXPECT(!(now == later));
}

template <typename Value>
void expectValues(Try<Value> (*parse)(const string&))
{
  EXPECT_EQ(0.5, parse(" 0.5 ")->scalar().value());
  EXPECT_EQ(Value::SCALAR, parse("1")->type());
  EXPECT_EQ("[1-5, 7-8]", stringify(parse("[7-8, 1-3, 2-5]")->ranges()));
  EXPECT_EQ("{a, b}", stringify(parse("{a, b}")->set()));
  EXPECT_EQ("textwithoutblanks", parse("text without blanks")->text().value());
  EXPECT_EQ("Expecting non-empty string", parse(" ").error());
  EXPECT_EQ("Mismatched brackets", parse("[1-2").error());
  EXPECT_EQ(
      "Invalid scalar value '-1':Negative values not supported",
      parse("-1").error());
  // Not the number before it.
  EXPECT_EQ(
      "A value has no NUL characters", parse(string("5\0x", 3)).error());
}

void values_are_parsed()
{
  expectValues<Value>(internal::values::parse);
  expectValues<v1::Value>(v1::internal::values::parse);
}

void uuids_are_texts_and_bytes_and_no_two_are_the_same()
{
  const id::UUID uuid = id::UUID::random();
  EXPECT(uuid != id::UUID::random());
  EXPECT_EQ(16u, uuid.toBytes().size());
  EXPECT_EQ(36u, uuid.toString().size());
  EXPECT_EQ('4', uuid.toString()[14]);
  EXPECT_EQ(uuid, id::UUID::fromBytes(uuid.toBytes()).get());
  EXPECT_EQ(uuid, id::UUID::fromString(uuid.toString()).get());

  const string text = "01234567-89ab-4def-8123-456789abcdef";
  for (const string& same :
       {text,
        string("0123456789AB4DEF8123456789ABCDEF"),
        '{' + text + '}'}) {
    EXPECT_EQ(text, id::UUID::fromString(same)->toString());
  }
  for (const string& none :
       {string(), text + '0', text.substr(1), '{' + text, string("{"),
        string("01234567-89ab-4def-8123+456789abcdef"),
        string("0123456789ab4def8123456789abcdeg")}) {
    EXPECT_EQ("invalid uuid string", id::UUID::fromString(none).error());
  }
  // Of no length, and of no version.
  for (const string& none : {string(), string(16, '\0'), string(16, '\x60')}) {
    EXPECT_EQ("Not a valid UUID", id::UUID::fromBytes(none).error());
  }
}

void resources_of_an_executor_are_compared_together()
{
  ExecutorInfo one;
  *one.add_resources() = *parsed("cpus:1").begin();
  *one.add_resources() = *parsed("cpus:2").begin();
  ExecutorInfo two;
  *two.add_resources() = *parsed("cpus:3").begin();
  EXPECT(one == two);
  two.mutable_executor_id()->set_value("e");
  EXPECT(one != two);
  SlaveInfo agent;
  agent.mutable_resources()->MergeFrom(one.resources());
  SlaveInfo other;
  EXPECT(agent != other);
  *other.add_resources() = *parsed("cpus:3").begin();
  EXPECT(agent == other);
}

void messages_are_printed_and_hashed()
{
  TaskID id;
  id.set_value("t");
  EXPECT_EQ("t", stringify(id));
  EXPECT(id == "t");
  EXPECT_EQ("TASK_LOST", stringify(TASK_LOST));
  EXPECT_EQ("[ t, t ]", stringify(std::vector<TaskID>{id, id}));
  hashmap<TaskID, int> tasks;
  tasks[id] = 5;
  EXPECT_EQ(5, tasks.get(id).get());
  ContainerID container;
  container.set_value("inner");
  container.mutable_parent()->set_value("outer");
  EXPECT_EQ("outer.inner", stringify(container));
  UUID uuid;
  uuid.set_value(string("\x01\x23\x45\x67\x89\xab\xcd\xef\x01\x23\x45\x67\x89\xab\xcd\xef", 16));
  EXPECT_EQ("01234567-89ab-cdef-0123-456789abcdef", stringify(uuid));
  CommandInfo command;
  command.set_value("true");
  EXPECT_EQ("{\"value\":\"true\"}", stringify(command));
}

void loops_over_maps_can_be_left()
{
  hashmap<string, int> numbers;
  numbers["one"] = 1;
  numbers["two"] = 2;
  numbers["three"] = 3;
  int sum = 0;
  foreachvalue (int number, numbers) {
    if (number == 2) {
      continue;
    }
    sum += number;
  }
  EXPECT_EQ(4, sum);
  int rounds = 0;
  foreachpair (const string& name, int number, numbers) {
    EXPECT(!name.empty() && number > 0);
    rounds++;
    foreachkey (const string& inner, numbers) {
      EXPECT(!inner.empty());
      break;
    }
    if (rounds == 2) {
      break;
    }
  }
  EXPECT_EQ(2, rounds);
}

void texts_are_split_joined_and_read()
{
  EXPECT_EQ("a||b", strings::join("|", strings::split("a,,b", ",")));
  EXPECT_EQ("a|b", strings::join("|", strings::tokenize(",a,,b", ",")));
  EXPECT_EQ("a b", strings::trim(" a b\n"));
  EXPECT_EQ("AB", strings::upper("aB"));
  EXPECT(strings::startsWith("abc", "ab") && !strings::startsWith("a", "ab"));
  EXPECT(strings::endsWith("abc", "bc") && !strings::endsWith("c", "bc"));
  EXPECT_EQ(12, numify<int>("12").get());
  EXPECT(numify<int>("12x").isError());
  EXPECT(numify<int>("").isError());
}

/// Ends the program, which is seen from outside.
void the_value_of_an_error_is_taken()
{
  Resources::parse("cpus:x").get();
}

int main(int argc, char**)
{
  if (argc > 1) {
    the_value_of_an_error_is_taken();
  }
  texts_are_split_joined_and_read();
  text_becomes_resources_and_text_again();
  text_that_is_none_is_refused_with_a_reason();
  one_resource_is_parsed();
  text_is_read_without_making_a_collection_of_it();
  sums_and_differences_are_kept_combined();
  a_collection_contains_its_parts();
  invalid_and_empty_resources_are_left_out();
  reservations_are_pushed_and_popped();
  quantities_are_found_wherever_they_are_reserved();
  an_allocation_is_part_of_a_resource();
  amounts_are_read();
  shared_resources_are_counted();
  operations_and_conversions_are_applied();
  values_add_up();
  ranges_that_overlap_are_the_same_as_without();
  items_of_a_set_count_once();
  scalars_are_printed_with_all_their_digits();
  resources_are_equal_if_their_values_are();
  a_resource_is_matched_whatever_its_value();
  the_format_before_reservation_refinement_must_be_converted();
  the_v1_api_has_the_same();
  lists_in_whose_order_there_is_no_meaning_are_equal_in_any();
  what_is_not_set_is_as_its_default();
  some_fields_make_no_difference();
  frameworks_are_equivalent_as_a_master_sees_it();
  capabilities_and_statistics_are_compared();
  values_are_parsed();
  uuids_are_texts_and_bytes_and_no_two_are_the_same();
  resources_of_an_executor_are_compared_together();
  messages_are_printed_and_hashed();
  loops_over_maps_can_be_left();
  std::cout << "all is well" << std::endl;
  return 0;
}
