// SPDX-License-Identifier: Apache-2.0

// Every public signature of Mesos's headers, so that a change of one does not compile. Nothing here
// is run but `main`.

#include <cstdlib>
#include <map>
#include <memory>
#include <queue>
#include <string>
#include <type_traits>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include <mesos/executor.hpp>
#include <mesos/http.hpp>
#include <mesos/mesos.hpp>
#include <mesos/resources.hpp>
#include <mesos/scheduler.hpp>
#include <mesos/type_utils.hpp>
#include <mesos/values.hpp>
#include <mesos/version.hpp>

#include <mesos/executor/executor.hpp>
#include <mesos/scheduler/scheduler.hpp>

#include <mesos/v1/executor.hpp>
#include <mesos/v1/mesos.hpp>
#include <mesos/v1/resources.hpp>
#include <mesos/v1/scheduler.hpp>
#include <mesos/v1/values.hpp>

#include <mesos/v1/agent/agent.hpp>
#include <mesos/v1/executor/executor.hpp>
#include <mesos/v1/master/master.hpp>
#include <mesos/v1/scheduler/scheduler.hpp>

#include <stout/uuid.hpp>

using namespace mesos;

using std::map;
using std::queue;
using std::string;
using std::vector;

using google::protobuf::RepeatedPtrField;

// The drivers' methods, with their exact types.

template <typename Driver>
struct SchedulerMethods
{
  Status (Driver::*start)() = &Driver::start;
  Status (Driver::*stop)(bool) = &Driver::stop;
  Status (Driver::*abort)() = &Driver::abort;
  Status (Driver::*join)() = &Driver::join;
  Status (Driver::*run)() = &Driver::run;
  Status (Driver::*requestResources)(const vector<Request>&) =
    &Driver::requestResources;
  Status (Driver::*launchOnMany)(
      const vector<OfferID>&, const vector<TaskInfo>&, const Filters&) =
    &Driver::launchTasks;
  Status (Driver::*launchOnOne)(
      const OfferID&, const vector<TaskInfo>&, const Filters&) =
    &Driver::launchTasks;
  Status (Driver::*killTask)(const TaskID&) = &Driver::killTask;
  Status (Driver::*acceptOffers)(
      const vector<OfferID>&,
      const vector<Offer::Operation>&,
      const Filters&) = &Driver::acceptOffers;
  Status (Driver::*declineOffer)(const OfferID&, const Filters&) =
    &Driver::declineOffer;
  Status (Driver::*revive)() = &Driver::reviveOffers;
  Status (Driver::*reviveRoles)(const vector<string>&) = &Driver::reviveOffers;
  Status (Driver::*suppress)() = &Driver::suppressOffers;
  Status (Driver::*suppressRoles)(const vector<string>&) =
    &Driver::suppressOffers;
  Status (Driver::*acknowledgeStatusUpdate)(const TaskStatus&) =
    &Driver::acknowledgeStatusUpdate;
  Status (Driver::*sendFrameworkMessage)(
      const ExecutorID&, const SlaveID&, const string&) =
    &Driver::sendFrameworkMessage;
  Status (Driver::*reconcileTasks)(const vector<TaskStatus>&) =
    &Driver::reconcileTasks;
  Status (Driver::*updateFramework)(
      const FrameworkInfo&,
      const vector<string>&,
      ::mesos::scheduler::OfferConstraints&&) = &Driver::updateFramework;
};

template <typename Driver>
struct ExecutorMethods
{
  Status (Driver::*start)() = &Driver::start;
  Status (Driver::*stop)() = &Driver::stop;
  Status (Driver::*abort)() = &Driver::abort;
  Status (Driver::*join)() = &Driver::join;
  Status (Driver::*run)() = &Driver::run;
  Status (Driver::*sendStatusUpdate)(const TaskStatus&) =
    &Driver::sendStatusUpdate;
  Status (Driver::*sendFrameworkMessage)(const string&) =
    &Driver::sendFrameworkMessage;
};

// `override` says that each callback has Mesos's signature.

