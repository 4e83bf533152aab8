# SPDX-License-Identifier: Apache-2.0
"""A framework's side of the native API."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Iterable, Optional, Sequence, Union

if TYPE_CHECKING:
    from mesos.interface import mesos_pb2 as mesos

# mesos_pb2.DRIVER_NOT_STARTED: what a driver says that does nothing.
_NOT_STARTED = 1


class Scheduler:
    """Base class of frameworks: each callback does nothing unless overridden.

    >>> class Decliner(Scheduler):
    ...     def resourceOffers(self, driver, offers):
    ...         for offer in offers:
    ...             driver.declineOffer(offer.id)
    """

    def registered(
        self,
        driver: SchedulerDriver,
        frameworkId: mesos.FrameworkID,
        masterInfo: mesos.MasterInfo,
    ) -> None:
        """The master has the framework, for the first time in this driver's life.

        `frameworkId` is what the master calls it from now on; a framework that
        wants to survive its scheduler keeps it.
        """

    def reregistered(self, driver: SchedulerDriver, masterInfo: mesos.MasterInfo) -> None:
        """A master, the same or a new one, has the framework again after `disconnected`."""

    def disconnected(self, driver: SchedulerDriver) -> None:
        """There is no master at the moment. Tasks go on; offers in hand are void."""

    def resourceOffers(self, driver: SchedulerDriver, offers: Sequence[mesos.Offer]) -> None:
        """Resources, each offer of one agent, to be used or declined.

        An offer is this framework's until it answers or `offerRescinded` takes
        it back. A task that is launched on one that was taken back is lost.
        """

    def offerRescinded(self, driver: SchedulerDriver, offerId: mesos.OfferID) -> None:
        """An offer is no longer good, for example because its agent is gone."""

    def statusUpdate(self, driver: SchedulerDriver, status: mesos.TaskStatus) -> None:
        """A task has changed its state.

        With implicit acknowledgements, returning from this callback says that
        the update is dealt with: it will not come again. When the driver is
        aborted inside, or the process ends, it comes again. With explicit ones,
        `acknowledgeStatusUpdate` says so.
        """

    def frameworkMessage(
        self,
        driver: SchedulerDriver,
        executorId: mesos.ExecutorID,
        slaveId: mesos.SlaveID,
        message: bytes,
    ) -> None:
        """An executor has sent a message. Such messages can be lost without a word."""

    def slaveLost(self, driver: SchedulerDriver, slaveId: mesos.SlaveID) -> None:
        """An agent has been removed from the cluster; its tasks are to be run elsewhere.

        Not every loss is told: reconcile tasks rather than rely on this.
        """

    def executorLost(
        self,
        driver: SchedulerDriver,
        executorId: mesos.ExecutorID,
        slaveId: mesos.SlaveID,
        status: int,
    ) -> None:
        """An executor has ended; updates for its tasks come by themselves.

        `status` is its wait status. Not every end is told.
        """

    def error(self, driver: SchedulerDriver, message: str) -> None:
        """The driver cannot go on. It has been aborted before this is called."""
        print(f"Error from Mesos: {message}", file=sys.stderr)


class SchedulerDriver:
    """What a framework can do; `mesos.native.MesosSchedulerDriver` does it.

    The methods of this class do nothing: a stand-in for tests overrides those it needs.

    Each method returns a status of `mesos_pb2`: DRIVER_NOT_STARTED,
    DRIVER_RUNNING, DRIVER_ABORTED or DRIVER_STOPPED. Unless it is
    DRIVER_RUNNING, nothing was done.
    """

    def start(self) -> int:
        """Starts the driver. Nothing else has an effect before."""
        return _NOT_STARTED

    def stop(self, failover: bool = False) -> int:
        """Stops the driver, and ends the framework with all its tasks.

        With `failover` both go on, as long as the framework's failover timeout,
        for another scheduler to take over.
        """
        return _NOT_STARTED

    def abort(self) -> int:
        """Ends the callbacks. The framework and its tasks stay for now."""
        return _NOT_STARTED

    def join(self) -> int:
        """Waits until the driver is stopped or aborted."""
        return _NOT_STARTED

    def run(self) -> int:
        """`start` and then `join`."""
        return _NOT_STARTED

    def requestResources(self, requests: Iterable[mesos.Request]) -> int:
        """Tells the allocator what is wanted. The one that comes with Mesos does not listen."""
        return _NOT_STARTED

    def launchTasks(
        self,
        offerIds: Union[mesos.OfferID, Iterable[mesos.OfferID]],
        tasks: Iterable[mesos.TaskInfo],
        filters: Optional[mesos.Filters] = None,
    ) -> int:
        """Launches tasks on one offer, or on several of the same agent.

        What they leave of the offers is declined with `filters`; without tasks
        all of it is.
        """
        return _NOT_STARTED

    def killTask(self, taskId: mesos.TaskID) -> int:
        """Ends a task. Lost when there is no master: then do it again."""
        return _NOT_STARTED

    def acceptOffers(
        self,
        offerIds: Iterable[mesos.OfferID],
        operations: Iterable[mesos.Offer.Operation],
        filters: Optional[mesos.Filters] = None,
    ) -> int:
        """Applies operations, one after another, to offers of one agent.

        What they leave of the offers is declined with `filters`.
        """
        return _NOT_STARTED

    def declineOffer(
        self, offerId: mesos.OfferID, filters: Optional[mesos.Filters] = None
    ) -> int:
        """Gives an offer back; for a while (`filters`) the same does not come again."""
        return _NOT_STARTED

    def reviveOffers(self, roles: Optional[Iterable[str]] = None) -> int:
        """Wants offers again whatever was declined or suppressed.

        For all roles if `roles` is `None`; an empty `roles` does nothing.
        """
        return _NOT_STARTED

    def suppressOffers(self, roles: Optional[Iterable[str]] = None) -> int:
        """Wants no offers until `reviveOffers`.

        For all roles if `roles` is `None`; an empty `roles` does nothing.
        """
        return _NOT_STARTED

    def acknowledgeStatusUpdate(self, status: mesos.TaskStatus) -> int:
        """Says that an update is dealt with.

        Only where the driver was made without implicit acknowledgements;
        otherwise it is an error, which aborts the driver.
        """
        return _NOT_STARTED

    def sendFrameworkMessage(
        self, executorId: mesos.ExecutorID, slaveId: mesos.SlaveID, data: Any
    ) -> int:
        """Sends bytes to an executor. They can be lost without a word."""
        return _NOT_STARTED

    def reconcileTasks(self, tasks: Iterable[mesos.TaskStatus]) -> int:
        """Asks for the latest state of these tasks; of all that are known if there are none."""
        return _NOT_STARTED

    def updateFramework(
        self, frameworkInfo: mesos.FrameworkInfo, suppressedRoles: Iterable[str]
    ) -> int:
        """Replaces the description of the framework and its suppressed roles.

        `frameworkInfo.id` must be what `registered` told. If the master refuses,
        `error` is called.
        """
        return _NOT_STARTED
