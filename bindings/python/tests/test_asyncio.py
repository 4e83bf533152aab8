# SPDX-License-Identifier: Apache-2.0
"""The asyncio API against a real cluster."""

from __future__ import annotations

import asyncio
import gc
import os
import pwd
import shlex
import sys
import threading
import weakref
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Optional

import pytest
from cluster import Cluster, free_port, until

from mesos.v1.interface import mesos_pb2 as v1
from mesos_rs import (
    ErrorKind,
    Event,
    Executor,
    MesosError,
    Message,
    Offer,
    Offers,
    Resources,
    Retry,
    Scheduler,
    Subscribed,
    Task,
    Update,
    framework_info,
)
from mesos_rs import _scheduler
from mesos_rs._bridge import Events

NEED = Resources(cpus=0.1, mem=32)


def run(work: Any) -> Any:
    """Runs a coroutine, which must end in time."""
    return asyncio.run(asyncio.wait_for(work, 60))


async def next_of(scheduler: Scheduler, kind: Any) -> Any:
    """The next event of a kind; others are passed over, and offers declined."""
    async for event in scheduler:
        if isinstance(event, kind):
            return event
        if isinstance(event, Offers):
            await scheduler.decline(event, refuse_seconds=0.1)
    raise AssertionError("the events have ended")


async def launch_one(scheduler: Scheduler, task: Task) -> Offer:
    """Launches a task on the first offer with room for it."""
    while True:
        for offer in await next_of(scheduler, Offers):
            if offer.resources.find(NEED + NEED):
                await scheduler.launch(offer, task, refuse_seconds=0.1)
                return Offer(offer.message)
            await scheduler.decline(offer, refuse_seconds=0.1)


def test_a_command_runs_to_its_end(cluster: Cluster) -> None:
    async def work() -> list[str]:
        async with Scheduler(cluster.address, "asyncio") as scheduler:
            task = Task("exit 0", NEED, environment={"A": "b"}, labels={"l": "1"})
            offer = await launch_one(scheduler, task)
            assert offer.hostname == "127.0.0.1" and offer.role == "*"
            states = []
            while True:
                update = await next_of(scheduler, Update)
                assert update.task_id == task.id and update.agent_id == offer.agent_id
                states.append(update.state)
                if update.is_terminal:
                    return states

    assert run(work())[-1] == "TASK_FINISHED"


def test_a_task_is_killed_and_updates_are_acknowledged_by_hand(cluster: Cluster) -> None:
    async def work() -> str:
        acknowledging = Scheduler(cluster.address, "by hand", explicit_acknowledgements=True)
        async with acknowledging as scheduler:
            task = Task("sleep 1000", NEED)
            await launch_one(scheduler, task)
            while True:
                update = await next_of(scheduler, Update)
                await scheduler.acknowledge(update)
                if update.state == "TASK_RUNNING":
                    await scheduler.kill(task.id, update.agent_id)
                if update.is_terminal:
                    return str(update.state)

    assert run(work()) == "TASK_KILLED"


def test_an_executor_in_asyncio(cluster: Cluster) -> None:
    executor = v1.ExecutorInfo(name="asyncio")
    executor.executor_id.value = "asyncio"
    program = Path(__file__).with_name("asyncio_executor.py")
    executor.command.value = shlex.join([sys.executable, str(program)])

    async def work() -> list[Any]:
        async with Scheduler(cluster.address, "executor") as scheduler:
            task = Task(None, NEED, executor=executor, data=b"data\0")
            await launch_one(scheduler, task)
            running = await next_of(scheduler, Update)
            await scheduler.message(running.agent_id, "asyncio", b"hello\0")
            message = await next_of(scheduler, Message)
            finished = await next_of(scheduler, Update)
            return [running.state, running.data, message.data, finished.state, finished.message]

    seen = run(work())
    assert seen == ["TASK_RUNNING", b"data\0", b"hello\0", "TASK_FINISHED", "told so"]


def test_a_wait_that_is_cancelled_loses_no_event(cluster: Cluster) -> None:
    async def work() -> Optional[Event]:
        async with Scheduler(cluster.address, "cancels") as scheduler:
            for _ in range(50):
                try:
                    return await asyncio.wait_for(scheduler.next_event(), 0.001)
                except asyncio.TimeoutError:
                    continue
            return await scheduler.next_event()

    event = run(work())
    assert isinstance(event, Subscribed) and event.framework_id and not event.again


