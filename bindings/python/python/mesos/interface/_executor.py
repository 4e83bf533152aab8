# SPDX-License-Identifier: Apache-2.0
"""An executor's side of the native API."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mesos.interface import mesos_pb2 as mesos

# mesos_pb2.DRIVER_NOT_STARTED: what a driver says that does nothing.
_NOT_STARTED = 1


class Executor:
    """Base class of executors: each callback does nothing unless overridden."""

    def registered(
        self,
        driver: ExecutorDriver,
        executorInfo: mesos.ExecutorInfo,
        frameworkInfo: mesos.FrameworkInfo,
        slaveInfo: mesos.SlaveInfo,
    ) -> None:
        """The agent has the executor, for the first time.

        `executorInfo.data` is what the framework had to say to its executors.
        """

    def reregistered(self, driver: ExecutorDriver, slaveInfo: mesos.SlaveInfo) -> None:
        """The agent has been restarted, and has the executor again."""

    def disconnected(self, driver: ExecutorDriver) -> None:
        """The agent is away; the driver waits for it to come back."""

    def launchTask(self, driver: ExecutorDriver, task: mesos.TaskInfo) -> None:
        """Run a task: on a thread or in a process, for no other callback comes meanwhile."""

    def killTask(self, driver: ExecutorDriver, taskId: mesos.TaskID) -> None:
        """End a task, and report it (TASK_KILLED): nobody else does."""

    def frameworkMessage(self, driver: ExecutorDriver, message: bytes) -> None:
        """The framework has sent a message. Such messages can be lost without a word."""

    def shutdown(self, driver: ExecutorDriver) -> None:
        """End all tasks, report them, and stop the driver, before the grace period is over."""

    def error(self, driver: ExecutorDriver, message: str) -> None:
        """The driver cannot go on. It has been aborted before this is called."""
        print(f"Error from Mesos: {message}", file=sys.stderr)


class ExecutorDriver:
    """What an executor can do; `mesos.native.MesosExecutorDriver` does it.

    The methods of this class do nothing: a stand-in for tests overrides those it needs.

    Each method returns a status of `mesos_pb2`, as a `SchedulerDriver`'s do.
    """

    def start(self) -> int:
        """Starts the driver. Nothing else has an effect before."""
        return _NOT_STARTED

    def stop(self) -> int:
        """Stops the driver, once the agent has what was sent."""
        return _NOT_STARTED

    def abort(self) -> int:
        """Ends the callbacks."""
        return _NOT_STARTED

    def join(self) -> int:
        """Waits until the driver is stopped or aborted."""
        return _NOT_STARTED

    def run(self) -> int:
        """`start` and then `join`."""
        return _NOT_STARTED

    def sendStatusUpdate(self, status: mesos.TaskStatus) -> int:
        """Reports the state of a task, again and again until it is acknowledged."""
        return _NOT_STARTED

    def sendFrameworkMessage(self, data: Any) -> int:
        """Sends bytes to the framework. They can be lost without a word."""
        return _NOT_STARTED
