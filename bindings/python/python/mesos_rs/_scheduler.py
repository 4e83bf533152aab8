# SPDX-License-Identifier: Apache-2.0
"""A framework in asyncio."""

from __future__ import annotations

import asyncio
import os
import pwd
import socket
import threading
from types import TracebackType
from typing import Any, Iterable, Optional, Union

from _mesos_rs import _native
from _mesos_rs.driver import serialized
from mesos.v1.interface import mesos_pb2 as v1
from mesos.v1.interface import scheduler_pb2
from mesos_rs._bridge import Events, ask, made
from mesos_rs._errors import ErrorKind, MesosError, Retry, stopped
from mesos_rs._events import Event, Update, event_of
from mesos_rs._offer import Offer
from mesos_rs._task import Task

Call = scheduler_pb2.Call
SomeOffers = Union[Offer, Iterable[Offer]]


def framework_info(name: str, *, user: str = "", roles: Iterable[str] = ("*",)) -> v1.FrameworkInfo:
    """The description of a framework: who runs it, for which roles.

    It can have offers of several roles, and refined reservations.

    >>> info = framework_info("example", user="nobody", roles=["web"])
    >>> info.name, info.user, list(info.roles)
    ('example', 'nobody', ['web'])
    """
    info = v1.FrameworkInfo(name=name, user=user or _user(), roles=roles)
    info.hostname = socket.gethostname()
    for capability in ("MULTI_ROLE", "RESERVATION_REFINEMENT"):
        info.capabilities.add(type=v1.FrameworkInfo.Capability.Type.Value(capability))
    return info


def _user() -> str:
    """Who runs this process, whatever the environment says."""
    uid = os.geteuid()
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        text = f"the user {uid} has no name here: give one"
        raise MesosError(ErrorKind.CONFIGURATION, Retry.NEVER, text) from None


