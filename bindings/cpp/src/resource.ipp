// SPDX-License-Identifier: Apache-2.0

// When two resources are the same, once for mesos and once for mesos::v1.

#define MESOS_SAME(field)                                                     \
  (left.has_##field() == right.has_##field() && left.field() == right.field())

bool operator==(
    const Resource::ReservationInfo& left,
    const Resource::ReservationInfo& right)
{
  return left.type() == right.type() && left.role() == right.role() &&
    MESOS_SAME(principal) && MESOS_SAME(labels);
}

namespace {

/// Of the sources that are a path or a mount.
template <typename Place>
bool haveSameRoot(const Place& left, const Place& right)
{
  return MESOS_SAME(root);
}

} // namespace {

bool operator==(
    const Resource::DiskInfo::Source& left,
    const Resource::DiskInfo::Source& right)
{
  return left.type() == right.type() && left.has_path() == right.has_path() &&
    haveSameRoot(left.path(), right.path()) &&
    left.has_mount() == right.has_mount() &&
    haveSameRoot(left.mount(), right.mount()) && MESOS_SAME(vendor) &&
    MESOS_SAME(id) && MESOS_SAME(metadata) && MESOS_SAME(profile);
}

/// The volume says how a disk is used, which may be another way each time; that does not make it
/// another disk. Who made the persistent volume does not either.
bool operator==(const Resource::DiskInfo& left, const Resource::DiskInfo& right)
{
  return MESOS_SAME(source) &&
    left.has_persistence() == right.has_persistence() &&
    left.persistence().id() == right.persistence().id();
}

namespace {

/// Whether two differ in their values at most.
bool haveSameMetadata(const Resource& left, const Resource& right)
{
  return left.name() == right.name() && left.type() == right.type() &&
    left.has_allocation_info() == right.has_allocation_info() &&
    left.allocation_info().has_role() == right.allocation_info().has_role() &&
    left.allocation_info().role() == right.allocation_info().role() &&
    std::equal(
        left.reservations().begin(),
        left.reservations().end(),
        right.reservations().begin(),
        right.reservations().end()) &&
    MESOS_SAME(disk) && left.has_revocable() == right.has_revocable() &&
    MESOS_SAME(provider_id) && left.has_shared() == right.has_shared();
}

} // namespace {

#undef MESOS_SAME

bool operator==(const Resource& left, const Resource& right)
{
  if (!haveSameMetadata(left, right)) {
    return false;
  }
  switch (left.type()) {
    case Value::SCALAR:
      return left.scalar() == right.scalar();
    case Value::RANGES:
      return left.ranges() == right.ranges();
    case Value::SET:
      return left.set() == right.set();
    case Value::TEXT:
      break;
  }
  // No resource is a text.
  return false;
}
