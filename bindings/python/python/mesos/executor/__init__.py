# SPDX-License-Identifier: Apache-2.0
"""The executor driver that talks to an agent."""

from __future__ import annotations

from typing import Union

from _mesos_rs import _native
from _mesos_rs.driver import Callbacks, NativeDriver, data_bytes, serialized
from mesos.interface import Executor, ExecutorDriver
from mesos.interface import mesos_pb2 as mesos


class MesosExecutorDriver(NativeDriver, ExecutorDriver):
    """The executor driver that talks to an agent.

    The environment that the agent has set says all that it needs; what is
    wrong there, `start` tells to the executor's `error`.
    """

    def __init__(self, executor: Executor) -> None:
        super().__init__(_native.ExecutorDriver(), executor)

    def _callbacks(self) -> Callbacks:
        return _ExecutorCallbacks(self)

    def _end(self) -> None:
        self._native.stop()

    def stop(self) -> int:
        """Stops the driver, once the agent has what was sent."""
        status: int = self._native.stop()
        return status

    def sendStatusUpdate(self, status: mesos.TaskStatus) -> int:
        """Reports the state of a task, again and again until it is acknowledged."""
        of_driver: int = self._native.send_status_update(serialized(status, "TaskStatus"))
        return of_driver

    def sendFrameworkMessage(self, data: Union[bytes, bytearray, memoryview, str]) -> int:
        """Sends bytes to the framework."""
        status: int = self._native.send_framework_message(data_bytes(data))
        return status


class _ExecutorCallbacks(Callbacks):
    def registered(self, executor: bytes, framework: bytes, slave: bytes) -> None:
        self._call(
            "registered",
            mesos.ExecutorInfo.FromString(executor),
            mesos.FrameworkInfo.FromString(framework),
            mesos.SlaveInfo.FromString(slave),
        )

    def reregistered(self, slave: bytes) -> None:
        self._call("reregistered", mesos.SlaveInfo.FromString(slave))

    def disconnected(self) -> None:
        self._call("disconnected")

    def launchTask(self, task: bytes) -> None:
        self._call("launchTask", mesos.TaskInfo.FromString(task))

    def killTask(self, task_id: bytes) -> None:
        self._call("killTask", mesos.TaskID.FromString(task_id))

    def frameworkMessage(self, data: bytes) -> None:
        self._call("frameworkMessage", data)

    def shutdown(self) -> None:
        self._call("shutdown")