class Scheduler:
    """A framework: its events, to be iterated over, and the calls it can make.

    ::

        async with Scheduler("127.0.0.1:5050", "example") as scheduler:
            async for event in scheduler:
                if isinstance(event, Offers):
                    for offer in event:
                        await scheduler.decline(offer)
                elif isinstance(event, Update):
                    print(event.task_id, event.state)

    `master` is `host:port`, `zk://host:port,…/path`, `file:///path` or `local`, which is a
    cluster of its own. `framework` is a name,
    or a message with everything; with its `id` set, it takes over from whichever scheduler has
    that id. `credential` is principal and secret.

    Subscribing, waiting for a new master and subscribing again happen by themselves. Asking for
    the next event says that the one before is dealt with: then an update is acknowledged, unless
    `explicit_acknowledgements`, which leaves it to `acknowledge`.

    Each call waits for the master's answer, which means only that it was understood; what
    comes of it arrives as events. Errors are `MesosError`s.

    Leaving the `async with` block stops the framework, if `stop` has not been called before.
    There is no way back: to enter a block with a scheduler that was stopped is an error.
    """

    def __init__(
        self,
        master: str,
        framework: Union[str, v1.FrameworkInfo],
        *,
        credential: Optional[tuple[str, str]] = None,
        suppressed_roles: Iterable[str] = (),
        offer_constraints: Optional[scheduler_pb2.OfferConstraints] = None,
        explicit_acknowledgements: bool = False,
    ) -> None:
        info = framework_info(framework) if isinstance(framework, str) else framework
        constraints = (
            None if offer_constraints is None else serialized(offer_constraints, "OfferConstraints")
        )
        self._arguments = (
            master,
            serialized(info, "FrameworkInfo"),
            credential,
            list(suppressed_roles),
            constraints,
            explicit_acknowledgements,
        )
        self._client: Any = None
        self._events: Optional[Events] = None
        self._stopped = False
        self._starts = threading.Lock()

    def start(self) -> None:
        """Starts; so do `async with` and the first event, which let the event loop go on.

        With the master `local` it takes until that cluster is there.
        """
        with self._starts:
            if self._client is None:
                client = made(lambda: _native.SchedulerClient(*self._arguments))
                self._events = Events(client)
                self._client = client

    async def _start(self) -> None:
        """Starts on another thread. Who is cancelled meanwhile leaves it started."""
        if self._client is None:
            await asyncio.get_running_loop().run_in_executor(None, self.start)

    async def __aenter__(self) -> Scheduler:
        if self._stopped:
            raise stopped("the scheduler")
        await self._start()
        return self

    async def __aexit__(
        self,
        kind: Optional[type[BaseException]],
        error: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        if not self._stopped:
            try:
                await self.stop()
            except MesosError as raised:
                if raised.kind is not ErrorKind.STOPPED:
                    raise

    def __aiter__(self) -> Scheduler:
        return self

    async def __anext__(self) -> Event:
        event = await self.next_event()
        if event is None:
            raise StopAsyncIteration
        return event

    async def next_event(self) -> Optional[Event]:
        """The next event; `None` after a stop. A wait that is cancelled loses none."""
        await self._start()
        assert self._events is not None
        parts = await self._events.next()
        return None if parts is None else event_of(parts)

    async def stop(self, failover: bool = False) -> bool:
        """Ends the framework with all its tasks; tells whether the master has done so.

        With `failover` the framework stays, as long as its failover timeout, for another
        scheduler to take over.
        """
        client = self._started()
        self._stopped = True
        return bool(await ask(lambda done: client.stop(failover, done)))

    async def call(self, call: Call) -> None:
        """Makes any call; the framework's id is filled in."""
        client = self._started()
        data = call.SerializePartialToString()
        await ask(lambda done: client.call(data, done))

    async def launch(
        self, offers: SomeOffers, *tasks: Task, refuse_seconds: Optional[float] = None
    ) -> None:
        """Launches tasks on one offer, or on several of the same agent.

        What they leave of the offers is declined, for `refuse_seconds` (5 s unless given).
        """
        some = _several(offers)
        if not some:
            raise ValueError("tasks are launched on at least one offer")
        operation = v1.Offer.Operation(type=v1.Offer.Operation.LAUNCH)
        operation.launch.task_infos.extend(task.message(some[0].agent_id) for task in tasks)
        await self.accept(some, operation, refuse_seconds=refuse_seconds)

    async def accept(
        self,
        offers: SomeOffers,
        *operations: v1.Offer.Operation,
        refuse_seconds: Optional[float] = None,
    ) -> None:
        """Applies operations, one after another, to offers of one agent."""
        call = Call(type=Call.ACCEPT)
        call.accept.offer_ids.extend(it.message.id for it in _several(offers))
        call.accept.operations.extend(operations)
        _filter(call.accept.filters, refuse_seconds)
        await self.call(call)

    async def decline(
        self, offers: SomeOffers, *, refuse_seconds: Optional[float] = None
    ) -> None:
        """Gives offers back, and does not want the same again for a while."""
        call = Call(type=Call.DECLINE)
        call.decline.offer_ids.extend(it.message.id for it in _several(offers))
        _filter(call.decline.filters, refuse_seconds)
        await self.call(call)

    async def revive(self, *roles: str) -> None:
        """Wants offers again whatever was declined or suppressed; for all if no role is named."""
        call = Call(type=Call.REVIVE)
        call.revive.roles.extend(roles)
        await self.call(call)

    async def suppress(self, *roles: str) -> None:
        """Wants no offers until it revives them; for all roles if none is named."""
        call = Call(type=Call.SUPPRESS)
        call.suppress.roles.extend(roles)
        await self.call(call)

    async def kill(self, task_id: str, agent_id: Optional[str] = None) -> None:
        """Ends a task; what becomes of it comes as an update."""
        call = Call(type=Call.KILL)
        call.kill.task_id.value = task_id
        if agent_id:
            call.kill.agent_id.value = agent_id
        await self.call(call)

    async def acknowledge(self, update: Union[Update, v1.TaskStatus]) -> None:
        """Says that an update is dealt with; only with explicit acknowledgements."""
        status = update.status if isinstance(update, Update) else update
        if not status.HasField("uuid"):
            # It needs none.
            return
        if not status.HasField("agent_id"):
            text = "the status to acknowledge names no agent"
            raise MesosError(ErrorKind.INVALID_CALL, Retry.NEVER, text)
        call = Call(type=Call.ACKNOWLEDGE)
        call.acknowledge.agent_id.CopyFrom(status.agent_id)
        call.acknowledge.task_id.CopyFrom(status.task_id)
        call.acknowledge.uuid = status.uuid
        await self.call(call)

    async def reconcile(self, *task_ids: str) -> None:
        """Asks for the latest state of these tasks; of all that are known if none is named."""
        call = Call(type=Call.RECONCILE)
        for task_id in task_ids:
            call.reconcile.tasks.add().task_id.value = task_id
        if not task_ids:
            call.reconcile.SetInParent()
        await self.call(call)

    async def message(self, agent_id: str, executor_id: str, data: bytes) -> None:
        """Sends bytes to an executor. They can be lost without a word."""
        call = Call(type=Call.MESSAGE)
        call.message.agent_id.value = agent_id
        call.message.executor_id.value = executor_id
        call.message.data = data
        await self.call(call)

    async def shutdown_executor(self, agent_id: str, executor_id: str) -> None:
        """Ends an executor and its tasks."""
        call = Call(type=Call.SHUTDOWN)
        call.shutdown.agent_id.value = agent_id
        call.shutdown.executor_id.value = executor_id
        await self.call(call)

    async def update_framework(
        self,
        framework: v1.FrameworkInfo,
        *,
        suppressed_roles: Iterable[str] = (),
        offer_constraints: Optional[scheduler_pb2.OfferConstraints] = None,
    ) -> None:
        """Replaces the description of the framework; the master checks it first."""
        call = Call(type=Call.UPDATE_FRAMEWORK)
        call.update_framework.framework_info.CopyFrom(framework)
        call.update_framework.suppressed_roles.extend(suppressed_roles)
        if offer_constraints is not None:
            call.update_framework.offer_constraints.CopyFrom(offer_constraints)
        await self.call(call)

    def _started(self) -> Any:
        if self._client is None:
            text = "the scheduler has not been started"
            raise MesosError(ErrorKind.DISCONNECTED, Retry.LATER, text)
        return self._client


def _several(offers: SomeOffers) -> list[Offer]:
    return [offers] if isinstance(offers, Offer) else list(offers)


def _filter(filters: v1.Filters, refuse_seconds: Optional[float]) -> None:
    if refuse_seconds is not None:
        filters.refuse_seconds = refuse_seconds
