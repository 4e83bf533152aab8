// SPDX-License-Identifier: Apache-2.0

// Operators of messages, once for mesos and once for mesos::v1; see
// include/mesos/internal/type_utils.ipp. Those of resources are in resource.ipp.

// The fields of keys of hash maps are compared one by one, which is fast.

bool operator==(const CommandInfo::URI& left, const CommandInfo::URI& right)
{
  // Out of the cache it is the same file.
  return left.value() == right.value() &&
    left.executable() == right.executable() &&
    left.extract() == right.extract() &&
    left.output_file() == right.output_file();
}

bool operator==(const ContainerID& left, const ContainerID& right)
{
  return left.value() == right.value() &&
    left.has_parent() == right.has_parent() &&
    (!left.has_parent() || left.parent() == right.parent());
}

bool operator==(const MachineID& left, const MachineID& right)
{
  // There is no upper and lower case in hostnames.
  return left.has_hostname() == right.has_hostname() &&
    strings::lower(left.hostname()) == strings::lower(right.hostname()) &&
    left.has_ip() == right.has_ip() && left.ip() == right.ip();
}

bool operator==(const UUID& left, const UUID& right)
{
  return left.value() == right.value();
}

// Of others all fields are, and what is not set is as its default.
#define MESOS_EQUALITY(Type)                                                  \
  bool operator==(const Type& left, const Type& right)                        \
  {                                                                           \
    return mesos::internal::equal(left, right);                               \
  }

MESOS_EQUALITY(Attribute)
MESOS_EQUALITY(CSIPluginInfo)
MESOS_EQUALITY(CheckInfo)
MESOS_EQUALITY(ContainerInfo)
MESOS_EQUALITY(Credential)
MESOS_EQUALITY(DiscoveryInfo)
MESOS_EQUALITY(DomainInfo)
MESOS_EQUALITY(DomainInfo::FaultDomain)
MESOS_EQUALITY(DomainInfo::FaultDomain::RegionInfo)
MESOS_EQUALITY(DomainInfo::FaultDomain::ZoneInfo)
MESOS_EQUALITY(DurationInfo)
MESOS_EQUALITY(Environment)
MESOS_EQUALITY(FileInfo)
MESOS_EQUALITY(Label)
MESOS_EQUALITY(Labels)
MESOS_EQUALITY(MasterInfo)
MESOS_EQUALITY(ResourceProviderInfo)
MESOS_EQUALITY(TaskStatus)
MESOS_EQUALITY(TimeInfo)
MESOS_EQUALITY(Volume)
MESOS_EQUALITY(Volume::Source::CSIVolume::VolumeCapability)

#undef MESOS_EQUALITY

// The same, but that what is not set is not as its default.
#define MESOS_IDENTITY(Type)                                                  \
  bool operator==(const Type& left, const Type& right)                        \
  {                                                                           \
    return mesos::internal::identical(left, right);                           \
  }

MESOS_IDENTITY(CheckStatusInfo)
MESOS_IDENTITY(DrainConfig)
MESOS_IDENTITY(DrainInfo)
MESOS_IDENTITY(HealthCheck)
MESOS_IDENTITY(KillPolicy)
MESOS_IDENTITY(Offer::Operation)
MESOS_IDENTITY(Operation)
MESOS_IDENTITY(TaskGroupInfo)
MESOS_IDENTITY(TaskInfo)
MESOS_IDENTITY(URL)

#undef MESOS_IDENTITY

bool operator==(const CommandInfo& left, const CommandInfo& right)
{
  return mesos::internal::equal(
      left, right, {mesos::internal::field<CommandInfo::URI>("cache")});
}

// Resources are equal if they are together, however they are cut.
#define MESOS_EQUALITY_WITH(resources, Type)                                  \
  bool operator==(const Type& left, const Type& right)                        \
  {                                                                           \
    return mesos::internal::equal(                                            \
               left,                                                          \
               right,                                                         \
               {mesos::internal::field<Type>(#resources),                     \
                mesos::internal::field<CommandInfo::URI>("cache")}) &&        \
      Resources(left.resources()) == Resources(right.resources());            \
  }

MESOS_EQUALITY_WITH(resources, CSIPluginContainerInfo)
MESOS_EQUALITY_WITH(resources, ExecutorInfo)
MESOS_EQUALITY_WITH(converted_resources, OperationStatus)
MESOS_EQUALITY_WITH(resources, MESOS_AGENT_INFO)
MESOS_EQUALITY_WITH(resources, Task)

#undef MESOS_EQUALITY_WITH

// Numbers that are none are as equal as all others.
bool operator==(const ResourceStatistics& left, const ResourceStatistics& right)
{
  return left.SerializePartialAsString() == right.SerializePartialAsString();
}

namespace typeutils {

bool equivalent(const FrameworkInfo& left, const FrameworkInfo& right)
{
  return mesos::internal::equivalent(left, right, nullptr);
}

Option<std::string> diff(const FrameworkInfo& left, const FrameworkInfo& right)
{
  std::string differences;
  return mesos::internal::equivalent(left, right, &differences)
    ? Option<std::string>::none()
    : Option<std::string>::some(differences);
}

} // namespace typeutils {

#define MESOS_TEXT(Type)                                                      \
  std::ostream& operator<<(std::ostream& stream, const Type& message)         \
  {                                                                           \
    return mesos::internal::print(stream, message);                           \
  }

MESOS_TEXT(Attribute)
MESOS_TEXT(CapabilityInfo)
MESOS_TEXT(CheckStatusInfo)
MESOS_TEXT(CommandInfo)
MESOS_TEXT(ContainerInfo)
MESOS_TEXT(DeviceWhitelist)
MESOS_TEXT(DomainInfo)
MESOS_TEXT(DrainConfig)
MESOS_TEXT(Environment)
MESOS_TEXT(ExecutorInfo)
MESOS_TEXT(MachineID)
MESOS_TEXT(MasterInfo)
MESOS_TEXT(Operation)
MESOS_TEXT(OperationStatus)
MESOS_TEXT(RLimitInfo)
MESOS_TEXT(RateLimits)
MESOS_TEXT(ResourceProviderInfo)
MESOS_TEXT(MESOS_AGENT_INFO)
MESOS_TEXT(TaskGroupInfo)
MESOS_TEXT(TaskInfo)
MESOS_TEXT(TaskStatus)
MESOS_TEXT(FrameworkInfo::Capability)

#undef MESOS_TEXT

std::ostream& operator<<(std::ostream& stream, const ContainerID& containerId)
{
  if (containerId.has_parent()) {
    stream << containerId.parent() << '.';
  }
  return stream << containerId.value();
}

std::ostream& operator<<(std::ostream& stream, const UUID& uuid)
{
  return stream << mesos::internal::hyphenated(uuid.value());
}
