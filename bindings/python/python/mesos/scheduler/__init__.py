# SPDX-License-Identifier: Apache-2.0
"""The scheduler driver that talks to a cluster."""

from __future__ import annotations

from typing import Any, Iterable, Optional, Sequence, Union

from _mesos_rs import _native
from _mesos_rs.driver import (
    Callbacks,
    NativeDriver,
    all_serialized,
    data_bytes,
    serialized,
    text_list,
)
from mesos.interface import Scheduler, SchedulerDriver
from mesos.interface import mesos_pb2 as mesos


class MesosSchedulerDriver(NativeDriver, SchedulerDriver):
    """The scheduler driver that talks to a cluster.

    `scheduler` is called back on a thread of the driver's. `master` is
    `host:port`, `zk://host:port,…/path`, `file:///path` to a file that holds one
    of these, or `local` for a cluster of the driver's own. An empty user or
    hostname of `framework` is filled in. What is wrong with the arguments,
    `start` tells to the scheduler's `error`.

    A driver that nobody refers to any more is closed: its framework is left to
    its failover timeout.

    >>> from mesos.interface import Scheduler, mesos_pb2
    >>> framework = mesos_pb2.FrameworkInfo(user="", name="example")
    >>> driver = MesosSchedulerDriver(Scheduler(), framework, "127.0.0.1:5050")
    >>> driver.reviveOffers() == mesos_pb2.DRIVER_NOT_STARTED
    True
    """

    def __init__(
        self,
        scheduler: Scheduler,
        framework: mesos.FrameworkInfo,
        master: str,
        implicitAcknowledgements: Union[int, bool] = 1,
        credential: Optional[mesos.Credential] = None,
        suppressedRoles: Optional[Iterable[str]] = None,
    ) -> None:
        native = _native.SchedulerDriver(
            serialized(framework, "FrameworkInfo"),
            master,
            bool(implicitAcknowledgements),
            None if credential is None else serialized(credential, "Credential"),
            [] if suppressedRoles is None else text_list(suppressedRoles, "suppressedRoles"),
        )
        super().__init__(native, scheduler)

    def _callbacks(self) -> Callbacks:
        return _SchedulerCallbacks(self)

    def _end(self) -> None:
        self._native.stop(True)

    def stop(self, failover: bool = False) -> int:
        """Stops the driver, and ends the framework unless `failover`."""
        status: int = self._native.stop(bool(failover))
        return status

    def requestResources(self, requests: Iterable[mesos.Request]) -> int:
        """Tells the allocator what is wanted."""
        status: int = self._native.request_resources(all_serialized(requests, "Request"))
        return status

    def launchTasks(
        self,
        offerIds: Union[mesos.OfferID, Iterable[mesos.OfferID]],
        tasks: Iterable[mesos.TaskInfo],
        filters: Optional[mesos.Filters] = None,
    ) -> int:
        """Launches tasks on one offer or on several of the same agent."""
        status: int = self._native.launch_tasks(
            _offer_ids(offerIds), all_serialized(tasks, "TaskInfo"), _filters(filters)
        )
        return status

    def killTask(self, taskId: mesos.TaskID) -> int:
        """Ends a task."""
        status: int = self._native.kill_task(serialized(taskId, "TaskID"))
        return status

    def acceptOffers(
        self,
        offerIds: Union[mesos.OfferID, Iterable[mesos.OfferID]],
        operations: Iterable[mesos.Offer.Operation],
        filters: Optional[mesos.Filters] = None,
    ) -> int:
        """Applies operations to offers of one agent."""
        status: int = self._native.accept_offers(
            _offer_ids(offerIds),
            all_serialized(operations, "Offer.Operation"),
            _filters(filters),
        )
        return status

    def declineOffer(
        self, offerId: mesos.OfferID, filters: Optional[mesos.Filters] = None
    ) -> int:
        """Gives an offer back."""
        status: int = self._native.decline_offer(serialized(offerId, "OfferID"), _filters(filters))
        return status

    def reviveOffers(self, roles: Optional[Iterable[str]] = None) -> int:
        """Wants offers again, for all roles or for these."""
        named = None if roles is None else text_list(roles, "roles")
        status: int = self._native.revive_offers(named)
        return status

    def suppressOffers(self, roles: Optional[Iterable[str]] = None) -> int:
        """Wants no offers, for all roles or for these."""
        named = None if roles is None else text_list(roles, "roles")
        status: int = self._native.suppress_offers(named)
        return status

    def acknowledgeStatusUpdate(self, status: mesos.TaskStatus) -> int:
        """Says that an update is dealt with."""
        of_driver: int = self._native.acknowledge_status_update(serialized(status, "TaskStatus"))
        return of_driver

    def sendFrameworkMessage(
        self,
        executorId: mesos.ExecutorID,
        slaveId: mesos.SlaveID,
        data: Union[bytes, bytearray, memoryview, str],
    ) -> int:
        """Sends bytes to an executor."""
        status: int = self._native.send_framework_message(
            serialized(executorId, "ExecutorID"), serialized(slaveId, "SlaveID"), data_bytes(data)
        )
        return status

    def reconcileTasks(self, tasks: Iterable[mesos.TaskStatus]) -> int:
        """Asks for the latest state of these tasks, or of all."""
        status: int = self._native.reconcile_tasks(all_serialized(tasks, "TaskStatus"))
        return status

    def updateFramework(
        self,
        frameworkInfo: mesos.FrameworkInfo,
        suppressedRoles: Iterable[str],
        offerConstraints: Optional[Any] = None,
    ) -> int:
        """Replaces the description of the framework, its suppressed roles and its constraints.

        `offerConstraints`, a `scheduler_pb2.OfferConstraints`, is more than Mesos's driver takes.
        """
        constraints = (
            None if offerConstraints is None else serialized(offerConstraints, "OfferConstraints")
        )
        status: int = self._native.update_framework(
            serialized(frameworkInfo, "FrameworkInfo"),
            text_list(suppressedRoles, "suppressedRoles"),
            constraints,
        )
        return status