class AScheduler : public Scheduler
{
public:
  void registered(
      SchedulerDriver*, const FrameworkID&, const MasterInfo&) override
  {}
  void reregistered(SchedulerDriver*, const MasterInfo&) override {}
  void disconnected(SchedulerDriver*) override {}
  void resourceOffers(SchedulerDriver*, const vector<Offer>&) override {}
  void offerRescinded(SchedulerDriver*, const OfferID&) override {}
  void statusUpdate(SchedulerDriver*, const TaskStatus&) override {}
  void frameworkMessage(
      SchedulerDriver*, const ExecutorID&, const SlaveID&, const string&)
    override
  {}
  void slaveLost(SchedulerDriver*, const SlaveID&) override {}
  void executorLost(
      SchedulerDriver*, const ExecutorID&, const SlaveID&, int) override
  {}
  void error(SchedulerDriver*, const string&) override {}
};

class AnExecutor : public Executor
{
public:
  void registered(
      ExecutorDriver*,
      const ExecutorInfo&,
      const FrameworkInfo&,
      const SlaveInfo&) override
  {}
  void reregistered(ExecutorDriver*, const SlaveInfo&) override {}
  void disconnected(ExecutorDriver*) override {}
  void launchTask(ExecutorDriver*, const TaskInfo&) override {}
  void killTask(ExecutorDriver*, const TaskID&) override {}
  void frameworkMessage(ExecutorDriver*, const string&) override {}
  void shutdown(ExecutorDriver*) override {}
  void error(ExecutorDriver*, const string&) override {}
};

void drivers()
{
  AScheduler scheduler;
  const FrameworkInfo framework;
  const Credential credential;
  const vector<string> roles;
  const string master;
  // A literal must not become a bool.
  MesosSchedulerDriver one(&scheduler, framework, "master");
  MesosSchedulerDriver two(&scheduler, framework, master, credential);
  MesosSchedulerDriver three(&scheduler, framework, master, false);
  MesosSchedulerDriver four(&scheduler, framework, master, false, credential);
  MesosSchedulerDriver five(&scheduler, framework, roles, master, false);
  MesosSchedulerDriver six(
      &scheduler, framework, roles, master, false, credential);
  SchedulerDriver& base = one;
  // Defaults, through both types.
  base.launchTasks(OfferID(), vector<TaskInfo>());
  one.launchTasks(vector<OfferID>(), vector<TaskInfo>());
  base.acceptOffers({OfferID()}, {Offer::Operation()});
  one.declineOffer(OfferID());
  base.stop();
  one.stop();

  AnExecutor executor;
  MesosExecutorDriver plain(&executor);
  MesosExecutorDriver elsewhere(&executor, map<string, string>());

  SchedulerMethods<SchedulerDriver>();
  SchedulerMethods<MesosSchedulerDriver>();
  ExecutorMethods<ExecutorDriver>();
  ExecutorMethods<MesosExecutorDriver>();
}

// The v1 connections.

class AConnection : public v1::scheduler::Mesos
{
public:
  AConnection()
    : Mesos(
          "master",
          ContentType::JSON,
          [] {},
          [] {},
          [](const queue<v1::scheduler::Event>&) {},
          v1::Credential())
  {}

protected:
  void stop() override { Mesos::stop(); }
};

void connections()
{
  AConnection connection;
  v1::scheduler::MesosBase& base = connection;
  base.send(v1::scheduler::Call());
  process::Future<v1::scheduler::APIResult> answer =
    base.call(v1::scheduler::Call());
  answer.onReady([](const v1::scheduler::APIResult&) {})
    .onFailed([](const string&) {})
    .onAny([](const process::Future<v1::scheduler::APIResult>&) {});
  base.reconnect();

  const auto received = [](const queue<v1::executor::Event>&) {};
  v1::executor::Mesos plain(ContentType::PROTOBUF, [] {}, [] {}, received);
  v1::executor::Mesos elsewhere(
      ContentType::PROTOBUF, [] {}, [] {}, received, map<string, string>());
  v1::executor::MesosBase& executor = plain;
  executor.send(v1::executor::Call());
}