class Prompted:
    """A client whose next event comes when the test says so."""

    def next(self, done: Any) -> None:
        self.done = done


@pytest.mark.parametrize("turns", range(5))
def test_an_event_that_comes_while_its_wait_is_cancelled_is_not_lost(turns: int) -> None:
    async def work() -> Any:
        client = Prompted()
        events = Events(client)
        waiting = asyncio.ensure_future(events.next())
        await asyncio.sleep(0)
        client.done(None, ("the event",))
        for _ in range(turns):
            await asyncio.sleep(0)
        waiting.cancel()
        try:
            return await waiting
        except asyncio.CancelledError:
            return await events.next()

    assert run(work()) == ("the event",)


def test_two_tasks_cannot_wait_for_the_same_event() -> None:
    async def work() -> Any:
        client = Prompted()
        events = Events(client)
        waiting = asyncio.ensure_future(events.next())
        await asyncio.sleep(0)
        with pytest.raises(RuntimeError, match="another task waits"):
            await events.next()
        client.done(None, ("the event",))
        return await waiting

    assert run(work()) == ("the event",)


def test_stopping_ends_the_events_and_the_framework(cluster: Cluster) -> None:
    async def work() -> str:
        scheduler = Scheduler(cluster.address, "stops")
        subscribed = await next_of(scheduler, Subscribed)
        assert await scheduler.stop() is True
        assert [event async for event in scheduler if isinstance(event, Subscribed)] == []
        with pytest.raises(MesosError) as raised:
            await scheduler.revive()
        assert raised.value.kind is ErrorKind.STOPPED and raised.value.retry is Retry.NEVER
        return str(subscribed.framework_id)

    framework_id = run(work())
    completed = [it["id"] for it in cluster.master.state()["completed_frameworks"]]
    assert framework_id in completed


def test_a_scheduler_that_was_stopped_cannot_be_entered_again() -> None:
    async def work() -> None:
        scheduler = Scheduler(f"127.0.0.1:{free_port()}", "once")
        async with scheduler:
            pass
        with pytest.raises(MesosError, match="has been stopped before") as raised:
            async with scheduler:
                raise AssertionError("it was entered")
        assert raised.value.kind is ErrorKind.STOPPED and raised.value.retry is Retry.NEVER

    run(work())


def test_what_is_no_message_is_a_type_error() -> None:
    nothing: Any = None
    number: Any = 1
    with pytest.raises(TypeError, match="FrameworkInfo: this is a NoneType"):
        Scheduler("127.0.0.1:5050", nothing)
    with pytest.raises(TypeError, match="OfferConstraints: this is a int"):
        Scheduler("127.0.0.1:5050", "example", offer_constraints=number)


def test_an_exception_inside_the_block_ends_the_framework(cluster: Cluster) -> None:
    seen = []

    async def work() -> None:
        async with Scheduler(cluster.address, "raises") as scheduler:
            seen.append((await next_of(scheduler, Subscribed)).framework_id)
            raise KeyError("on purpose")

    with pytest.raises(KeyError):
        run(work())
    completed = [it["id"] for it in cluster.master.state()["completed_frameworks"]]
    assert seen[0] in completed


def test_a_framework_is_taken_over(cluster: Cluster) -> None:
    async def work() -> None:
        info = framework_info("taken over")
        info.failover_timeout = 60
        first = Scheduler(cluster.address, info)
        subscribed = await next_of(first, Subscribed)
        assert await first.stop(failover=True) is False
        info.id.value = subscribed.framework_id
        async with Scheduler(cluster.address, info) as second:
            again = await next_of(second, Subscribed)
            assert again.framework_id == subscribed.framework_id

    run(work())


def test_errors_say_what_is_wrong(cluster: Cluster) -> None:
    async def work() -> None:
        with pytest.raises(MesosError) as raised:
            Scheduler("127.0.0.1:port", "wrong").start()
        assert raised.value.kind is ErrorKind.CONFIGURATION
        with pytest.raises(MesosError) as raised:
            await Scheduler(cluster.address, "not started").revive()
        assert raised.value.kind is ErrorKind.DISCONNECTED
        with pytest.raises(MesosError, match="MESOS_"):
            Executor().start()
        with pytest.raises(ValueError):
            Resources.parse("cpus:many")
        nobody = Scheduler(f"127.0.0.1:{free_port()}", "nobody")
        nobody.start()
        with pytest.raises(MesosError) as raised:
            await nobody.kill("t")
        assert raised.value.kind is ErrorKind.DISCONNECTED
        assert raised.value.retry is Retry.AFTER_RECONNECT
        await nobody.stop(failover=True)

    run(work())


