// SPDX-License-Identifier: Apache-2.0

// The native scheduler API: a Scheduler is called by a driver, and calls the driver.
//
// All callbacks come on one thread of the driver, one after another; `error` out of a `start` that
// fails comes on the thread of that `start`. What they throw aborts the driver, and is thrown
// again by the `join` or `run` that waits for it.

#ifndef __MESOS_SCHEDULER_HPP__
#define __MESOS_SCHEDULER_HPP__

#include <memory>
#include <string>
#include <vector>

#include <mesos/mesos.hpp>

#include <mesos/scheduler/scheduler.pb.h>

namespace mesos {

class SchedulerDriver;

/// What a framework implements to take part in scheduling.
class Scheduler
{
public:
  virtual ~Scheduler() {}

  /// The framework is registered, for the first time.
  virtual void registered(
      SchedulerDriver* driver,
      const FrameworkID& frameworkId,
      const MasterInfo& masterInfo) = 0;

  /// It is registered again, perhaps with another master.
  virtual void reregistered(
      SchedulerDriver* driver, const MasterInfo& masterInfo) = 0;

  /// There is no master now.
  virtual void disconnected(SchedulerDriver* driver) = 0;

  /// Resources to launch tasks on, or to decline.
  virtual void resourceOffers(
      SchedulerDriver* driver, const std::vector<Offer>& offers) = 0;

  /// An offer is no longer good; tasks launched on it end as TASK_LOST.
  virtual void offerRescinded(
      SchedulerDriver* driver, const OfferID& offerId) = 0;

  /// A task's state has changed. With implicit acknowledgements, returning acknowledges.
  virtual void statusUpdate(
      SchedulerDriver* driver, const TaskStatus& status) = 0;

  /// An executor's message; such messages can be lost.
  virtual void frameworkMessage(
      SchedulerDriver* driver,
      const ExecutorID& executorId,
      const SlaveID& slaveId,
      const std::string& data) = 0;

  /// An agent is gone from the cluster.
  virtual void slaveLost(SchedulerDriver* driver, const SlaveID& slaveId) = 0;

  /// An executor has ended. Updates of its tasks come besides.
  virtual void executorLost(
      SchedulerDriver* driver,
      const ExecutorID& executorId,
      const SlaveID& slaveId,
      int status) = 0;

  /// The driver cannot go on; it is aborted already.
  virtual void error(SchedulerDriver* driver, const std::string& message) = 0;
};

/// What a scheduler calls. Each method returns the status of the driver.
class SchedulerDriver
{
public:
  /// A driver is stopped before it is destroyed.
  virtual ~SchedulerDriver() {}

  /// Begins to look for the master.
  virtual Status start() = 0;

  /// Ends the driver, and unless `failover` the framework with all its tasks.
  virtual Status stop(bool failover = false) = 0;

  /// Ends the callbacks; the framework and its tasks stay.
  virtual Status abort() = 0;

  /// Waits until the driver is stopped or aborted.
  virtual Status join() = 0;

  /// `start` and then `join`.
  virtual Status run() = 0;

  /// Asks the allocator; the built-in one does not listen.
  virtual Status requestResources(const std::vector<Request>& requests) = 0;

  /// Launches tasks on offers of one agent; without tasks, declines them.
  virtual Status launchTasks(
      const std::vector<OfferID>& offerIds,
      const std::vector<TaskInfo>& tasks,
      const Filters& filters = Filters()) = 0;

  /// The same with one offer.
  virtual Status launchTasks(
      const OfferID& offerId,
      const std::vector<TaskInfo>& tasks,
      const Filters& filters = Filters()) = 0;

  /// Ends a task.
  virtual Status killTask(const TaskID& taskId) = 0;

  /// Applies operations, in their order, to offers of one agent.
  virtual Status acceptOffers(
      const std::vector<OfferID>& offerIds,
      const std::vector<Offer::Operation>& operations,
      const Filters& filters = Filters()) = 0;

  /// Gives an offer back.
  virtual Status declineOffer(
      const OfferID& offerId, const Filters& filters = Filters()) = 0;

  /// Drops all filters, and the suppression of all roles.
  virtual Status reviveOffers() = 0;

  /// Does so for some roles; without any, nothing happens.
  virtual Status reviveOffers(const std::vector<std::string>& roles) = 0;

  /// Wants no more offers.
  virtual Status suppressOffers() = 0;

