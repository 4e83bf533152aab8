// SPDX-License-Identifier: Apache-2.0

// Resources, once for mesos and once for mesos::v1; see include/mesos/internal/resources.ipp.

/// Crossing mesos.h, where a collection is a message with nothing but resources in it.
struct Resources::Interface
{
  typedef Offer::Operation::Unreserve List;

  static std::string bytes(const Resources& resources)
  {
    List list;
    for (size_t i = 0; i < resources.elements.size(); i++) {
      for (size_t copy = 0; copy < resources.copies[i]; copy++) {
        *list.add_resources() = resources.elements[i];
      }
    }
    return list.SerializePartialAsString();
  }

  static std::string bytes(
      const google::protobuf::RepeatedPtrField<Resource>& resources)
  {
    List list;
    *list.mutable_resources() = resources;
    return list.SerializePartialAsString();
  }

  /// Without those that lack a required field, which the library cannot read.
  static std::string completeBytes(
      const google::protobuf::RepeatedPtrField<Resource>& resources)
  {
    List list;
    for (const Resource& resource : resources) {
      if (resource.IsInitialized()) {
        *list.add_resources() = resource;
      }
    }
    return list.SerializePartialAsString();
  }

  static Resources collection(mesos_bytes bytes)
  {
    const List list = mesos::internal::parsed<List>(bytes);
    Resources result;
    for (const Resource& resource : list.resources()) {
      // Copies of a shared resource stand one after another.
      if (resource.has_shared() && !result.elements.empty() &&
          result.elements.back() == resource) {
        result.copies.back()++;
      } else {
        result.elements.push_back(resource);
        result.copies.push_back(1);
      }
    }
    return result;
  }

  static Try<std::vector<Resource>> declared(
      const std::string& text, const std::string& defaultRole, bool json)
  {
    if (mesos::internal::hasNul(text) ||
        mesos::internal::hasNul(defaultRole)) {
      return Error("A resource has no NUL characters");
    }
    mesos::internal::Buffer result;
    mesos::internal::Failure failure;
    if (!mesos_resources_declared(
            text.c_str(),
            defaultRole.c_str(),
            json,
            result.place(),
            failure.place())) {
      return Error(failure.message());
    }
    const List list = mesos::internal::parsed<List>(result.bytes());
    return std::vector<Resource>(
        list.resources().begin(), list.resources().end());
  }

  static Resources select(
      const std::string& bytes,
      mesos_resources_selection selection,
      const char* role = nullptr)
  {
    mesos::internal::Buffer result;
    mesos::internal::Failure failure;
    if (!mesos_resources_select(
            selection,
            mesos::internal::view(bytes),
            role,
            result.place(),
            failure.place())) {
      throw std::invalid_argument(failure.message());
    }
    return collection(result.bytes());
  }

  static Resources select(
      const Resources& resources,
      mesos_resources_selection selection,
      const char* role = nullptr)
  {
    return select(bytes(resources), selection, role);
  }

  static Try<Resources> combine(
      mesos_resources_combination combination,
      const Resources& first,
      const Resources& second)
  {
    const std::string left = bytes(first);
    const std::string right = bytes(second);
    mesos::internal::Buffer result;
    mesos::internal::Failure failure;
    if (!mesos_resources_combine(
            combination,
            mesos::internal::view(left),
            mesos::internal::view(right),
            result.place(),
            failure.place())) {
      return Error(failure.message());
    }
    return collection(result.bytes());
  }

  static bool compare(
      mesos_resources_relation relation,
      const Resources& first,
      const Resources& second)
  {
    const std::string left = bytes(first);
    const std::string right = bytes(second);
    bool result = false;
    mesos_resources_compare(
        relation,
        mesos::internal::view(left),
        mesos::internal::view(right),
        &result,
        nullptr);
    return result;
  }

  static Option<Error> validate(const std::string& bytes)
  {
    mesos::internal::Failure failure;
    if (mesos_resources_validate(
            mesos::internal::view(bytes), failure.place())) {
      return None();
    }
    return Error(failure.message());
  }