// Resources, once for each API.

template <typename Resources, typename Resource, typename Operation>
void resources()
{
  Try<Resource> one = Resources::parse("cpus", "1", "*");
  Try<Resources> all = Resources::parse("cpus:1");
  all = Resources::parse("cpus:1", "role");
  Try<vector<Resource>> list = Resources::fromSimpleString("cpus:1");
  list = Resources::fromString("cpus:1", "role");
  Option<Error> error = Resources::validate(one.get());
  error = Resources::validate(RepeatedPtrField<Resource>());
  Resources sum(one.get());
  sum = list.get();
  sum = RepeatedPtrField<Resource>();
  sum = all.get() + one.get() - one.get() + all.get() - all.get();
  sum += one.get();
  sum += all.get();
  sum -= one.get();
  sum -= all.get();
  sum = RepeatedPtrField<Resource>() + sum;
  sum = RepeatedPtrField<Resource>() - sum;
  bool is = sum == all.get() || sum != all.get() || sum.empty() ||
    RepeatedPtrField<Resource>() == sum || sum.contains(one.get()) ||
    sum.contains(all.get());
  is = is && Resources::isEmpty(*one) && Resources::isPersistentVolume(*one) &&
    Resources::isDisk(*one, Resource::DiskInfo::Source::MOUNT) &&
    Resources::isReserved(*one) && Resources::isReserved(*one, string("r")) &&
    Resources::isAllocatableTo(*one, "r") && Resources::isUnreserved(*one) &&
    Resources::isDynamicallyReserved(*one) && Resources::isRevocable(*one) &&
    Resources::isShared(*one) &&
    Resources::isAllocatedToRoleSubtree(*one, "r") &&
    Resources::isReservedToRoleSubtree(*one, "r") &&
    Resources::hasRefinedReservations(*one) &&
    Resources::hasResourceProvider(*one);
  size_t count = sum.size() + sum.count(one.get());
  sum.allocate("role");
  sum.unallocate();
  sum = sum.filter([](const Resource&) { return true; });
  hashmap<string, Resources> map = sum.reservations();
  map = sum.allocations();
  map += map;
  map = map + map;
  sum = Resources::sum(map);
  sum = sum.reserved();
  sum = sum.reserved(string("role"));
  sum = sum.allocatableTo("role");
  sum = sum.allocatedToRoleSubtree("role");
  sum = sum.reservedToRoleSubtree("role");
  sum = sum.unreserved().persistentVolumes().revocable().nonRevocable();
  sum = sum.shared().nonShared().toUnreserved().scalars();
  sum = sum.pushReservation(typename Resource::ReservationInfo());
  sum = sum.popReservation().createStrippedScalarQuantity();
  const Option<Resources> found = sum.find(all.get());
  const Option<Resource> match = sum.match(one.get());
  all = sum.apply(Operation());
  all = sum.apply(vector<Operation>());
  sum = sum.get("cpus");
  const std::set<string> names = sum.names();
  const Option<double> cpus = sum.cpus();
  const Option<double> gpus = sum.gpus();
  const Option<Bytes> mem = sum.mem();
  const Option<Bytes> disk = sum.disk();
  const RepeatedPtrField<Resource> repeated = sum;
  std::ostringstream stream;
  for (const Resource& resource : sum) {
    stream << resource;
  }
  foreach (const Resource& resource, sum) {
    stream << resource.name();
  }
  stream << sum << repeated << is << count;
}

void values()
{
  const Resources all;
  Option<Value::Ranges> ranges = all.ports();
  ranges = all.ephemeral_ports();
  const Option<Value::Scalar> scalar = all.get<Value::Scalar>("cpus");
  const Option<Value::Set> set = all.get<Value::Set>("set");
  const Option<Value::Text> text = all.get<Value::Text>("text");
  const std::map<string, Value_Type> types = all.types();
  const ResourceConversion conversion(all, all, None());
  const Try<Resources> applied = all.apply(conversion);
  const v1::Resources others;
  const Option<v1::Value::Ranges> other = others.ports();
  const Option<v1::Value::Scalar> cpus = others.get<v1::Value::Scalar>("cpus");
}