  /// Wants none for some roles; without any, nothing happens.
  virtual Status suppressOffers(const std::vector<std::string>& roles) = 0;

  /// Acknowledges an update; only without implicit acknowledgements.
  virtual Status acknowledgeStatusUpdate(const TaskStatus& status) = 0;

  /// Sends an executor a message, which can be lost.
  virtual Status sendFrameworkMessage(
      const ExecutorID& executorId,
      const SlaveID& slaveId,
      const std::string& data) = 0;

  /// Asks for the latest state of these tasks; without any, of all.
  virtual Status reconcileTasks(const std::vector<TaskStatus>& statuses) = 0;

  /// Replaces what the master knows of the framework.
  virtual Status updateFramework(
      const FrameworkInfo& frameworkInfo,
      const std::vector<std::string>& suppressedRoles,
      ::mesos::scheduler::OfferConstraints&& offerConstraints) = 0;
};

/// The driver. `master` is host:port, zk://host:port,.../path, file:///path to a file with one
/// of these, or local.
class MesosSchedulerDriver : public SchedulerDriver
{
public:
  MesosSchedulerDriver(
      Scheduler* scheduler,
      const FrameworkInfo& framework,
      const std::string& master);

  MesosSchedulerDriver(
      Scheduler* scheduler,
      const FrameworkInfo& framework,
      const std::string& master,
      const Credential& credential);

  MesosSchedulerDriver(
      Scheduler* scheduler,
      const FrameworkInfo& framework,
      const std::string& master,
      bool implicitAcknowledgements);

  MesosSchedulerDriver(
      Scheduler* scheduler,
      const FrameworkInfo& framework,
      const std::string& master,
      bool implicitAcknowledgements,
      const Credential& credential);

  MesosSchedulerDriver(
      Scheduler* scheduler,
      const FrameworkInfo& framework,
      const std::vector<std::string>& suppressedRoles,
      const std::string& master,
      bool implicitAcknowledgements);

  MesosSchedulerDriver(
      Scheduler* scheduler,
      const FrameworkInfo& framework,
      const std::vector<std::string>& suppressedRoles,
      const std::string& master,
      bool implicitAcknowledgements,
      const Credential& credential);

  /// Ends the driver as `stop(true)` does, and waits for the callback that runs.
  ~MesosSchedulerDriver() override;

  MesosSchedulerDriver(const MesosSchedulerDriver&) = delete;
  MesosSchedulerDriver& operator=(const MesosSchedulerDriver&) = delete;

  Status start() override;
  Status stop(bool failover = false) override;
  Status abort() override;
  Status join() override;
  Status run() override;

  Status requestResources(const std::vector<Request>& requests) override;

  Status launchTasks(
      const OfferID& offerId,
      const std::vector<TaskInfo>& tasks,
      const Filters& filters = Filters()) override;

  Status launchTasks(
      const std::vector<OfferID>& offerIds,
      const std::vector<TaskInfo>& tasks,
      const Filters& filters = Filters()) override;

  Status killTask(const TaskID& taskId) override;

  Status acceptOffers(
      const std::vector<OfferID>& offerIds,
      const std::vector<Offer::Operation>& operations,
      const Filters& filters = Filters()) override;

  Status declineOffer(
      const OfferID& offerId, const Filters& filters = Filters()) override;

  Status reviveOffers() override;
  Status reviveOffers(const std::vector<std::string>& roles) override;

  Status suppressOffers() override;
  Status suppressOffers(const std::vector<std::string>& roles) override;

  Status acknowledgeStatusUpdate(const TaskStatus& status) override;

  Status sendFrameworkMessage(
      const ExecutorID& executorId,
      const SlaveID& slaveId,
      const std::string& data) override;

  Status reconcileTasks(const std::vector<TaskStatus>& statuses) override;

  Status updateFramework(
      const FrameworkInfo& frameworkInfo,
      const std::vector<std::string>& suppressedRoles,
      ::mesos::scheduler::OfferConstraints&& offerConstraints) override;

private:
  struct Implementation;

  MesosSchedulerDriver(
      Scheduler* scheduler,
      const FrameworkInfo& framework,
      const std::vector<std::string>& suppressedRoles,
      const std::string& master,
      bool implicitAcknowledgements,
      const Credential* credential);

  std::unique_ptr<Implementation> implementation;
};

} // namespace mesos {

#endif // __MESOS_SCHEDULER_HPP__
