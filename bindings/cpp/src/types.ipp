// SPDX-License-Identifier: Apache-2.0

// Operators of messages, once for mesos and once for mesos::v1; see
// include/mesos/internal/type_utils.ipp.

#define MESOS_EQUALITY(Type)                                                  \
  bool operator==(const Type& left, const Type& right)                        \
  {                                                                           \
    return mesos::internal::equal(left, right);                               \
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
MESOS_EQUALITY(MESOS_AGENT_INFO)
MESOS_EQUALITY(Task)
MESOS_EQUALITY(TaskGroupInfo)
MESOS_EQUALITY(TaskInfo)
MESOS_EQUALITY(TaskStatus)
MESOS_EQUALITY(TimeInfo)
MESOS_EQUALITY(URL)
MESOS_EQUALITY(UUID)
MESOS_EQUALITY(Volume)

#undef MESOS_EQUALITY

bool equivalent(const FrameworkInfo& left, const FrameworkInfo& right)
{
  return mesos::internal::equal(left, right);
}

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
