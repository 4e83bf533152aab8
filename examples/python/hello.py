#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""One offer, one command, its output: `hello.py MASTER`."""

import sys

from mesos.interface import Scheduler, mesos_pb2
from mesos.native import MesosSchedulerDriver
from sandbox import output_of


class Hello(Scheduler):
    """Runs `echo` on the first offer that is big enough."""

    slave = None

    def registered(self, driver, frameworkId, masterInfo):
        self.framework_id = frameworkId.value

    def resourceOffers(self, driver, offers):
        for offer in offers:
            amounts = {it.name: it.scalar.value for it in offer.resources}
            if self.slave or amounts.get("cpus", 0) < 0.1 or amounts.get("mem", 0) < 32:
                driver.declineOffer(offer.id)
                continue
            self.slave = f"{offer.url.address.ip}:{offer.url.address.port}"
            task = mesos_pb2.TaskInfo(name="hello", slave_id=offer.slave_id)
            task.task_id.value = "hello"
            task.command.value = "echo Hello, Mesos"
            for name, amount in (("cpus", 0.1), ("mem", 32)):
                task.resources.add(name=name, type=mesos_pb2.Value.SCALAR).scalar.value = amount
            driver.launchTasks(offer.id, [task])

    def statusUpdate(self, driver, status):
        if status.state == mesos_pb2.TASK_FINISHED:
            print(output_of(self.slave, self.framework_id, "hello"), end="")
            driver.stop()
        elif status.state not in (mesos_pb2.TASK_STARTING, mesos_pb2.TASK_RUNNING):
            raise RuntimeError(f"{mesos_pb2.TaskState.Name(status.state)}: {status.message}")


if __name__ == "__main__":
    framework = mesos_pb2.FrameworkInfo(user="", name="hello (Python)")
    driver = MesosSchedulerDriver(Hello(), framework, sys.argv[1])
    sys.exit(0 if driver.run() == mesos_pb2.DRIVER_STOPPED else 1)
