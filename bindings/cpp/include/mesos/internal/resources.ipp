// SPDX-License-Identifier: Apache-2.0

// Resources, once for mesos and once for mesos::v1.
//
// What they mean is decided in the library behind mesos.h. This holds the messages, and reads
// their fields.

class ResourceConversion;
class Resources;

std::ostream& operator<<(std::ostream& stream, const Resources& resources);

/// A collection of resources, all valid, with their reservations in `reservations`.
///
/// Invalid resources and empty ones are left out of it. Shared resources that are the same are one
/// element with a count.
class Resources
{
public:
  /// One resource, of its name, the text of its value and its role.
  static Try<Resource> parse(
      const std::string& name,
      const std::string& value,
      const std::string& role);

  /// Reads "name(role):value;name:value;..." or JSON.
  static Try<Resources> parse(
      const std::string& text, const std::string& defaultRole = "*");

  /// The same as a list.
  static Try<std::vector<Resource>> fromSimpleString(
      const std::string& text, const std::string& defaultRole = "*");

  /// The same as a list.
  static Try<std::vector<Resource>> fromString(
      const std::string& text, const std::string& defaultRole = "*");

  /// What is wrong with a resource.
  static Option<Error> validate(const Resource& resource);

  /// What is wrong with the first that is wrong.
  static Option<Error> validate(
      const google::protobuf::RepeatedPtrField<Resource>& resources);

  // What a valid resource is. One with a `role` or `reservation`, as before reservation refinement,
  // is std::invalid_argument; a collection made of it has it in the format of today.
  static bool isEmpty(const Resource& resource);
  static bool isPersistentVolume(const Resource& resource);
  static bool isDisk(
      const Resource& resource, const Resource::DiskInfo::Source::Type& type);
  static bool isReserved(
      const Resource& resource, const Option<std::string>& role = None());
  static bool isAllocatableTo(
      const Resource& resource, const std::string& role);
  static bool isUnreserved(const Resource& resource);
  static bool isDynamicallyReserved(const Resource& resource);
  static bool isRevocable(const Resource& resource);
  static bool isShared(const Resource& resource);
  static bool isScalar(const Resource& resource);
  static bool isAllocatedToRoleSubtree(
      const Resource& resource, const std::string& role);
  static bool isReservedToRoleSubtree(
      const Resource& resource, const std::string& role);
  static bool hasRefinedReservations(const Resource& resource);
  static bool hasResourceProvider(const Resource& resource);

  /// The role that it is reserved for; only of a reserved one.
  static const std::string& reservationRole(const Resource& resource);

  /// All together.
  template <typename Key>
  static Resources sum(const hashmap<Key, Resources>& all)
  {
    Resources result;
    for (const auto& entry : all) {
      result += entry.second;
    }
    return result;
  }

  Resources() {}
  Resources(const Resource& resource);
  Resources(const std::vector<Resource>& resources);
  Resources(const google::protobuf::RepeatedPtrField<Resource>& resources);

  bool empty() const { return elements.empty(); }
  size_t size() const { return elements.size(); }

  /// Whether all of `that` is in it.
  bool contains(const Resources& that) const;
  bool contains(const Resource& that) const;

  /// How often a shared resource is in it; 1 for another that is in it, as it is.
  size_t count(const Resource& that) const;

  /// Allocates all to a role.
  void allocate(const std::string& role);

  /// Takes the allocation away.
  void unallocate();

  // Those which ...
  Resources filter(const std::function<bool(const Resource&)>& predicate) const;
  Resources reserved(const Option<std::string>& role = None()) const;
  Resources allocatableTo(const std::string& role) const;
  Resources allocatedToRoleSubtree(const std::string& role) const;
  Resources reservedToRoleSubtree(const std::string& role) const;
  Resources unreserved() const;
  Resources persistentVolumes() const;
  Resources revocable() const;
  Resources nonRevocable() const;
  Resources shared() const;
  Resources nonShared() const;
  Resources scalars() const;

  /// By the role they are reserved for.
  hashmap<std::string, Resources> reservations() const;

  /// By the role they are allocated to.
  hashmap<std::string, Resources> allocations() const;

  /// All with one more reservation. Throws std::invalid_argument if they cannot have it.
  Resources pushReservation(const Resource::ReservationInfo& reservation) const;