  static std::string text(const Resources& resources)
  {
    const std::string collection = bytes(resources);
    mesos::internal::Buffer result;
    mesos_resources_text(
        mesos::internal::view(collection), result.place(), nullptr);
    return mesos::internal::text(result.bytes());
  }
};

namespace {

/// Whether a role is another one or below it.
bool isInSubtree(const std::string& role, const std::string& top)
{
  return role == top || role.compare(0, top.size() + 1, top + '/') == 0;
}

/// What a resource is cannot be seen before its reservations are in `reservations`.
void demandRefined(const Resource& resource)
{
// They are deprecated for those who write them.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
  const bool isRefined = !resource.has_role() && !resource.has_reservation();
#pragma GCC diagnostic pop
  if (!isRefined) {
    throw std::invalid_argument(
        "a resource with a 'role' or 'reservation' is in the format before "
        "reservation refinement; expected 'reservations', as of the resources "
        "in a Resources made of it");
  }
}

google::protobuf::RepeatedPtrField<Resource> listOf(const Resource& resource)
{
  google::protobuf::RepeatedPtrField<Resource> list;
  *list.Add() = resource;
  return list;
}

} // namespace {

Try<Resource> Resources::parse(
    const std::string& name, const std::string& value, const std::string& role)
{
  for (const std::string* text : {&name, &value, &role}) {
    if (mesos::internal::hasNul(*text)) {
      return Error("A resource has no NUL characters");
    }
  }
  mesos::internal::Buffer result;
  mesos::internal::Failure failure;
  if (!mesos_resource_parse(
          name.c_str(),
          value.c_str(),
          role.c_str(),
          result.place(),
          failure.place())) {
    return Error(failure.message());
  }
  return mesos::internal::parsed<Resource>(result.bytes());
}

Try<Resources> Resources::parse(
    const std::string& text, const std::string& defaultRole)
{
  if (mesos::internal::hasNul(text) || mesos::internal::hasNul(defaultRole)) {
    return Error("A resource has no NUL characters");
  }
  mesos::internal::Buffer result;
  mesos::internal::Failure failure;
  if (!mesos_resources_parse(
          text.c_str(),
          defaultRole.c_str(),
          result.place(),
          failure.place())) {
    return Error(failure.message());
  }
  return Interface::collection(result.bytes());
}

Try<std::vector<Resource>> Resources::fromSimpleString(
    const std::string& text, const std::string& defaultRole)
{
  return Interface::declared(text, defaultRole, false);
}

Try<std::vector<Resource>> Resources::fromString(
    const std::string& text, const std::string& defaultRole)
{
  return Interface::declared(text, defaultRole, true);
}

Option<Error> Resources::validate(const Resource& resource)
{
  return validate(listOf(resource));
}

Option<Error> Resources::validate(
    const google::protobuf::RepeatedPtrField<Resource>& resources)
{
  return Interface::validate(Interface::bytes(resources));
}

bool Resources::isEmpty(const Resource& resource)
{
  demandRefined(resource);
  return Resources(resource).empty();
}

bool Resources::isPersistentVolume(const Resource& resource)
{
  demandRefined(resource);
  return resource.has_disk() && resource.disk().has_persistence();
}

bool Resources::isDisk(
    const Resource& resource, const Resource::DiskInfo::Source::Type& type)
{
  demandRefined(resource);
  return resource.has_disk() && resource.disk().has_source() &&
    resource.disk().source().type() == type;
}

bool Resources::isReserved(
    const Resource& resource, const Option<std::string>& role)
{
  demandRefined(resource);
  return !isUnreserved(resource) &&
    (role.isNone() || reservationRole(resource) == role.get());
}

bool Resources::isAllocatableTo(
    const Resource& resource, const std::string& role)
{
  demandRefined(resource);
  return isUnreserved(resource) || isInSubtree(role, reservationRole(resource));
}

bool Resources::isUnreserved(const Resource& resource)
{
  demandRefined(resource);
  return resource.reservations_size() == 0;
}

