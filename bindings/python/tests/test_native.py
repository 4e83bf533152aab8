# SPDX-License-Identifier: Apache-2.0
"""The native API: signatures, arguments, messages."""

from __future__ import annotations

import inspect
import pickle
from typing import Any

import pytest

import mesos.executor
import mesos.interface
import mesos.native
import mesos.scheduler
from mesos.interface import Scheduler, executor_pb2, mesos_pb2, scheduler_pb2
from mesos.native import MesosExecutorDriver, MesosSchedulerDriver
from mesos.v1.interface import master_pb2
from mesos.v1.interface import mesos_pb2 as v1

# What the classes of Apache Mesos 1.11.0 take, without self.
SCHEDULER = {
    "registered": "driver, frameworkId, masterInfo",
    "reregistered": "driver, masterInfo",
    "disconnected": "driver",
    "resourceOffers": "driver, offers",
    "offerRescinded": "driver, offerId",
    "statusUpdate": "driver, status",
    "frameworkMessage": "driver, executorId, slaveId, message",
    "slaveLost": "driver, slaveId",
    "executorLost": "driver, executorId, slaveId, status",
    "error": "driver, message",
}
SCHEDULER_DRIVER = {
    "start": "",
    "stop": "failover=False",
    "abort": "",
    "join": "",
    "run": "",
    "requestResources": "requests",
    "launchTasks": "offerIds, tasks, filters=None",
    "killTask": "taskId",
    "acceptOffers": "offerIds, operations, filters=None",
    "declineOffer": "offerId, filters=None",
    "reviveOffers": "roles=None",
    "suppressOffers": "roles=None",
    "acknowledgeStatusUpdate": "status",
    "sendFrameworkMessage": "executorId, slaveId, data",
    "reconcileTasks": "tasks",
    "updateFramework": "frameworkInfo, suppressedRoles",
}
EXECUTOR = {
    "registered": "driver, executorInfo, frameworkInfo, slaveInfo",
    "reregistered": "driver, slaveInfo",
    "disconnected": "driver",
    "launchTask": "driver, task",
    "killTask": "driver, taskId",
    "frameworkMessage": "driver, message",
    "shutdown": "driver",
    "error": "driver, message",
}
EXECUTOR_DRIVER = {
    "start": "",
    "stop": "",
    "abort": "",
    "join": "",
    "run": "",
    "sendStatusUpdate": "status",
    "sendFrameworkMessage": "data",
}
CONSTRUCTOR = (
    "scheduler, framework, master, implicitAcknowledgements=1, credential=None, "
    "suppressedRoles=None"
)


def parameters(function: Any) -> str:
    """Names and defaults, without annotations."""
    signature = inspect.signature(function)
    plain = [
        it.replace(annotation=inspect.Parameter.empty)
        for name, it in signature.parameters.items()
        if name != "self"
    ]
    return ", ".join(str(it) for it in plain)


@pytest.mark.parametrize(
    ("kind", "methods"),
    [
        (mesos.interface.Scheduler, SCHEDULER),
        (mesos.interface.SchedulerDriver, SCHEDULER_DRIVER),
        (mesos.interface.Executor, EXECUTOR),
        (mesos.interface.ExecutorDriver, EXECUTOR_DRIVER),
        (MesosSchedulerDriver, SCHEDULER_DRIVER),
        (MesosExecutorDriver, EXECUTOR_DRIVER),
    ],
)
def test_the_methods_are_those_of_mesos(kind: Any, methods: dict[str, str]) -> None:
    ours = {name: it for name, it in inspect.getmembers(kind) if not name.startswith("_")}
    assert set(ours) == set(methods)
    for name, wanted in methods.items():
        found = parameters(ours[name])
        # One optional argument more is ours.
        assert found in (wanted, wanted + ", offerConstraints=None"), name
        assert inspect.getdoc(ours[name]), name


def test_the_constructors_are_those_of_mesos() -> None:
    assert parameters(MesosSchedulerDriver) == CONSTRUCTOR
    assert parameters(MesosExecutorDriver) == "executor"
    assert mesos.native.MesosSchedulerDriver is mesos.scheduler.MesosSchedulerDriver
    assert mesos.native.MesosExecutorDriver is mesos.executor.MesosExecutorDriver