  /// All without their last reservation. Throws std::invalid_argument if one has none.
  Resources popReservation() const;

  /// All without their reservations.
  Resources toUnreserved() const;

  /// The same, as it was called before Mesos 1.5.
  Resources flatten() const { return toUnreserved(); }

  /// Only names and amounts of the scalars.
  Resources createStrippedScalarQuantity() const;

  /// A part with the quantities of `targets`, of whatever reservations there are.
  Option<Resources> find(const Resources& targets) const;

  /// The first that is like `resource` in all but its value.
  Option<Resource> match(const Resource& resource) const;

  /// What is there after a conversion or an operation.
  Try<Resources> apply(const ResourceConversion& conversion) const;
  Try<Resources> apply(const Offer::Operation& operation) const;

  template <typename Iterable>
  Try<Resources> apply(const Iterable& all) const
  {
    Resources result = *this;
    for (const auto& one : all) {
      Try<Resources> applied = result.apply(one);
      if (applied.isError()) {
        return applied;
      }
      result = applied.get();
    }
    return result;
  }

  /// The sum of all that have a name. T is Value::Scalar, Value::Ranges, Value::Set or Value::Text.
  template <typename T>
  Option<T> get(const std::string& name) const;

  /// All that have a name.
  Resources get(const std::string& name) const;

  std::set<std::string> names() const;
  std::map<std::string, Value_Type> types() const;

  Option<double> cpus() const;
  Option<double> gpus() const;
  Option<Bytes> mem() const;
  Option<Bytes> disk() const;
  Option<Value::Ranges> ports() const;
  Option<Value::Ranges> ephemeral_ports() const;

  typedef std::vector<Resource>::const_iterator const_iterator;

  const_iterator begin() const { return elements.begin(); }
  const_iterator end() const { return elements.end(); }

  /// A shared resource as often as it is in it.
  operator google::protobuf::RepeatedPtrField<Resource>() const;

  bool operator==(const Resources& that) const;
  bool operator!=(const Resources& that) const { return !(*this == that); }

  Resources operator+(const Resource& that) const;
  Resources operator+(const Resources& that) const;
  Resources& operator+=(const Resource& that);
  Resources& operator+=(const Resources& that);

  Resources operator-(const Resource& that) const;
  Resources operator-(const Resources& that) const;
  Resources& operator-=(const Resource& that);
  Resources& operator-=(const Resources& that);

private:
  friend std::ostream& operator<<(
      std::ostream& stream, const Resources& resources);

  struct Interface;

  std::vector<Resource> elements;

  // How often each of `elements` is there: 1 unless shared.
  std::vector<size_t> copies;
};

std::ostream& operator<<(std::ostream& stream, const Resource& resource);
std::ostream& operator<<(
    std::ostream& stream,
    const google::protobuf::RepeatedPtrField<Resource>& resources);

inline Resources operator+(
    const google::protobuf::RepeatedPtrField<Resource>& left,
    const Resources& right)
{
  return Resources(left) + right;
}

inline Resources operator-(
    const google::protobuf::RepeatedPtrField<Resource>& left,
    const Resources& right)
{
  return Resources(left) - right;
}

inline bool operator==(
    const google::protobuf::RepeatedPtrField<Resource>& left,
    const Resources& right)
{
  return Resources(left) == right;
}

template <typename Key>
hashmap<Key, Resources>& operator+=(
    hashmap<Key, Resources>& left, const hashmap<Key, Resources>& right)
{
  for (const auto& entry : right) {
    left[entry.first] += entry.second;
  }
  return left;
}

template <typename Key>
hashmap<Key, Resources> operator+(
    const hashmap<Key, Resources>& left, const hashmap<Key, Resources>& right)
{
  hashmap<Key, Resources> result = left;
  result += right;
  return result;
}

/// Whether one resource has all of another.
bool contains(const Resource& left, const Resource& right);

/// Some resources that become others.
class ResourceConversion
{
public:
  typedef std::function<Try<Nothing>(const Resources&)> PostValidation;

  ResourceConversion(
      const Resources& _consumed,
      const Resources& _converted,
      const Option<PostValidation>& _postValidation = None())
    : consumed(_consumed),
      converted(_converted),
      postValidation(_postValidation)
  {}

  Try<Resources> apply(const Resources& resources) const;

  Resources consumed;
  Resources converted;
  Option<PostValidation> postValidation;
};