bool Resources::isDynamicallyReserved(const Resource& resource)
{
  demandRefined(resource);
  return !isUnreserved(resource) &&
    resource.reservations().rbegin()->type() ==
    Resource::ReservationInfo::DYNAMIC;
}

bool Resources::isRevocable(const Resource& resource)
{
  demandRefined(resource);
  return resource.has_revocable();
}

bool Resources::isShared(const Resource& resource)
{
  demandRefined(resource);
  return resource.has_shared();
}

bool Resources::isScalar(const Resource& resource)
{
  return resource.type() == Value::SCALAR;
}

bool Resources::isAllocatedToRoleSubtree(
    const Resource& resource, const std::string& role)
{
  demandRefined(resource);
  return resource.has_allocation_info() &&
    isInSubtree(resource.allocation_info().role(), role);
}

bool Resources::isReservedToRoleSubtree(
    const Resource& resource, const std::string& role)
{
  demandRefined(resource);
  return isReserved(resource) && isInSubtree(reservationRole(resource), role);
}

bool Resources::hasRefinedReservations(const Resource& resource)
{
  demandRefined(resource);
  return resource.reservations_size() > 1;
}

bool Resources::hasResourceProvider(const Resource& resource)
{
  demandRefined(resource);
  return resource.has_provider_id();
}

const std::string& Resources::reservationRole(const Resource& resource)
{
  if (isUnreserved(resource)) {
    throw std::invalid_argument("an unreserved resource has no role");
  }
  return resource.reservations().rbegin()->role();
}

Resources::Resources(const Resource& resource) : Resources(listOf(resource)) {}

Resources::Resources(const std::vector<Resource>& resources)
  : Resources(google::protobuf::RepeatedPtrField<Resource>(
        resources.begin(), resources.end()))
{}

Resources::Resources(
    const google::protobuf::RepeatedPtrField<Resource>& resources)
  : Resources(Interface::select(
        Interface::completeBytes(resources), MESOS_RESOURCES_SELECTION_ALL))
{}

bool Resources::contains(const Resources& that) const
{
  return Interface::compare(MESOS_RESOURCES_RELATION_CONTAINS, *this, that);
}

bool Resources::contains(const Resource& that) const
{
  // What is invalid is in no collection, though it would be left out of one.
  return validate(that).isNone() && contains(Resources(that));
}

size_t Resources::count(const Resource& that) const
{
  for (size_t i = 0; i < elements.size(); i++) {
    if (elements[i] == that) {
      return copies[i];
    }
  }
  return 0;
}

void Resources::allocate(const std::string& role)
{
  *this = Interface::select(
      *this, MESOS_RESOURCES_SELECTION_ALLOCATED_TO_ROLE, role.c_str());
}

void Resources::unallocate()
{
  *this = Interface::select(*this, MESOS_RESOURCES_SELECTION_UNALLOCATED);
}

Resources Resources::filter(
    const std::function<bool(const Resource&)>& predicate) const
{
  Resources result;
  for (size_t i = 0; i < elements.size(); i++) {
    if (predicate(elements[i])) {
      result.elements.push_back(elements[i]);
      result.copies.push_back(copies[i]);
    }
  }
  return result;
}

Resources Resources::reserved(const Option<std::string>& role) const
{
  return filter([&](const Resource& it) { return isReserved(it, role); });
}

Resources Resources::allocatableTo(const std::string& role) const
{
  return filter([&](const Resource& it) { return isAllocatableTo(it, role); });
}

Resources Resources::allocatedToRoleSubtree(const std::string& role) const
{
  return filter(
      [&](const Resource& it) { return isAllocatedToRoleSubtree(it, role); });
}

Resources Resources::reservedToRoleSubtree(const std::string& role) const
{
  return filter(
      [&](const Resource& it) { return isReservedToRoleSubtree(it, role); });
}

Resources Resources::unreserved() const
{
  return filter(isUnreserved);
}

Resources Resources::persistentVolumes() const
{
  return filter(isPersistentVolume);
}

Resources Resources::revocable() const
{
  return filter(isRevocable);
}

Resources Resources::nonRevocable() const
{
  return filter([](const Resource& it) { return !isRevocable(it); });
}