// Comparing, printing and hashing.

namespace mesos {
namespace {

#define MESOS_API ::mesos
#define MESOS_AGENT_ID SlaveID
#define MESOS_AGENT_INFO SlaveInfo
#include "operators.ipp"
#undef MESOS_AGENT_INFO
#undef MESOS_AGENT_ID
#undef MESOS_API

} // namespace {

namespace v1 {
namespace {

#define MESOS_API ::mesos::v1
#define MESOS_AGENT_ID AgentID
#define MESOS_AGENT_INFO AgentInfo
#include "operators.ipp"
#undef MESOS_AGENT_INFO
#undef MESOS_AGENT_ID
#undef MESOS_API

} // namespace {
} // namespace v1 {
} // namespace mesos {

template <typename Id>
bool compared()
{
  std::unordered_map<Id, int> map;
  map[Id()] = 1;
  std::ostringstream stream;
  stream << Id();
  return Id() == Id() || Id() != Id() || Id() < Id() || Id() == string() ||
    map.empty();
}

void types()
{
  compared<ExecutorID>();
  compared<FrameworkID>();
  compared<OfferID>();
  compared<SlaveID>();
  compared<TaskID>();
  compared<v1::ExecutorID>();
  compared<v1::FrameworkID>();
  compared<v1::OfferID>();
  compared<v1::AgentID>();
  compared<v1::TaskID>();
  bool same = TaskInfo() == TaskInfo() && TaskStatus() != TaskStatus() &&
    CommandInfo() == CommandInfo() && v1::TaskStatus() == v1::TaskStatus() &&
    ExecutorInfo() != ExecutorInfo() && Labels() == Labels() &&
    typeutils::equivalent(FrameworkInfo(), FrameworkInfo());
  const google::protobuf::Map<string, TaskID> map;
  same = same && map == map && !(map != map);
  std::ostringstream stream;
  stream << TASK_RUNNING << v1::TASK_RUNNING << Offer::Operation::LAUNCH
         << CommandInfo() << ExecutorInfo() << MasterInfo() << TaskInfo()
         << vector<TaskID>() << v1::TaskStatus() << ContentType::JSON << Option<TaskID>()
         << scheduler::Call::SUBSCRIBE << scheduler::Event::OFFERS
         << v1::scheduler::Call::SUBSCRIBE << v1::executor::Event::LAUNCH
         << v1::scheduler::Event::Update() << executor::Call::SUBSCRIBE
         << executor::Event::LAUNCH << v1::executor::Call::SUBSCRIBE
         << v1::master::Call::GET_STATE << v1::master::Response::GET_STATE
         << v1::master::Event::TASK_ADDED << v1::agent::Call::GET_STATE << v1::agent::Response::GET_STATE
         << map << RepeatedPtrField<TaskID>() << same;
}

void uuids()
{
  const id::UUID uuid = id::UUID::random();
  Try<id::UUID> other = id::UUID::fromBytes(uuid.toBytes());
  other = id::UUID::fromString(uuid.toString());
  std::unordered_set<id::UUID> set = {uuid, other.get()};
  std::ostringstream stream;
  stream << uuid << (uuid == *other || uuid != *other || uuid < *other);
}

static_assert(
    !std::is_copy_constructible<MesosSchedulerDriver>::value,
    "a driver is one");
static_assert(MESOS_MAJOR_VERSION_NUM == 1, "as Mesos");

int main(int argc, char**)
{
  if (argc > 1000) {
    drivers();
    connections();
    resources<Resources, Resource, Offer::Operation>();
    resources<v1::Resources, v1::Resource, v1::Offer::Operation>();
    values();
    types();
    mesos::operators();
    v1::operators();
    uuids();
  }
  return 0;
}
