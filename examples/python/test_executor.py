#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The executor of test_framework.py: it runs nothing and says that it went well."""

from __future__ import annotations

import sys
import threading

import mesos.interface
from mesos.interface import mesos_pb2
from mesos.native import MesosExecutorDriver

DATA = b"data with a \0 byte"


class TestExecutor(mesos.interface.Executor):
    """Each task runs on a thread; what the framework sends goes back to it."""

    def launchTask(self, driver, task):
        threading.Thread(target=self.run_task, args=(driver, task)).start()

    def run_task(self, driver, task):
        """A task's life."""
        print("Running task", task.task_id.value)
        for state in (mesos_pb2.TASK_RUNNING, mesos_pb2.TASK_FINISHED):
            driver.sendStatusUpdate(
                mesos_pb2.TaskStatus(task_id=task.task_id, state=state, data=DATA)
            )

    def frameworkMessage(self, driver, message):
        driver.sendFrameworkMessage(message)

    def shutdown(self, driver):
        driver.stop()


if __name__ == "__main__":
    driver = MesosExecutorDriver(TestExecutor())
    sys.exit(0 if driver.run() == mesos_pb2.DRIVER_STOPPED else 1)