def test_messages_have_the_names_of_v0() -> None:
    offer = mesos_pb2.Offer()
    offer.slave_id.value = "S1"
    assert mesos_pb2.SlaveID.__module__ == "mesos.interface.mesos_pb2"
    assert mesos_pb2.TaskState.Name(mesos_pb2.TASK_FINISHED) == "TASK_FINISHED"
    assert mesos_pb2.TaskStatus.REASON_SLAVE_REMOVED == 11
    assert mesos_pb2.Offer.Operation.LAUNCH == 1
    assert mesos_pb2.SlaveInfo().checkpoint is False
    assert [mesos_pb2.DRIVER_NOT_STARTED, mesos_pb2.DRIVER_STOPPED] == [1, 4]
    assert scheduler_pb2.Call.Subscribe(force=True).force
    assert executor_pb2.Event.Registered if hasattr(executor_pb2.Event, "Registered") else True


def test_v0_and_v1_have_the_same_bytes() -> None:
    status = mesos_pb2.TaskStatus(state=mesos_pb2.TASK_LOST)
    status.task_id.value, status.slave_id.value = "t", "S1"
    assert v1.TaskStatus.FromString(status.SerializeToString()).agent_id.value == "S1"
    assert master_pb2.Call(type=master_pb2.Call.GET_HEALTH).IsInitialized()


def test_messages_can_be_pickled() -> None:
    info = mesos_pb2.FrameworkInfo(user="", name="pickled")
    assert pickle.loads(pickle.dumps(info)) == info


@pytest.fixture
def driver() -> MesosSchedulerDriver:
    """One that was not started."""
    info = mesos_pb2.FrameworkInfo(user="", name="arguments")
    return MesosSchedulerDriver(Scheduler(), info, "127.0.0.1:1", 0, None, ["web"])


def test_what_is_no_message_is_refused(driver: Any) -> None:
    with pytest.raises(TypeError, match="Could not deserialize Python TaskID: this is a str"):
        driver.killTask("t")
    with pytest.raises(TypeError, match="Could not deserialize Python OfferID: this is a NoneType"):
        driver.declineOffer(None)
    with pytest.raises(TypeError, match="Could not deserialize Python FrameworkInfo"):
        MesosSchedulerDriver(Scheduler(), None, "127.0.0.1:1")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="roles is a string"):
        driver.reviveOffers("web")
    with pytest.raises(TypeError):
        driver.suppressOffers([1])


def test_one_offer_or_several_and_no_filters(driver: Any) -> None:
    offer = mesos_pb2.OfferID(value="O1")
    not_started = mesos_pb2.DRIVER_NOT_STARTED
    assert driver.launchTasks(offer, []) == not_started
    assert driver.launchTasks([offer], [], None) == not_started
    assert driver.launchTasks((it for it in [offer]), [], mesos_pb2.Filters()) == not_started
    assert driver.declineOffer(offer, None) == not_started
    assert driver.acceptOffers([offer], []) == not_started
    assert driver.updateFramework(mesos_pb2.FrameworkInfo(), []) == not_started
    assert driver.requestResources([mesos_pb2.Request()]) == not_started
    assert driver.reconcileTasks([]) == not_started


def test_messages_are_bytes_or_text(driver: Any) -> None:
    executor, slave = mesos_pb2.ExecutorID(value="e"), mesos_pb2.SlaveID(value="s")
    for data in (b"\0", bytearray(b"b"), memoryview(b"m"), "text"):
        assert driver.sendFrameworkMessage(executor, slave, data) == mesos_pb2.DRIVER_NOT_STARTED
    for nothing in (None, 5, [1, 2]):
        with pytest.raises(TypeError):
            driver.sendFrameworkMessage(executor, slave, nothing)


def test_an_executor_that_no_agent_started_is_told_so(capsys: pytest.CaptureFixture[str]) -> None:
    driver = MesosExecutorDriver(mesos.interface.Executor())
    assert driver.run() == mesos_pb2.DRIVER_ABORTED
    assert "MESOS_" in capsys.readouterr().err
