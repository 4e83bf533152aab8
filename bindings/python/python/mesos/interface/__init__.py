# SPDX-License-Identifier: Apache-2.0
"""What a framework and an executor in Python are made of.

A framework is a `Scheduler` that a `SchedulerDriver` calls back; an executor
is an `Executor` with its `ExecutorDriver`. The drivers that talk to a cluster
are in `mesos.native`; these classes say what they do, and stand in for them
in a framework's own tests. Messages are those of `mesos.interface.mesos_pb2`.

Callbacks come one after another, on one thread of the driver's. An exception
in one aborts the driver and is raised by `run` and `join`.
"""

from __future__ import annotations

from mesos.interface._executor import Executor, ExecutorDriver
from mesos.interface._scheduler import Scheduler, SchedulerDriver

__all__ = ("Executor", "ExecutorDriver", "Scheduler", "SchedulerDriver")
