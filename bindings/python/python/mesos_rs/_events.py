# SPDX-License-Identifier: Apache-2.0
"""What a scheduler is told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable, Iterator, Optional, Sequence, Union

from mesos.v1.interface import mesos_pb2 as v1
from mesos_rs._offer import Offer


@dataclass(frozen=True)
class Subscribed:
    """The framework is subscribed: calls can be made."""

    framework_id: str
    """Given by the master at the first subscription."""
    master: Optional[v1.MasterInfo]
    """The master that leads."""
    again: bool
    """Whether it was subscribed before."""


@dataclass(frozen=True)
class Disconnected:
    """The subscription is lost, and offers in hand are void. It comes back by itself."""

    reason: str


@dataclass(frozen=True)
class Offers:
    """Resources, to be used or declined."""

    offers: Sequence[Offer]

    def __iter__(self) -> Iterator[Offer]:
        return iter(self.offers)


@dataclass(frozen=True)
class InverseOffers:
    """Agents that should be vacated."""

    inverse_offers: Sequence[v1.InverseOffer]


@dataclass(frozen=True)
class Rescind:
    """An offer is no longer good."""

    offer_id: str


@dataclass(frozen=True)
class RescindInverseOffer:
    """An inverse offer is no longer good."""

    inverse_offer_id: str


@dataclass(frozen=True)
class Update:
    """A task has changed its state.

    >>> status = v1.TaskStatus(state=v1.TASK_FINISHED, message="done")
    >>> status.task_id.value = "t1"
    >>> update = Update(status)
    >>> update.task_id, update.state, update.is_terminal, update.message
    ('t1', 'TASK_FINISHED', True, 'done')
    """

    status: v1.TaskStatus

    @property
    def task_id(self) -> str:
        """Of which task."""
        return str(self.status.task_id.value)

    @property
    def agent_id(self) -> str:
        """Where it runs; empty if nobody knows."""
        return str(self.status.agent_id.value)

    @property
    def state(self) -> str:
        """Such as `TASK_RUNNING`."""
        return str(v1.TaskState.Name(self.status.state))

    @property
    def is_terminal(self) -> bool:
        """Whether the task has ended for good."""
        return self.status.state in _TERMINAL

    @property
    def message(self) -> str:
        """Why, for a person."""
        return str(self.status.message)

    @property
    def data(self) -> bytes:
        """What the executor has to say with it."""
        return bytes(self.status.data)


_TERMINAL = frozenset(
    {
        v1.TASK_FINISHED,
        v1.TASK_FAILED,
        v1.TASK_KILLED,
        v1.TASK_ERROR,
        v1.TASK_LOST,
        v1.TASK_DROPPED,
        v1.TASK_GONE,
        v1.TASK_GONE_BY_OPERATOR,
    }
)


@dataclass(frozen=True)
class OperationUpdate:
    """An offer operation has changed its state."""

    status: v1.OperationStatus


@dataclass(frozen=True)
class Message:
    """An executor has sent a message."""

    agent_id: str
    executor_id: str
    data: bytes


@dataclass(frozen=True)
class AgentLost:
    """An agent has been removed from the cluster, with everything on it."""

    agent_id: str


@dataclass(frozen=True)
class ExecutorExited:
    """An executor has ended."""

    agent_id: Optional[str]
    executor_id: str
    status: Optional[int]
    """Its wait status, as from `os.waitpid`."""


Event = Union[
    Subscribed,
    Disconnected,
    Offers,
    InverseOffers,
    Rescind,
    RescindInverseOffer,
    Update,
    OperationUpdate,
    Message,
    AgentLost,
    ExecutorExited,
]


def _subscribed(framework_id: str, master: Optional[bytes], again: bool) -> Subscribed:
    info = None if master is None else v1.MasterInfo.FromString(master)
    return Subscribed(framework_id, info, again)


_MAKERS: dict[str, Callable[..., Event]] = {
    "subscribed": _subscribed,
    "disconnected": Disconnected,
    "offers": lambda offers: Offers([Offer(v1.Offer.FromString(it)) for it in offers]),
    "inverse_offers": lambda offers: InverseOffers(
        [v1.InverseOffer.FromString(it) for it in offers]
    ),
    "rescind": Rescind,
    "rescind_inverse_offer": RescindInverseOffer,
    "update": lambda status: Update(v1.TaskStatus.FromString(status)),
    "operation_update": lambda status: OperationUpdate(v1.OperationStatus.FromString(status)),
    "message": Message,
    "agent_lost": AgentLost,
    "executor_exited": ExecutorExited,
}


def event_of(parts: tuple[Any, ...]) -> Event:
    """The event for what the native part says of it."""
    return _MAKERS[parts[0]](*parts[1:])
