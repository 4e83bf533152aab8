# SPDX-License-Identifier: Apache-2.0
"""Acts out a scenario of tests/bindings/scenarios.toml: `scenarios.py NAME MASTER`.

Prints a line for each method that returns and for each callback.
"""

from __future__ import annotations

import sys
import threading
from typing import Any, Callable, Optional

from mesos.interface import Scheduler, mesos_pb2
from mesos.native import MesosSchedulerDriver


class Thrown(Exception):
    """What the scenario `callback-throws` throws."""


class Stage:
    """What has been printed, and what has happened."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.printing: Optional[int] = None
        self.happened: set[str] = set()

    def wait(self, what: str) -> None:
        """Until something has happened."""
        with self.changed:
            assert self.changed.wait_for(lambda: what in self.happened, timeout=60), what

    def happen(self, what: str) -> None:
        """Something has happened."""
        with self.changed:
            self.happened.add(what)
            self.changed.notify_all()

    def print(self, line: str) -> None:
        """A line of a callback; it waits for that of the method that brought it about."""
        own = threading.get_ident()
        with self.changed:
            self.changed.wait_for(lambda: self.printing in (None, own))
            print(line, flush=True)

    def say(self, name: str, method: Callable[[], int]) -> None:
        """A method and its line."""
        before = self.printing
        if name not in ("join", "run"):
            with self.changed:
                self.printing = threading.get_ident()
        try:
            status = mesos_pb2.Status.Name(method())
        except Thrown:
            status = "DRIVER_ABORTED\nfailure"
        with self.changed:
            print(name, status.replace("DRIVER_", ""), flush=True)
            self.printing = before
            self.changed.notify_all()


class Actor(Scheduler):
    """Does in its callbacks what the scenario wants."""

    def __init__(self, scenario: str, stage: Stage) -> None:
        self.scenario = scenario
        self.stage = stage

    def registered(self, driver: Any, frameworkId: Any, masterInfo: Any) -> None:
        stage = self.stage
        stage.print("registered")
        if self.scenario == "callback-throws":
            raise Thrown
        if self.scenario == "callback-joins":
            stage.say("join", driver.join)
        if self.scenario in ("callback-stops", "callback-joins"):
            stage.say("stop", lambda: driver.stop(False))
        if self.scenario == "callback-aborts":
            stage.say("abort", driver.abort)
        stage.happen("registered")
        if self.scenario == "callback-blocks":
            stage.wait("stopped")
            stage.print("returns")

    def statusUpdate(self, driver: Any, status: mesos_pb2.TaskStatus) -> None:
        assert status.state == mesos_pb2.TASK_LOST
        self.stage.print(f"lost {status.task_id.value}")
        self.stage.happen("lost")

    def error(self, driver: Any, message: str) -> None:
        self.stage.print(f"error {message}")


class Play:
    """The scenarios that begin with `start`, and those that do not."""

    def __init__(self, scenario: str, master: str) -> None:
        self.scenario = scenario
        self.stage = Stage()
        framework = mesos_pb2.FrameworkInfo(user="")
        if scenario != "framework-without-name":
            framework.name = "scenario"
        self.driver: Any = MesosSchedulerDriver(Actor(scenario, self.stage), framework, master)

    def start(self) -> None:
        self.stage.say("start", self.driver.start)

    def stop(self) -> None:
        self.stage.say("stop", lambda: self.driver.stop(False))

    def join(self) -> None:
        self.stage.say("join", self.driver.join)

    def run(self) -> None:
        self.stage.say("run", self.driver.run)

    def kill(self) -> None:
        task_id = mesos_pb2.TaskID(value="t")
        self.stage.say("killTask", lambda: self.driver.killTask(task_id))

    def launch(self) -> None:
        task = mesos_pb2.TaskInfo(name="t")
        task.task_id.value, task.slave_id.value = "t", "a"
        self.stage.say("launchTasks", lambda: self.driver.launchTasks([], [task]))

    def revive_on_many_threads(self) -> None:
        running: list[int] = []

        def revive() -> None:
            for _ in range(100):
                if self.driver.reviveOffers() == mesos_pb2.DRIVER_RUNNING:
                    running.append(1)

        threads = [threading.Thread(target=revive) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.stage.print(f"calls {len(running)}")

    def act(self) -> None:
        """All of it."""
        named: dict[str, Callable[[], None]] = {
            "callback-throws": self.run_and_stop,
            "callback-aborts": self.run_and_stop,
            "callback-stops": self.run,
            "callback-joins": self.run,
            "never-started": self.never_started,
        }
        if self.scenario in named:
            named[self.scenario]()
        else:
            self.start()
            self.act_started()

    def run_and_stop(self) -> None:
        self.run()
        self.stop()

    def never_started(self) -> None:
        self.join()
        self.stop()
        self.stage.say("abort", self.driver.abort)
        self.kill()

    def act_started(self) -> None:
        """What comes after `start`."""
        if self.scenario in ("wrong-master-address", "local-cluster-missing"):
            self.join()
            self.stop()
            return
        if self.scenario == "dropped-without-stop":
            self.stage.wait("registered")
            self.driver = None
            self.stage.print("dropped")
            return
        if self.scenario == "use-after-stop":
            self.stop()
            self.join()
            self.kill()
            self.start()
            self.stop()
            return
        self.middle()
        self.join()

    def middle(self) -> None:
        """What comes between `start` and `join`."""
        if self.scenario == "no-master":
            self.launch()
            self.stage.wait("lost")
            self.stop()
        elif self.scenario == "task-without-id":
            self.stage.say("killTask", lambda: self.driver.killTask(mesos_pb2.TaskID()))
        elif self.scenario == "acknowledge-though-implicit":
            status = mesos_pb2.TaskStatus(state=mesos_pb2.TASK_RUNNING)
            status.task_id.value = "t"
            acknowledge = self.driver.acknowledgeStatusUpdate
            self.stage.say("acknowledgeStatusUpdate", lambda: acknowledge(status))
        elif self.scenario == "callback-blocks":
            self.stage.wait("registered")
            self.stop()
            self.stage.happen("stopped")
        elif self.scenario == "local-cluster":
            self.stage.wait("registered")
            self.stop()
        elif self.scenario == "double-start":
            self.start()
            self.stop()
        elif self.scenario == "master-without-quorum":
            self.stop()
        elif self.scenario == "many-threads":
            self.revive_on_many_threads()
            self.stop()
        elif self.scenario != "framework-without-name":
            sys.exit(f"there is no scenario '{self.scenario}'")


if __name__ == "__main__":
    Play(sys.argv[1], sys.argv[2]).act()