def test_calls_are_checked_before_they_are_sent(cluster: Cluster) -> None:
    async def work() -> None:
        async with Scheduler(cluster.address, "checks") as scheduler:
            await next_of(scheduler, Subscribed)
            with pytest.raises(MesosError) as raised:
                await scheduler.acknowledge(v1.TaskStatus(uuid=b"u" * 16))
            assert raised.value.kind is ErrorKind.INVALID_CALL
            with pytest.raises(ValueError, match="at least one offer"):
                await scheduler.launch([], Task("true"))
            await scheduler.reconcile()
            await scheduler.suppress("*")
            await scheduler.revive()

    run(work())


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="warns about forks of threads")
def test_a_child_of_a_fork_has_clients_of_its_own(cluster: Cluster) -> None:
    async def subscribe() -> None:
        async with Scheduler(cluster.address, "forks") as scheduler:
            await next_of(scheduler, Subscribed)

    run(subscribe())
    child = os.fork()
    if child == 0:
        try:
            run(subscribe())
        except BaseException:
            os._exit(1)
        os._exit(0)
    ended = until("the child ends", lambda: [it for it in [os.waitpid(child, os.WNOHANG)] if it[0]])
    assert ended[0][1] == 0


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="warns about forks of threads")
def test_a_child_of_a_fork_leaves_the_clients_of_its_parent_alone(cluster: Cluster) -> None:
    loop = asyncio.new_event_loop()
    scheduler = Scheduler(cluster.address, "parent")
    loop.run_until_complete(next_of(scheduler, Subscribed))
    child = os.fork()
    if child == 0:
        try:
            try:
                run(scheduler.revive())
                os._exit(2)
            except MesosError as error:
                assert error.kind is ErrorKind.STOPPED
            dropped = weakref.ref(scheduler)
            del scheduler
            gc.collect()
            assert dropped() is None
        except BaseException:
            os._exit(1)
        os._exit(0)
    ended = until("the child ends", lambda: [it for it in [os.waitpid(child, os.WNOHANG)] if it[0]])
    assert ended[0][1] == 0
    loop.run_until_complete(scheduler.revive())
    assert loop.run_until_complete(scheduler.stop()) is True
    loop.close()


def test_the_event_loop_goes_on_while_a_scheduler_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    went_on = threading.Event()

    def slow(*_: Any) -> Prompted:
        assert went_on.wait(30), "the event loop stands still"
        return Prompted()

    monkeypatch.setattr(_scheduler, "_native", SimpleNamespace(SchedulerClient=slow))

    async def work() -> Any:
        asyncio.get_running_loop().call_soon(went_on.set)
        scheduler = Scheduler("local", "slow")
        first = asyncio.ensure_future(scheduler.next_event())
        while not isinstance(scheduler._client, Prompted):
            await asyncio.sleep(0.01)
        first.cancel()
        return scheduler._client

    assert isinstance(run(work()), Prompted)


def test_the_user_is_who_runs_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.setenv(name, "mallory")
    assert framework_info("whose").user == pwd.getpwuid(os.geteuid()).pw_name
    assert framework_info("whose", user="alice").user == "alice"
    monkeypatch.setattr(os, "geteuid", lambda: 2**31 - 7)
    with pytest.raises(MesosError, match="has no name here") as raised:
        framework_info("whose")
    assert raised.value.kind is ErrorKind.CONFIGURATION


def test_a_framework_whose_event_loop_is_gone_ends(cluster: Cluster) -> None:
    kept = Scheduler(cluster.address, "outlives its loop")

    async def work() -> None:
        kept.start()
        asyncio.ensure_future(kept.next_event())
        await asyncio.sleep(0)

    run(work())

    def ended() -> bool:
        completed = cluster.master.state()["completed_frameworks"]
        return "outlives its loop" in [it["name"] for it in completed]

    until("the framework ends", ended)