def _offer_ids(offerIds: Union[mesos.OfferID, Iterable[mesos.OfferID]]) -> list[bytes]:
    if isinstance(offerIds, mesos.OfferID):
        return [serialized(offerIds, "OfferID")]
    return all_serialized(offerIds, "OfferID")


def _filters(filters: Optional[mesos.Filters]) -> bytes:
    return b"" if filters is None else serialized(filters, "Filters")


class _SchedulerCallbacks(Callbacks):
    def registered(self, framework_id: bytes, master: bytes) -> None:
        self._call(
            "registered",
            mesos.FrameworkID.FromString(framework_id),
            mesos.MasterInfo.FromString(master),
        )

    def reregistered(self, master: bytes) -> None:
        self._call("reregistered", mesos.MasterInfo.FromString(master))

    def disconnected(self) -> None:
        self._call("disconnected")

    def resourceOffers(self, offers: Sequence[bytes]) -> None:
        self._call("resourceOffers", [mesos.Offer.FromString(offer) for offer in offers])

    def offerRescinded(self, offer_id: bytes) -> None:
        self._call("offerRescinded", mesos.OfferID.FromString(offer_id))

    def statusUpdate(self, status: bytes) -> None:
        self._call("statusUpdate", mesos.TaskStatus.FromString(status))

    def frameworkMessage(self, executor_id: bytes, slave_id: bytes, data: bytes) -> None:
        self._call(
            "frameworkMessage",
            mesos.ExecutorID.FromString(executor_id),
            mesos.SlaveID.FromString(slave_id),
            data,
        )

    def slaveLost(self, slave_id: bytes) -> None:
        self._call("slaveLost", mesos.SlaveID.FromString(slave_id))

    def executorLost(self, executor_id: bytes, slave_id: bytes, status: int) -> None:
        self._call(
            "executorLost",
            mesos.ExecutorID.FromString(executor_id),
            mesos.SlaveID.FromString(slave_id),
            status,
        )
