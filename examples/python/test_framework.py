#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Five tasks through an executor of its own: `test_framework.py MASTER`.

It registers with its role suppressed and wants offers only then, sends a
message to the executor for each task that has finished, and ends with 0 only
if every task has, every byte of their data came through, and every message
came back as it was sent.

Environment: MESOS_EXPLICIT_ACKNOWLEDGEMENTS, MESOS_EXAMPLE_CHECKPOINT, and
MESOS_EXAMPLE_AUTHENTICATE with MESOS_EXAMPLE_PRINCIPAL and MESOS_EXAMPLE_SECRET.
"""

from __future__ import annotations

import os
import shlex
import sys
import threading
from pathlib import Path

import mesos.interface
from mesos.interface import mesos_pb2
from mesos.native import MesosSchedulerDriver

TASKS = 5
TASK_RESOURCES = {"cpus": 1, "mem": 128}
DATA = b"data with a \0 byte"
SECONDS_MAX = 300


class TestScheduler(mesos.interface.Scheduler):
    """Launches the tasks, and keeps account of what comes back."""

    def __init__(self, framework, executor, implicit):
        self.framework = framework
        self.executor = executor
        self.implicit = implicit
        self.slaves = {}
        self.finished = set()
        self.messages_received = 0

    def registered(self, driver, frameworkId, masterInfo):
        print("Registered as", frameworkId.value)
        self.framework.id.CopyFrom(frameworkId)
        driver.updateFramework(self.framework, [])

    def resourceOffers(self, driver, offers):
        for offer in offers:
            left = {name: scalar(offer, name) for name in TASK_RESOURCES}
            print(f"Offer {offer.id.value}: {left}")
            launch = mesos_pb2.Offer.Operation(type=mesos_pb2.Offer.Operation.LAUNCH)
            while len(self.slaves) < TASKS and all(left[it] >= TASK_RESOURCES[it] for it in left):
                launch.launch.task_infos.append(self.task(offer.slave_id))
                left = {name: left[name] - TASK_RESOURCES[name] for name in left}
            driver.acceptOffers([offer.id], [launch], mesos_pb2.Filters(refuse_seconds=1))

    def task(self, slave_id):
        """The next task."""
        task = mesos_pb2.TaskInfo(name=f"task {len(self.slaves)}", slave_id=slave_id)
        task.task_id.value = str(len(self.slaves))
        task.executor.CopyFrom(self.executor)
        for name, amount in TASK_RESOURCES.items():
            resource = task.resources.add(name=name, type=mesos_pb2.Value.SCALAR)
            resource.scalar.value = amount
        self.slaves[task.task_id.value] = slave_id
        return task

    def statusUpdate(self, driver, status):
        state = mesos_pb2.TaskState.Name(status.state)
        print("Task", status.task_id.value, "is in state", state)
        if state in ("TASK_FAILED", "TASK_KILLED", "TASK_LOST", "TASK_ERROR"):
            raise RuntimeError(f"task {status.task_id.value} is in {state}: {status.message}")
        if status.data != DATA:
            raise RuntimeError(f"the update's data is {status.data!r}, expected {DATA!r}")
        if state == "TASK_FINISHED" and status.task_id.value not in self.finished:
            self.finished.add(status.task_id.value)
            slave_id = self.slaves[status.task_id.value]
            driver.sendFrameworkMessage(self.executor.executor_id, slave_id, DATA)
        if not self.implicit:
            driver.acknowledgeStatusUpdate(status)

    def frameworkMessage(self, driver, executorId, slaveId, message):
        print("Message from", executorId.value, repr(message))
        if message != DATA or executorId != self.executor.executor_id:
            raise RuntimeError(f"the message is {message!r} of {executorId.value}")
        self.messages_received += 1
        if self.messages_received == TASKS:
            driver.stop()


def scalar(offer, name):
    """How much of a resource an offer has."""
    return sum(it.scalar.value for it in offer.resources if it.name == name)


def executor_info():
    """The executor beside this file, run by the Python that runs this."""
    executor = mesos_pb2.ExecutorInfo(name="Test Executor (Python)", source="python_test")
    executor.executor_id.value = "default"
    script = Path(__file__).resolve().with_name("test_executor.py")
    executor.command.value = shlex.join([sys.executable, str(script)])
    return executor


def credential(framework):
    """Who to authenticate as, if that is wanted; the framework gets the principal."""
    framework.principal = os.getenv("MESOS_EXAMPLE_PRINCIPAL", "test-framework-python")
    if not os.getenv("MESOS_EXAMPLE_AUTHENTICATE"):
        return None
    if not os.getenv("MESOS_EXAMPLE_PRINCIPAL"):
        sys.exit("MESOS_EXAMPLE_AUTHENTICATE is set, but not MESOS_EXAMPLE_PRINCIPAL")
    return mesos_pb2.Credential(
        principal=framework.principal, secret=os.getenv("MESOS_EXAMPLE_SECRET")
    )


def main(master):
    """Runs everything; the exit code."""
    framework = mesos_pb2.FrameworkInfo(user="", name="Test Framework (Python)", role="*")
    framework.checkpoint = bool(os.getenv("MESOS_EXAMPLE_CHECKPOINT"))
    implicit = not os.getenv("MESOS_EXPLICIT_ACKNOWLEDGEMENTS")
    who = credential(framework)
    scheduler = TestScheduler(framework, executor_info(), implicit)
    driver = MesosSchedulerDriver(scheduler, framework, master, implicit, who, [framework.role])
    too_late = threading.Timer(SECONDS_MAX, driver.abort)
    too_late.daemon = True
    too_late.start()
    status = driver.run()
    done = status == mesos_pb2.DRIVER_STOPPED and len(scheduler.finished) == TASKS
    print("All tasks finished, all messages came back" if done else "FAILED")
    return 0 if done else 1


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(f"usage: {sys.argv[0]} MASTER")
    sys.exit(main(sys.argv[1]))