Resources Resources::shared() const
{
  return filter(isShared);
}

Resources Resources::nonShared() const
{
  return filter([](const Resource& it) { return !isShared(it); });
}

Resources Resources::scalars() const
{
  return filter(isScalar);
}

hashmap<std::string, Resources> Resources::reservations() const
{
  hashmap<std::string, Resources> result;
  for (const Resource& resource : reserved()) {
    const std::string& role = reservationRole(resource);
    if (!result.contains(role)) {
      result[role] = reserved(role);
    }
  }
  return result;
}

hashmap<std::string, Resources> Resources::allocations() const
{
  hashmap<std::string, Resources> result;
  for (const Resource& resource : elements) {
    const std::string& role = resource.allocation_info().role();
    if (!result.contains(role)) {
      result[role] = filter([&](const Resource& it) {
        return it.allocation_info().role() == role;
      });
    }
  }
  return result;
}

Resources Resources::pushReservation(
    const Resource::ReservationInfo& reservation) const
{
  const std::string all = Interface::bytes(*this);
  const std::string pushed = mesos::internal::serialized(reservation);
  mesos::internal::Buffer result;
  mesos::internal::Failure failure;
  if (!mesos_resources_push_reservation(
          mesos::internal::view(all),
          mesos::internal::view(pushed),
          result.place(),
          failure.place())) {
    throw std::invalid_argument(failure.message());
  }
  return Interface::collection(result.bytes());
}

Resources Resources::popReservation() const
{
  return Interface::select(*this, MESOS_RESOURCES_SELECTION_POP_RESERVATION);
}

Resources Resources::toUnreserved() const
{
  return Interface::select(*this, MESOS_RESOURCES_SELECTION_TO_UNRESERVED);
}

Resources Resources::createStrippedScalarQuantity() const
{
  return Interface::select(*this, MESOS_RESOURCES_SELECTION_STRIPPED_SCALARS);
}

Option<Resources> Resources::find(const Resources& targets) const
{
  const Try<Resources> found =
    Interface::combine(MESOS_RESOURCES_COMBINATION_FIND, *this, targets);
  return found.isSome() ? Option<Resources>(found.get()) : None();
}

Option<Resource> Resources::match(const Resource& that) const
{
  for (const Resource& resource : elements) {
    if (haveSameMetadata(resource, that)) {
      return resource;
    }
  }
  return None();
}

Try<Resources> Resources::apply(const ResourceConversion& conversion) const
{
  return conversion.apply(*this);
}

Try<Resources> Resources::apply(const Offer::Operation& operation) const
{
  const std::string all = Interface::bytes(*this);
  const std::string applied = mesos::internal::serialized(operation);
  mesos::internal::Buffer result;
  mesos::internal::Failure failure;
  if (!mesos_resources_apply(
          mesos::internal::view(all),
          mesos::internal::view(applied),
          result.place(),
          failure.place())) {
    return Error(failure.message());
  }
  return Interface::collection(result.bytes());
}

template <>
Option<Value::Scalar> Resources::get(const std::string& name) const
{
  Option<Value::Scalar> sum;
  for (size_t i = 0; i < elements.size(); i++) {
    if (elements[i].name() == name && elements[i].type() == Value::SCALAR) {
      const Value::Scalar& value = elements[i].scalar();
      sum = sum.isSome() ? sum.get() + value : value;
    }
  }
  return sum;
}

template <>
Option<Value::Ranges> Resources::get(const std::string& name) const
{
  Option<Value::Ranges> sum;
  for (const Resource& resource : elements) {
    if (resource.name() == name && resource.type() == Value::RANGES) {
      sum = sum.isSome() ? sum.get() + resource.ranges() : resource.ranges();
    }
  }
  return sum;
}

template <>
Option<Value::Set> Resources::get(const std::string& name) const
{
  Option<Value::Set> sum;
  for (const Resource& resource : elements) {
    if (resource.name() == name && resource.type() == Value::SET) {
      sum = sum.isSome() ? sum.get() + resource.set() : resource.set();
    }
  }
  return sum;
}

