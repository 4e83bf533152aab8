# SPDX-License-Identifier: Apache-2.0
"""A scheduler on PyMesos: one command task, two tasks of a custom executor."""

import os
import sys
import threading

from pymesos import MesosSchedulerDriver, Scheduler, encode_data

EXECUTOR = os.path.join(os.path.dirname(os.path.abspath(__file__)), "pymesos_executor.py")
TASKS = ("command", "executor-1", "executor-2")


def resources(cpus, mem):
    scalar = lambda name, value: {"name": name, "type": "SCALAR", "scalar": {"value": value}}
    return [scalar("cpus", cpus), scalar("mem", mem)]


def executor():
    command = {
        "shell": False,
        "value": sys.executable,
        "arguments": [sys.executable, EXECUTOR],
        "environment": {
            "variables": [{"name": "PYTHONPATH", "value": os.environ.get("PYTHONPATH", "")}]
        },
    }
    return {
        "executor_id": {"value": "pymesos"},
        "name": "PyMesos executor",
        "command": command,
        "resources": resources(0.1, 32),
    }


class TestScheduler(Scheduler):
    def __init__(self):
        self.launched = False
        self.finished = set()
        self.echoed = False
        self.failure = None
        self.done = threading.Event()

    def registered(self, driver, framework_id, master_info):
        print("registered as", framework_id.value, flush=True)

    def resourceOffers(self, driver, offers):
        for offer in offers:
            if self.launched:
                driver.declineOffer(offer.id)
                continue
            self.launched = True
            tasks = []
            for name in TASKS:
                task = {
                    "name": name,
                    "task_id": {"value": name},
                    "agent_id": {"value": offer.agent_id.value},
                    "resources": resources(0.1, 32),
                }
                if name == "command":
                    task["command"] = {"value": "echo hello"}
                else:
                    task["executor"] = executor()
                tasks.append(task)
            driver.launchTasks(offer.id, tasks)

    def statusUpdate(self, driver, update):
        name, state = update.task_id.value, update.state
        print(name, "is", state, flush=True)
        if state == "TASK_FINISHED":
            self.finished.add(name)
            if name == "executor-1":
                executor_id = {"value": "pymesos"}
                driver.sendFrameworkMessage(executor_id, update.agent_id, encode_data(b"ping"))
        elif state not in ("TASK_STAGING", "TASK_STARTING", "TASK_RUNNING"):
            self.failure = "%s: %s" % (name, update)
            self.done.set()
        self.check()

    def frameworkMessage(self, driver, executor_id, agent_id, message):
        print("message from", executor_id.value, flush=True)
        self.echoed = True
        self.check()

    def error(self, driver, message):
        self.failure = message
        self.done.set()

    def check(self):
        if self.echoed and len(self.finished) == len(TASKS):
            self.done.set()


def main(master):
    scheduler = TestScheduler()
    framework = {"user": "root", "name": "PyMesos test", "hostname": "localhost"}
    driver = MesosSchedulerDriver(scheduler, framework, master, use_addict=True)
    driver.start()
    in_time = scheduler.done.wait(50)
    driver.stop()
    driver.join()
    if scheduler.failure or not in_time:
        print("failed:", scheduler.failure or "timed out", scheduler.finished, flush=True)
        return 1
    print("all tasks finished", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
