// SPDX-License-Identifier: Apache-2.0

// Operators of messages, once for mesos and once for mesos::v1: whoever includes this does so in
// one of these namespaces, with MESOS_AGENT_ID and MESOS_AGENT_INFO as the names there.

#define MESOS_EQUALITY(Type)                                                  \
  bool operator==(const Type& left, const Type& right);                       \
  inline bool operator!=(const Type& left, const Type& right)                 \
  {                                                                           \
    return !(left == right);                                                  \
  }

MESOS_EQUALITY(Attribute)
MESOS_EQUALITY(CSIPluginInfo)
MESOS_EQUALITY(CSIPluginContainerInfo)
MESOS_EQUALITY(CheckInfo)
MESOS_EQUALITY(CheckStatusInfo)
MESOS_EQUALITY(CommandInfo)
MESOS_EQUALITY(CommandInfo::URI)
MESOS_EQUALITY(ContainerID)
MESOS_EQUALITY(ContainerInfo)
MESOS_EQUALITY(Credential)
MESOS_EQUALITY(DiscoveryInfo)
MESOS_EQUALITY(DomainInfo)
MESOS_EQUALITY(DomainInfo::FaultDomain)
MESOS_EQUALITY(DomainInfo::FaultDomain::RegionInfo)
MESOS_EQUALITY(DomainInfo::FaultDomain::ZoneInfo)
MESOS_EQUALITY(DrainConfig)
MESOS_EQUALITY(DrainInfo)
MESOS_EQUALITY(DurationInfo)
MESOS_EQUALITY(Environment)
MESOS_EQUALITY(ExecutorInfo)
MESOS_EQUALITY(FileInfo)
MESOS_EQUALITY(HealthCheck)
MESOS_EQUALITY(KillPolicy)
MESOS_EQUALITY(Label)
MESOS_EQUALITY(Labels)
MESOS_EQUALITY(MachineID)
MESOS_EQUALITY(MasterInfo)
MESOS_EQUALITY(Offer::Operation)
MESOS_EQUALITY(Operation)
MESOS_EQUALITY(OperationStatus)
MESOS_EQUALITY(Resource)
MESOS_EQUALITY(Resource::DiskInfo)
MESOS_EQUALITY(Resource::DiskInfo::Source)
MESOS_EQUALITY(Resource::ReservationInfo)
MESOS_EQUALITY(ResourceProviderInfo)
MESOS_EQUALITY(ResourceStatistics)
MESOS_EQUALITY(MESOS_AGENT_INFO)
MESOS_EQUALITY(Task)
MESOS_EQUALITY(TaskGroupInfo)
MESOS_EQUALITY(TaskInfo)
MESOS_EQUALITY(TaskStatus)
MESOS_EQUALITY(TimeInfo)
MESOS_EQUALITY(URL)
MESOS_EQUALITY(UUID)
MESOS_EQUALITY(Volume)
MESOS_EQUALITY(Volume::Source::CSIVolume::VolumeCapability)

#undef MESOS_EQUALITY

/// There is no one meaning of it; see `typeutils::equivalent`.
bool operator==(const FrameworkInfo& left, const FrameworkInfo& right) = delete;

namespace typeutils {

/// Whether a master makes the same of both: roles and capabilities may be in any order, and what is
/// not set is not as its default.
bool equivalent(const FrameworkInfo& left, const FrameworkInfo& right);

/// How two differ that are not equivalent, for people to read.
Option<std::string> diff(const FrameworkInfo& left, const FrameworkInfo& right);

} // namespace typeutils {

inline bool operator<(const ContainerID& left, const ContainerID& right)
{
  return left.value() < right.value();
}

inline bool operator<(const DurationInfo& left, const DurationInfo& right)
{
  return left.nanoseconds() < right.nanoseconds();
}

inline bool operator==(const ContainerID& left, const std::string& right)
{
  return left.value() == right;
}

#define MESOS_NAME(Type)                                                      \
  inline bool operator==(const Type& left, const Type& right)                 \
  {                                                                           \
    return left.value() == right.value();                                     \
  }                                                                           \
  inline bool operator!=(const Type& left, const Type& right)                 \
  {                                                                           \
    return left.value() != right.value();                                     \
  }                                                                           \
  inline bool operator<(const Type& left, const Type& right)                  \
  {                                                                           \
    return left.value() < right.value();                                      \
  }                                                                           \
  inline bool operator==(const Type& left, const std::string& right)          \
  {                                                                           \
    return left.value() == right;                                             \
  }                                                                           \
  inline bool operator!=(const Type& left, const std::string& right)          \
  {                                                                           \
    return left.value() != right;                                             \
  }                                                                           \
  inline std::ostream& operator<<(std::ostream& stream, const Type& id)       \
  {                                                                           \
    return stream << id.value();                                              \
  }

MESOS_NAME(ExecutorID)
MESOS_NAME(FrameworkID)
MESOS_NAME(OfferID)
MESOS_NAME(OperationID)
MESOS_NAME(ResourceProviderID)
MESOS_NAME(MESOS_AGENT_ID)
MESOS_NAME(TaskID)

#undef MESOS_NAME

#define MESOS_ENUMERATION(Type)                                               \
  inline std::ostream& operator<<(std::ostream& stream, const Type& value)    \
  {                                                                           \
    return stream << Type##_Name(value);                                      \
  }

MESOS_ENUMERATION(CSIPluginContainerInfo_Service)
MESOS_ENUMERATION(CheckInfo_Type)
MESOS_ENUMERATION(DrainState)
MESOS_ENUMERATION(FrameworkInfo_Capability_Type)
MESOS_ENUMERATION(Image_Type)
MESOS_ENUMERATION(Offer_Operation_Type)
MESOS_ENUMERATION(OperationState)
MESOS_ENUMERATION(Resource_DiskInfo_Source_Type)
MESOS_ENUMERATION(Secret_Type)
MESOS_ENUMERATION(TaskState)
MESOS_ENUMERATION(Value_Type)

#undef MESOS_ENUMERATION

// As JSON, on one line.
#define MESOS_TEXT(Type)                                                      \
  std::ostream& operator<<(std::ostream& stream, const Type& message);

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

/// A container and those it is nested in, as "outer.inner".
std::ostream& operator<<(std::ostream& stream, const ContainerID& containerId);

/// As text with hyphens.
std::ostream& operator<<(std::ostream& stream, const UUID& uuid);

template <typename T>
std::ostream& operator<<(std::ostream& stream, const std::vector<T>& elements)
{
  stream << "[ ";
  const char* separator = "";
  for (const T& element : elements) {
    stream << separator << element;
    separator = ", ";
  }
  return stream << " ]";
}
