# SPDX-License-Identifier: Apache-2.0
"""Each callback of the native API, with the arguments that Mesos gives it; and the calls."""

from __future__ import annotations

import queue
from typing import Any, Iterator

import pytest
from stand_in import StandIn

from mesos.interface import Executor, Scheduler, mesos_pb2
from mesos.interface import scheduler_pb2 as v0
from mesos.native import MesosExecutorDriver, MesosSchedulerDriver
from mesos.v1.interface import executor_pb2, scheduler_pb2
from mesos.v1.interface import mesos_pb2 as v1

SECONDS = 30


class Recorder:
    """Has every callback, and records what it is called with."""

    def __init__(self) -> None:
        self.seen: queue.Queue[tuple[Any, ...]] = queue.Queue()

    def __getattribute__(self, name: str) -> Any:
        if name in ("seen", "next", "__class__", "__dict__") or name.startswith("__"):
            return object.__getattribute__(self, name)
        return lambda driver, *arguments: self.seen.put((name, driver, *arguments))

    def next(self) -> tuple[Any, ...]:
        """The next callback: its name, the driver, its arguments."""
        return self.seen.get(timeout=SECONDS)


class RecordingScheduler(Recorder, Scheduler):
    pass


class RecordingExecutor(Recorder, Executor):
    pass


@pytest.fixture
def master() -> Iterator[StandIn]:
    stand_in = StandIn(scheduler_pb2.Call)
    yield stand_in
    stand_in.stop()


