// SPDX-License-Identifier: Apache-2.0

// What Mesos's headers declare for messages, name by name, once for mesos and once for mesos::v1:
// whoever includes this does so in one of these namespaces, with MESOS_API as its name, and
// MESOS_AGENT_ID and MESOS_AGENT_INFO as the names there.
//
// The type of each operator is written out, so that a missing or a different one does not compile.

template <typename Function>
void there(Function* function)
{
  // It is linked, too.
  Function* volatile seen = function;
  if (seen == nullptr) {
    std::abort();
  }
}

template <typename Left, typename Right = Left>
using Compare = bool (*)(const Left&, const Right&);

template <typename Type>
using Print = std::ostream& (*)(std::ostream&, const Type&);

void operators()
{
#define EQUAL(...) there(static_cast<Compare<__VA_ARGS__>>(&MESOS_API::operator==));
#define UNEQUAL(...) there(static_cast<Compare<__VA_ARGS__>>(&MESOS_API::operator!=));
#define LESS(Type) there(static_cast<Compare<Type>>(&MESOS_API::operator<));
#define PRINTED(Type) there(static_cast<Print<Type>>(&MESOS_API::operator<<));
#define HASHED(...)                                                           \
  {                                                                           \
    std::unordered_set<__VA_ARGS__> set;                                      \
    set.insert(__VA_ARGS__());                                                \
  }

  EQUAL(CSIPluginContainerInfo)
  EQUAL(CSIPluginInfo)
  EQUAL(CheckStatusInfo)
  EQUAL(CommandInfo)
  EQUAL(CommandInfo::URI)
  EQUAL(ContainerID)
  EQUAL(ContainerInfo)
  EQUAL(Credential)
  EQUAL(DiscoveryInfo)
  EQUAL(DomainInfo)
  EQUAL(DomainInfo::FaultDomain)
  EQUAL(DomainInfo::FaultDomain::RegionInfo)
  EQUAL(DomainInfo::FaultDomain::ZoneInfo)
  EQUAL(DrainConfig)
  EQUAL(DrainInfo)
  EQUAL(DurationInfo)
  EQUAL(Environment)
  EQUAL(ExecutorID)
  EQUAL(ExecutorInfo)
  EQUAL(FileInfo)
  EQUAL(FrameworkID)
  EQUAL(HealthCheck)
  EQUAL(KillPolicy)
  EQUAL(Label)
  EQUAL(Labels)
  EQUAL(MachineID)
  EQUAL(MasterInfo)
  EQUAL(Offer::Operation)
  EQUAL(OfferID)
  EQUAL(Operation)
  EQUAL(OperationID)
  EQUAL(OperationStatus)
  EQUAL(Resource::ReservationInfo)
  EQUAL(ResourceProviderID)
  EQUAL(ResourceProviderInfo)
  EQUAL(ResourceStatistics)
  EQUAL(MESOS_AGENT_ID)
  EQUAL(MESOS_AGENT_INFO)
  EQUAL(Task)
  EQUAL(TaskGroupInfo)
  EQUAL(TaskID)
  EQUAL(TaskInfo)
  EQUAL(TaskStatus)
  EQUAL(TimeInfo)
  EQUAL(URL)
  EQUAL(UUID)
  EQUAL(Value::Ranges)
  EQUAL(Value::Scalar)
  EQUAL(Value::Set)
  EQUAL(Value::Text)
  EQUAL(Volume)
  EQUAL(Volume::Source::CSIVolume::VolumeCapability)

  EQUAL(ContainerID, std::string)
  EQUAL(ExecutorID, std::string)
  EQUAL(FrameworkID, std::string)
  EQUAL(OfferID, std::string)
  EQUAL(MESOS_AGENT_ID, std::string)
  EQUAL(TaskID, std::string)

  UNEQUAL(CSIPluginContainerInfo)
  UNEQUAL(CheckStatusInfo)
  UNEQUAL(ContainerID)
  UNEQUAL(DomainInfo::FaultDomain::RegionInfo)
  UNEQUAL(DurationInfo)
  UNEQUAL(ExecutorID)
  UNEQUAL(ExecutorInfo)
  UNEQUAL(FrameworkID)
  UNEQUAL(Labels)
  UNEQUAL(Offer::Operation)
  UNEQUAL(Operation)
  UNEQUAL(OperationID)
  UNEQUAL(OperationStatus)
  UNEQUAL(Resource::ReservationInfo)
  UNEQUAL(ResourceProviderID)
  UNEQUAL(ResourceProviderInfo)
  UNEQUAL(MESOS_AGENT_ID)
  UNEQUAL(TaskStatus)
  UNEQUAL(TimeInfo)
  UNEQUAL(UUID)
  UNEQUAL(Value::Scalar)
  UNEQUAL(Volume::Source::CSIVolume::VolumeCapability)

  LESS(ContainerID)
  LESS(DurationInfo)
  LESS(ExecutorID)
  LESS(FrameworkID)
  LESS(OfferID)
  LESS(MESOS_AGENT_ID)
  LESS(TaskID)
  LESS(Value::Scalar)

  PRINTED(CSIPluginContainerInfo::Service)
  PRINTED(CapabilityInfo)
  PRINTED(CheckInfo::Type)
  PRINTED(CheckStatusInfo)
  PRINTED(CommandInfo)
  PRINTED(ContainerID)
  PRINTED(ContainerInfo)
  PRINTED(DeviceWhitelist)
  PRINTED(DomainInfo)
  PRINTED(DrainConfig)
  PRINTED(DrainState)
  PRINTED(Environment)
  PRINTED(ExecutorID)
  PRINTED(ExecutorInfo)
  PRINTED(FrameworkID)
  PRINTED(FrameworkInfo::Capability)
  PRINTED(Image::Type)
  PRINTED(MachineID)
  PRINTED(MasterInfo)
  PRINTED(Offer::Operation::Type)
  PRINTED(OfferID)
  PRINTED(Operation)
  PRINTED(OperationID)
  PRINTED(OperationState)
  PRINTED(OperationStatus)
  PRINTED(RLimitInfo)
  PRINTED(RateLimits)
  PRINTED(Resource)
  PRINTED(Resource::DiskInfo::Source::Type)
  PRINTED(ResourceProviderID)
  PRINTED(ResourceProviderInfo)
  PRINTED(Resources)
  PRINTED(Secret::Type)
  PRINTED(MESOS_AGENT_ID)
  PRINTED(MESOS_AGENT_INFO)
  PRINTED(TaskGroupInfo)
  PRINTED(TaskID)
  PRINTED(TaskInfo)
  PRINTED(TaskState)
  PRINTED(TaskStatus)
  PRINTED(UUID)
  PRINTED(Value::Ranges)
  PRINTED(Value::Scalar)
  PRINTED(Value::Set)
  PRINTED(Value::Text)
  PRINTED(google::protobuf::RepeatedPtrField<Resource>)

  HASHED(CommandInfo::URI)
  HASHED(ContainerID)
  HASHED(ExecutorID)
  HASHED(FrameworkID)
  HASHED(Image::Type)
  HASHED(MachineID)
  HASHED(OfferID)
  HASHED(OperationID)
  HASHED(ResourceProviderID)
  HASHED(MESOS_AGENT_ID)
  HASHED(TaskID)
  HASHED(TaskState)
  HASHED(TaskStatus_Reason)
  HASHED(TaskStatus_Source)
  HASHED(UUID)
  HASHED(std::pair<FrameworkID, ExecutorID>)
  HASHED(std::pair<FrameworkID, OperationID>)

#undef HASHED
#undef PRINTED
#undef LESS
#undef UNEQUAL
#undef EQUAL

  there(static_cast<Compare<Resource>>(&MESOS_API::contains));
  there(static_cast<Compare<FrameworkInfo>>(&MESOS_API::typeutils::equivalent));
  there(static_cast<Option<std::string> (*)(
            const FrameworkInfo&, const FrameworkInfo&)>(
      &MESOS_API::typeutils::diff));
  there(static_cast<Try<Value> (*)(const std::string&)>(
      &MESOS_API::internal::values::parse));
}

// Two frameworks have no `==`, and the compiler says so.

template <typename Type>
constexpr auto isCompared(int) -> decltype(
    std::declval<const Type&>() == std::declval<const Type&>(), true)
{
  return true;
}

template <typename Type>
constexpr bool isCompared(...)
{
  return false;
}

static_assert(!isCompared<FrameworkInfo>(0), "there is no one meaning of it");
