# SPDX-License-Identifier: Apache-2.0
"""An executor in asyncio."""

from __future__ import annotations

from dataclasses import dataclass
from types import TracebackType
from typing import Any, Callable, Optional, Union

from _mesos_rs import _native
from mesos.v1.interface import mesos_pb2 as v1
from mesos_rs._bridge import Events, ask, made
from mesos_rs._errors import ErrorKind, MesosError, Retry, stopped


@dataclass(frozen=True)
class ExecutorSubscribed:
    """The agent has the executor."""

    executor: v1.ExecutorInfo
    framework: v1.FrameworkInfo
    agent: v1.AgentInfo
    again: bool


@dataclass(frozen=True)
class ExecutorDisconnected:
    """The agent is away; it is waited for."""

    reason: str


@dataclass(frozen=True)
class Launch:
    """Run a task."""

    task: v1.TaskInfo


@dataclass(frozen=True)
class LaunchGroup:
    """Run all the tasks of a group."""

    group: v1.TaskGroupInfo


@dataclass(frozen=True)
class Kill:
    """End a task, and report it."""

    task_id: str
    kill_policy: Optional[v1.KillPolicy]


@dataclass(frozen=True)
class Acknowledged:
    """The framework has dealt with an update."""

    task_id: str
    uuid: bytes


@dataclass(frozen=True)
class FrameworkMessage:
    """The framework has sent a message."""

    data: bytes


@dataclass(frozen=True)
class Shutdown:
    """End all tasks, report them, and stop, before the grace period is over."""

    reason: str


ExecutorEvent = Union[
    ExecutorSubscribed,
    ExecutorDisconnected,
    Launch,
    LaunchGroup,
    Kill,
    Acknowledged,
    FrameworkMessage,
    Shutdown,
]


class Executor:
    """An executor: its events, to be iterated over, and its reports.

    ::

        async with Executor() as executor:
            async for event in executor:
                if isinstance(event, Launch):
                    await executor.update(event.task.task_id.value, "TASK_FINISHED")
                elif isinstance(event, Shutdown):
                    break

    The environment that the agent has set says all that it needs.
    """

    def __init__(self) -> None:
        self._client: Any = None
        self._events: Optional[Events] = None
        self._left = False

    def start(self) -> None:
        """Starts; so do `async with` and the first event."""
        if self._client is None:
            self._client = made(_native.ExecutorClient)
            self._events = Events(self._client)

    async def __aenter__(self) -> Executor:
        if self._left:
            raise stopped("the executor")
        self.start()
        return self

    async def __aexit__(
        self,
        kind: Optional[type[BaseException]],
        error: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        self._left = True
        try:
            await self.stop()
        except MesosError as raised:
            if raised.kind is not ErrorKind.STOPPED:
                raise

    def __aiter__(self) -> Executor:
        return self

    async def __anext__(self) -> ExecutorEvent:
        event = await self.next_event()
        if event is None:
            raise StopAsyncIteration
        return event

    async def next_event(self) -> Optional[ExecutorEvent]:
        """The next event; `None` after a stop. A wait that is cancelled loses none."""
        self.start()
        assert self._events is not None
        parts = await self._events.next()
        return None if parts is None else _MAKERS[parts[0]](*parts[1:])

    async def update(
        self, task_id: str, state: str, *, message: str = "", data: bytes = b""
    ) -> None:
        """Reports the state of a task, such as `TASK_RUNNING`.

        The report is repeated until the framework has acknowledged it.
        """
        status = v1.TaskStatus(state=state)
        status.task_id.value = task_id
        if message:
            status.message = message
        if data:
            status.data = data
        await self.update_status(status)

    async def update_status(self, status: v1.TaskStatus) -> None:
        """Reports a task's state with everything that a message can say."""
        client = self._started()
        data = status.SerializePartialToString()
        await ask(lambda done: client.update(data, done))

    async def message(self, data: bytes) -> None:
        """Sends bytes to the framework. They can be lost without a word."""
        client = self._started()
        await ask(lambda done: client.message(data, done))

    async def stop(self) -> None:
        """Ends, once the agent has what was sent."""
        client = self._started()
        await ask(client.stop)

    def _started(self) -> Any:
        if self._client is None:
            text = "the executor has not been started"
            raise MesosError(ErrorKind.DISCONNECTED, Retry.LATER, text)
        return self._client


def _subscribed(executor: bytes, framework: bytes, agent: bytes, again: bool) -> ExecutorSubscribed:
    return ExecutorSubscribed(
        v1.ExecutorInfo.FromString(executor),
        v1.FrameworkInfo.FromString(framework),
        v1.AgentInfo.FromString(agent),
        again,
    )


def _kill(task_id: str, policy: Optional[bytes]) -> Kill:
    return Kill(task_id, None if policy is None else v1.KillPolicy.FromString(policy))


_MAKERS: dict[str, Callable[..., ExecutorEvent]] = {
    "subscribed": _subscribed,
    "disconnected": ExecutorDisconnected,
    "launch": lambda task: Launch(v1.TaskInfo.FromString(task)),
    "launch_group": lambda group: LaunchGroup(v1.TaskGroupInfo.FromString(group)),
    "kill": _kill,
    "acknowledged": Acknowledged,
    "message": FrameworkMessage,
    "shutdown": Shutdown,
}