@pytest.fixture
def agent(monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    stand_in = StandIn(executor_pb2.Call)
    variables = {
        "MESOS_AGENT_ENDPOINT": stand_in.address,
        "MESOS_SLAVE_PID": f"slave(1)@{stand_in.address}",
        "MESOS_SLAVE_ID": "S1",
        "MESOS_AGENT_ID": "S1",
        "MESOS_FRAMEWORK_ID": "F1",
        "MESOS_EXECUTOR_ID": "E1",
        "MESOS_DIRECTORY": "/tmp",
        "MESOS_SANDBOX": "/tmp",
        "MESOS_CHECKPOINT": "1",
        "MESOS_RECOVERY_TIMEOUT": "15mins",
        "MESOS_SUBSCRIPTION_BACKOFF_MAX": "10ms",
        "MESOS_LOCAL": "1",
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    yield stand_in
    stand_in.stop()


def subscribed_scheduler() -> scheduler_pb2.Event:
    event = scheduler_pb2.Event(type=scheduler_pb2.Event.SUBSCRIBED)
    event.subscribed.framework_id.value = "F1"
    event.subscribed.heartbeat_interval_seconds = 15
    master = event.subscribed.master_info
    master.id, master.ip, master.port, master.hostname = "M1", 1, 5050, "host"
    return event


def test_every_callback_of_a_scheduler(master: StandIn) -> None:
    scheduler = RecordingScheduler()
    framework = mesos_pb2.FrameworkInfo(user="", name="callbacks", failover_timeout=60)
    driver = MesosSchedulerDriver(scheduler, framework, master.address, 0)
    driver.start()
    Event = scheduler_pb2.Event
    master.events.put(subscribed_scheduler())
    name, given, framework_id, info = scheduler.next()
    assert (name, given, framework_id.value, info.hostname) == (
        "registered", driver, "F1", "host",
    )
    assert type(framework_id) is mesos_pb2.FrameworkID and type(info) is mesos_pb2.MasterInfo

    event = Event(type=Event.OFFERS)
    offer = event.offers.offers.add(hostname="host")
    offer.id.value, offer.framework_id.value, offer.agent_id.value = "O1", "F1", "S1"
    master.events.put(event)
    name, _, offers = scheduler.next()
    assert (name, [type(it) for it in offers]) == ("resourceOffers", [mesos_pb2.Offer])
    assert offers[0].slave_id.value == "S1"

    event = Event(type=Event.RESCIND)
    event.rescind.offer_id.value = "O1"
    master.events.put(event)
    assert scheduler.next() == ("offerRescinded", driver, mesos_pb2.OfferID(value="O1"))

    event = Event(type=Event.UPDATE)
    event.update.status.task_id.value, event.update.status.agent_id.value = "T1", "S1"
    event.update.status.state, event.update.status.uuid = v1.TASK_RUNNING, b"u" * 16
    master.events.put(event)
    name, _, status = scheduler.next()
    assert (name, status.state) == ("statusUpdate", mesos_pb2.TASK_RUNNING)
    driver.acknowledgeStatusUpdate(status)
    acknowledge = master.calls.get(timeout=SECONDS).acknowledge
    assert (acknowledge.task_id.value, acknowledge.uuid) == ("T1", b"u" * 16)

    event = Event(type=Event.MESSAGE)
    event.message.agent_id.value, event.message.executor_id.value = "S1", "E1"
    event.message.data = b"\0data"
    master.events.put(event)
    executor_id, slave_id = mesos_pb2.ExecutorID(value="E1"), mesos_pb2.SlaveID(value="S1")
    assert scheduler.next() == ("frameworkMessage", driver, executor_id, slave_id, b"\0data")
    driver.sendFrameworkMessage(executor_id, slave_id, b"back\0")
    assert master.calls.get(timeout=SECONDS).message.data == b"back\0"

    event = Event(type=Event.FAILURE)
    event.failure.agent_id.value = "S1"
    master.events.put(event)
    assert scheduler.next() == ("slaveLost", driver, slave_id)
    event.failure.executor_id.value, event.failure.status = "E1", 256
    master.events.put(event)
    assert scheduler.next() == ("executorLost", driver, executor_id, slave_id, 256)

    master.events.put(None)
    assert scheduler.next() == ("disconnected", driver)
    master.events.put(subscribed_scheduler())
    name, _, info = scheduler.next()
    assert (name, type(info)) == ("reregistered", mesos_pb2.MasterInfo)

    event = Event(type=Event.ERROR)
    event.error.message = "no more of it"
    master.events.put(event)
    assert scheduler.next() == ("error", driver, "no more of it")
    assert driver.join() == mesos_pb2.DRIVER_ABORTED


def test_the_calls_of_a_scheduler_driver(master: StandIn) -> None:
    scheduler = RecordingScheduler()
    framework = mesos_pb2.FrameworkInfo(user="", name="calls")
    driver = MesosSchedulerDriver(scheduler, framework, master.address)
    driver.start()
    master.events.put(subscribed_scheduler())
    scheduler.next()

    def next_call() -> Any:
        return master.calls.get(timeout=SECONDS)

    offer_id = mesos_pb2.OfferID(value="O1")
    task = mesos_pb2.TaskInfo(name="t")
    task.task_id.value, task.slave_id.value, task.command.value = "T1", "S1", "true"
    driver.launchTasks(offer_id, [task], mesos_pb2.Filters(refuse_seconds=7))
    accept = next_call().accept
    assert [it.value for it in accept.offer_ids] == ["O1"]
    assert accept.operations[0].launch.task_infos[0].agent_id.value == "S1"
    assert accept.filters.refuse_seconds == 7
    driver.declineOffer(offer_id)
    assert next_call().decline.offer_ids[0].value == "O1"
    driver.killTask(task.task_id)
    assert next_call().kill.task_id.value == "T1"
    driver.suppressOffers(["*"])
    assert list(next_call().suppress.roles) == ["*"]
    driver.reviveOffers()
    assert list(next_call().revive.roles) == []
    driver.reconcileTasks([])
    assert next_call().HasField("reconcile")
    driver.requestResources([mesos_pb2.Request()])
    assert len(next_call().request.requests) == 1
    framework.id.value, framework.name = "F1", "renamed"
    constraints = scheduler_constraints()
    driver.updateFramework(framework, ["*"], constraints)
    update = next_call().update_framework
    assert (update.framework_info.name, list(update.suppressed_roles)) == ("renamed", ["*"])
    assert "*" in update.offer_constraints.role_constraints
    assert driver.stop() == mesos_pb2.DRIVER_STOPPED
    assert next_call().type == scheduler_pb2.Call.TEARDOWN
    assert driver.join() == mesos_pb2.DRIVER_STOPPED


def scheduler_constraints() -> v0.OfferConstraints:
    """Offers of any agent that has an attribute."""
    constraints = v0.OfferConstraints()
    group = constraints.role_constraints["*"].groups.add()
    constraint = group.attribute_constraints.add()
    constraint.selector.attribute_name = "rack"
    constraint.predicate.exists.SetInParent()
    return constraints


def subscribed_executor() -> executor_pb2.Event:
    event = executor_pb2.Event(type=executor_pb2.Event.SUBSCRIBED)
    executor = event.subscribed.executor_info
    executor.executor_id.value, executor.data = "E1", b"\0data"
    framework = event.subscribed.framework_info
    framework.user, framework.name, framework.id.value = "u", "f", "F1"
    event.subscribed.agent_info.hostname = "host"
    return event


def test_every_callback_of_an_executor(agent: StandIn) -> None:
    executor = RecordingExecutor()
    driver = MesosExecutorDriver(executor)
    assert driver.start() == mesos_pb2.DRIVER_RUNNING
    Event = executor_pb2.Event
    agent.events.put(subscribed_executor())
    name, given, executor_info, framework_info, slave_info = executor.next()
    assert (name, given, executor_info.data) == ("registered", driver, b"\0data")
    assert type(executor_info) is mesos_pb2.ExecutorInfo
    assert type(framework_info) is mesos_pb2.FrameworkInfo
    assert (type(slave_info), slave_info.hostname) == (mesos_pb2.SlaveInfo, "host")

    event = Event(type=Event.LAUNCH)
    event.launch.task.name = "t"
    event.launch.task.task_id.value, event.launch.task.agent_id.value = "T1", "S1"
    agent.events.put(event)
    name, _, task = executor.next()
    assert (name, task.slave_id.value) == ("launchTask", "S1")
    status = mesos_pb2.TaskStatus(task_id=task.task_id, state=mesos_pb2.TASK_RUNNING, data=b"\0")
    driver.sendStatusUpdate(status)
    update = agent.calls.get(timeout=SECONDS).update.status
    assert (update.task_id.value, update.data, len(update.uuid)) == ("T1", b"\0", 16)

    event = Event(type=Event.KILL)
    event.kill.task_id.value = "T1"
    agent.events.put(event)
    assert executor.next() == ("killTask", driver, mesos_pb2.TaskID(value="T1"))

    event = Event(type=Event.MESSAGE)
    event.message.data = b"hello\0"
    agent.events.put(event)
    assert executor.next() == ("frameworkMessage", driver, b"hello\0")
    driver.sendFrameworkMessage(b"back\0")
    assert agent.calls.get(timeout=SECONDS).message.data == b"back\0"

    agent.events.put(None)
    assert executor.next() == ("disconnected", driver)
    agent.events.put(subscribed_executor())
    name, _, slave_info = executor.next()
    assert (name, type(slave_info)) == ("reregistered", mesos_pb2.SlaveInfo)

    agent.events.put(Event(type=Event.SHUTDOWN))
    assert executor.next() == ("shutdown", driver)
    assert driver.stop() == mesos_pb2.DRIVER_STOPPED
    assert driver.join() == mesos_pb2.DRIVER_STOPPED
