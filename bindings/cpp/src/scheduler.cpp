// SPDX-License-Identifier: Apache-2.0

#include <mesos/scheduler.hpp>

#include "driver.hpp"

using std::string;
using std::vector;

namespace mesos {

using internal::callBack;
using internal::Failure;
using internal::List;
using internal::parsed;
using internal::serialized;
using internal::view;

namespace {

using Listener = internal::Listener<Scheduler, SchedulerDriver>;

bool registered(
    void* context,
    mesos_scheduler_driver,
    mesos_bytes frameworkId,
    mesos_bytes master)
{
  return callBack<Listener>(context, [=](auto& scheduler, auto* driver) {
    scheduler.registered(
        driver, parsed<FrameworkID>(frameworkId), parsed<MasterInfo>(master));
  });
}

bool reregistered(void* context, mesos_scheduler_driver, mesos_bytes master)
{
  return callBack<Listener>(context, [=](auto& scheduler, auto* driver) {
    scheduler.reregistered(driver, parsed<MasterInfo>(master));
  });
}

bool disconnected(void* context, mesos_scheduler_driver)
{
  return callBack<Listener>(context, [](auto& scheduler, auto* driver) {
    scheduler.disconnected(driver);
  });
}

bool resourceOffers(
    void* context,
    mesos_scheduler_driver,
    const mesos_bytes* offers,
    size_t count)
{
  return callBack<Listener>(context, [=](auto& scheduler, auto* driver) {
    vector<Offer> list;
    list.reserve(count);
    for (size_t i = 0; i < count; i++) {
      list.push_back(parsed<Offer>(offers[i]));
    }
    scheduler.resourceOffers(driver, list);
  });
}

bool offerRescinded(void* context, mesos_scheduler_driver, mesos_bytes offerId)
{
  return callBack<Listener>(context, [=](auto& scheduler, auto* driver) {
    scheduler.offerRescinded(driver, parsed<OfferID>(offerId));
  });
}

bool statusUpdate(void* context, mesos_scheduler_driver, mesos_bytes status)
{
  return callBack<Listener>(context, [=](auto& scheduler, auto* driver) {
    scheduler.statusUpdate(driver, parsed<TaskStatus>(status));
  });
}

bool frameworkMessage(
    void* context,
    mesos_scheduler_driver,
    mesos_bytes executorId,
    mesos_bytes slaveId,
    mesos_bytes data)
{
  return callBack<Listener>(context, [=](auto& scheduler, auto* driver) {
    scheduler.frameworkMessage(
        driver,
        parsed<ExecutorID>(executorId),
        parsed<SlaveID>(slaveId),
        internal::text(data));
  });
}

bool slaveLost(void* context, mesos_scheduler_driver, mesos_bytes slaveId)
{
  return callBack<Listener>(context, [=](auto& scheduler, auto* driver) {
    scheduler.slaveLost(driver, parsed<SlaveID>(slaveId));
  });
}

bool executorLost(
    void* context,
    mesos_scheduler_driver,
    mesos_bytes executorId,
    mesos_bytes slaveId,
    int32_t status)
{
  return callBack<Listener>(context, [=](auto& scheduler, auto* driver) {
    scheduler.executorLost(
        driver,
        parsed<ExecutorID>(executorId),
        parsed<SlaveID>(slaveId),
        status);
  });
}

bool error(void* context, mesos_scheduler_driver, mesos_bytes message)
{
  return callBack<Listener>(context, [=](auto& scheduler, auto* driver) {
    scheduler.error(driver, internal::text(message));
  });
}

mesos_scheduler_callbacks callbacks(void* context)
{
  mesos_scheduler_callbacks result = {};
  result.size = sizeof(result);
  result.context = context;
  result.registered = registered;
  result.reregistered = reregistered;
  result.disconnected = disconnected;
  result.resource_offers = resourceOffers;
  result.offer_rescinded = offerRescinded;
  result.status_update = statusUpdate;
  result.framework_message = frameworkMessage;
  result.agent_lost = slaveLost;
  result.executor_lost = executorLost;
  result.error = error;
  result.release = internal::release<Listener>;
  return result;
}

} // namespace {

struct MesosSchedulerDriver::Implementation
  : internal::Driver<mesos_scheduler_driver, Listener>
{};

MesosSchedulerDriver::MesosSchedulerDriver(
    Scheduler* scheduler,
    const FrameworkInfo& framework,
    const vector<string>& suppressedRoles,
    const string& master,
    bool implicitAcknowledgements,
    const Credential* credential)
  : implementation(new Implementation())
{
  implementation->listener->driver = this;
  implementation->listener->callee = scheduler;
  if (scheduler == nullptr) {
    implementation->failure = "the driver's scheduler is a null pointer";
    return;
  }

  const string info = serialized(framework);
  const string secret = credential ? serialized(*credential) : string();
  const List roles(suppressedRoles);

  mesos_scheduler_options options = {};
  options.size = sizeof(options);
  options.framework = view(info);
  options.master = master.c_str();
  if (credential != nullptr) {
    options.credential = view(secret);
  }
  options.implicit_acknowledgements = implicitAcknowledgements;
  options.suppressed_roles = roles.data();
  options.suppressed_roles_count = roles.size();

  void* context = internal::share(implementation->listener);
  const mesos_scheduler_callbacks all = callbacks(context);
  Failure failure;
  if (!mesos_scheduler_driver_new(
          &all, &options, &implementation->handle, failure.place())) {
    internal::release<Listener>(context);
    implementation->failure = failure.message();
  }
}

MesosSchedulerDriver::MesosSchedulerDriver(
    Scheduler* scheduler, const FrameworkInfo& framework, const string& master)
  : MesosSchedulerDriver(scheduler, framework, {}, master, true, nullptr)
{}

MesosSchedulerDriver::MesosSchedulerDriver(
    Scheduler* scheduler,
    const FrameworkInfo& framework,
    const string& master,
    const Credential& credential)
  : MesosSchedulerDriver(scheduler, framework, {}, master, true, &credential)
{}

MesosSchedulerDriver::MesosSchedulerDriver(
    Scheduler* scheduler,
    const FrameworkInfo& framework,
    const string& master,
    bool implicitAcknowledgements)
  : MesosSchedulerDriver(
        scheduler, framework, {}, master, implicitAcknowledgements, nullptr)
{}

MesosSchedulerDriver::MesosSchedulerDriver(
    Scheduler* scheduler,
    const FrameworkInfo& framework,
    const string& master,
    bool implicitAcknowledgements,
    const Credential& credential)
  : MesosSchedulerDriver(
        scheduler, framework, {}, master, implicitAcknowledgements, &credential)
{}

MesosSchedulerDriver::MesosSchedulerDriver(
    Scheduler* scheduler,
    const FrameworkInfo& framework,
    const vector<string>& suppressedRoles,
    const string& master,
    bool implicitAcknowledgements)
  : MesosSchedulerDriver(
        scheduler,
        framework,
        suppressedRoles,
        master,
        implicitAcknowledgements,
        nullptr)
{}

MesosSchedulerDriver::MesosSchedulerDriver(
    Scheduler* scheduler,
    const FrameworkInfo& framework,
    const vector<string>& suppressedRoles,
    const string& master,
    bool implicitAcknowledgements,
    const Credential& credential)
  : MesosSchedulerDriver(
        scheduler,
        framework,
        suppressedRoles,
        master,
        implicitAcknowledgements,
        &credential)
{}

MesosSchedulerDriver::~MesosSchedulerDriver()
{
  mesos_scheduler_driver_free(implementation->handle);
}

Status MesosSchedulerDriver::start()
{
  return implementation->start(mesos_scheduler_driver_start);
}

Status MesosSchedulerDriver::stop(bool failover)
{
  return implementation->stop(mesos_scheduler_driver_stop, failover);
}

Status MesosSchedulerDriver::abort()
{
  return implementation->call(mesos_scheduler_driver_abort);
}

Status MesosSchedulerDriver::join()
{
  return implementation->join(mesos_scheduler_driver_join);
}

Status MesosSchedulerDriver::run()
{
  return implementation->run(mesos_scheduler_driver_run);
}

Status MesosSchedulerDriver::requestResources(const vector<Request>& requests)
{
  const List list(requests);
  return implementation->call(
      mesos_scheduler_driver_request_resources, list.data(), list.size());
}

Status MesosSchedulerDriver::launchTasks(
    const OfferID& offerId,
    const vector<TaskInfo>& tasks,
    const Filters& filters)
{
  return launchTasks(vector<OfferID>{offerId}, tasks, filters);
}

Status MesosSchedulerDriver::launchTasks(
    const vector<OfferID>& offerIds,
    const vector<TaskInfo>& tasks,
    const Filters& filters)
{
  const List offers(offerIds);
  const List list(tasks);
  const string filter = serialized(filters);
  return implementation->call(
      mesos_scheduler_driver_launch_tasks,
      offers.data(),
      offers.size(),
      list.data(),
      list.size(),
      view(filter));
}

Status MesosSchedulerDriver::killTask(const TaskID& taskId)
{
  const string id = serialized(taskId);
  return implementation->call(mesos_scheduler_driver_kill_task, view(id));
}

Status MesosSchedulerDriver::acceptOffers(
    const vector<OfferID>& offerIds,
    const vector<Offer::Operation>& operations,
    const Filters& filters)
{
  const List offers(offerIds);
  const List list(operations);
  const string filter = serialized(filters);
  return implementation->call(
      mesos_scheduler_driver_accept_offers,
      offers.data(),
      offers.size(),
      list.data(),
      list.size(),
      view(filter));
}

Status MesosSchedulerDriver::declineOffer(
    const OfferID& offerId, const Filters& filters)
{
  const string id = serialized(offerId);
  const string filter = serialized(filters);
  return implementation->call(
      mesos_scheduler_driver_decline_offer, view(id), view(filter));
}

Status MesosSchedulerDriver::reviveOffers()
{
  return implementation->call(mesos_scheduler_driver_revive_offers);
}

Status MesosSchedulerDriver::reviveOffers(const vector<string>& roles)
{
  const List list(roles);
  return implementation->call(
      mesos_scheduler_driver_revive_offers_for_roles, list.data(), list.size());
}

Status MesosSchedulerDriver::suppressOffers()
{
  return implementation->call(mesos_scheduler_driver_suppress_offers);
}

Status MesosSchedulerDriver::suppressOffers(const vector<string>& roles)
{
  const List list(roles);
  return implementation->call(
      mesos_scheduler_driver_suppress_offers_for_roles,
      list.data(),
      list.size());
}

Status MesosSchedulerDriver::acknowledgeStatusUpdate(const TaskStatus& status)
{
  const string bytes = serialized(status);
  return implementation->call(
      mesos_scheduler_driver_acknowledge_status_update, view(bytes));
}

Status MesosSchedulerDriver::sendFrameworkMessage(
    const ExecutorID& executorId, const SlaveID& slaveId, const string& data)
{
  const string executor = serialized(executorId);
  const string slave = serialized(slaveId);
  return implementation->call(
      mesos_scheduler_driver_send_framework_message,
      view(executor),
      view(slave),
      view(data));
}

Status MesosSchedulerDriver::reconcileTasks(const vector<TaskStatus>& statuses)
{
  const List list(statuses);
  return implementation->call(
      mesos_scheduler_driver_reconcile_tasks, list.data(), list.size());
}

Status MesosSchedulerDriver::updateFramework(
    const FrameworkInfo& frameworkInfo,
    const vector<string>& suppressedRoles,
    ::mesos::scheduler::OfferConstraints&& offerConstraints)
{
  const string info = serialized(frameworkInfo);
  const List roles(suppressedRoles);
  const string constraints = serialized(offerConstraints);
  return implementation->call(
      mesos_scheduler_driver_update_framework,
      view(info),
      roles.data(),
      roles.size(),
      view(constraints));
}

} // namespace mesos {