/// No resource is a text.
template <>
Option<Value::Text> Resources::get(const std::string&) const
{
  return None();
}

Resources Resources::get(const std::string& name) const
{
  return filter([&](const Resource& it) { return it.name() == name; });
}

std::set<std::string> Resources::names() const
{
  std::set<std::string> result;
  for (const Resource& resource : elements) {
    result.insert(resource.name());
  }
  return result;
}

std::map<std::string, Value_Type> Resources::types() const
{
  std::map<std::string, Value_Type> result;
  for (const Resource& resource : elements) {
    result[resource.name()] = resource.type();
  }
  return result;
}

namespace {

Option<double> amount(const Resources& resources, const std::string& name)
{
  const Option<Value::Scalar> scalar = resources.get<Value::Scalar>(name);
  return scalar.isSome() ? Option<double>(scalar->value()) : None();
}

Option<Bytes> megabytes(const Resources& resources, const std::string& name)
{
  const Option<double> value = amount(resources, name);
  return value.isSome()
    ? Option<Bytes>(
          Bytes(static_cast<uint64_t>(value.get() * Bytes::MEGABYTES)))
    : None();
}

} // namespace {

Option<double> Resources::cpus() const
{
  return amount(*this, "cpus");
}

Option<double> Resources::gpus() const
{
  return amount(*this, "gpus");
}

Option<Bytes> Resources::mem() const
{
  return megabytes(*this, "mem");
}

Option<Bytes> Resources::disk() const
{
  return megabytes(*this, "disk");
}

Option<Value::Ranges> Resources::ports() const
{
  return get<Value::Ranges>("ports");
}

Option<Value::Ranges> Resources::ephemeral_ports() const
{
  return get<Value::Ranges>("ephemeral_ports");
}

Resources::operator google::protobuf::RepeatedPtrField<Resource>() const
{
  google::protobuf::RepeatedPtrField<Resource> list;
  for (size_t i = 0; i < elements.size(); i++) {
    for (size_t copy = 0; copy < copies[i]; copy++) {
      *list.Add() = elements[i];
    }
  }
  return list;
}

bool Resources::operator==(const Resources& that) const
{
  return Interface::compare(MESOS_RESOURCES_RELATION_EQUAL, *this, that);
}

Resources Resources::operator+(const Resource& that) const
{
  return *this + Resources(that);
}

Resources Resources::operator+(const Resources& that) const
{
  return Interface::combine(MESOS_RESOURCES_COMBINATION_ADD, *this, that)
    .get();
}

Resources& Resources::operator+=(const Resource& that)
{
  return *this = *this + that;
}

Resources& Resources::operator+=(const Resources& that)
{
  return *this = *this + that;
}

Resources Resources::operator-(const Resource& that) const
{
  return *this - Resources(that);
}

Resources Resources::operator-(const Resources& that) const
{
  return Interface::combine(MESOS_RESOURCES_COMBINATION_SUBTRACT, *this, that)
    .get();
}

Resources& Resources::operator-=(const Resource& that)
{
  return *this = *this - that;
}

Resources& Resources::operator-=(const Resources& that)
{
  return *this = *this - that;
}

std::ostream& operator<<(std::ostream& stream, const Resources& resources)
{
  return stream << Resources::Interface::text(resources);
}

std::ostream& operator<<(std::ostream& stream, const Resource& resource)
{
  return stream << Resources(resource);
}

std::ostream& operator<<(
    std::ostream& stream,
    const google::protobuf::RepeatedPtrField<Resource>& resources)
{
  return stream << Resources(resources);
}

bool contains(const Resource& left, const Resource& right)
{
  return Resources(left).contains(right);
}

Try<Resources> ResourceConversion::apply(const Resources& resources) const
{
  if (!resources.contains(consumed)) {
    return Error(
        stringify(resources) + " does not contain " + stringify(consumed));
  }
  const Resources result = resources - consumed + converted;
  if (postValidation.isSome()) {
    const Try<Nothing> validated = postValidation.get()(result);
    if (validated.isError()) {
      return Error(validated.error());
    }
  }
  return result;
}
