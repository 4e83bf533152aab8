# SPDX-License-Identifier: Apache-2.0
"""Mesos for Python, in asyncio, over the v1 API.

>>> import mesos_rs
>>> need = mesos_rs.Resources(cpus=0.5, mem=64)
>>> need in mesos_rs.Resources.parse("cpus:4;mem:1024")
True

A framework is a `Scheduler`, an executor an `Executor`. Frameworks that are
written for Mesos's native API find it in `mesos.interface` and
`mesos.native`. Messages that have no class here are those of
`mesos.v1.interface.mesos_pb2`.
"""

from __future__ import annotations

from _mesos_rs import driver as _driver  # noqa: F401  its atexit ends whatever runs
from _mesos_rs._native import __version__
from mesos_rs._errors import ErrorKind, MesosError, Retry
from mesos_rs._events import (
    AgentLost,
    Disconnected,
    Event,
    ExecutorExited,
    InverseOffers,
    Message,
    Offers,
    OperationUpdate,
    Rescind,
    RescindInverseOffer,
    Subscribed,
    Update,
)
from mesos_rs._executor import (
    Acknowledged,
    Executor,
    ExecutorDisconnected,
    ExecutorEvent,
    ExecutorSubscribed,
    FrameworkMessage,
    Kill,
    Launch,
    LaunchGroup,
    Shutdown,
)
from mesos_rs._offer import Offer
from mesos_rs._resources import Resources
from mesos_rs._scheduler import Scheduler, framework_info
from mesos_rs._task import Task

__all__ = (
    "Acknowledged",
    "AgentLost",
    "Disconnected",
    "ErrorKind",
    "Event",
    "Executor",
    "ExecutorDisconnected",
    "ExecutorEvent",
    "ExecutorExited",
    "ExecutorSubscribed",
    "FrameworkMessage",
    "InverseOffers",
    "Kill",
    "Launch",
    "LaunchGroup",
    "MesosError",
    "Message",
    "Offer",
    "Offers",
    "OperationUpdate",
    "Rescind",
    "RescindInverseOffer",
    "Resources",
    "Retry",
    "Scheduler",
    "Shutdown",
    "Subscribed",
    "Task",
    "Update",
    "__version__",
    "framework_info",
)
