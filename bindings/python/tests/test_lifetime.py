# SPDX-License-Identifier: Apache-2.0
"""Threads, exceptions, signals, forks, the end of the interpreter, and the garbage collector."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
import weakref
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Optional

import pytest
from cluster import Cluster, free_port, until

from _mesos_rs import driver as drivers
from mesos.interface import Scheduler, mesos_pb2
from mesos.native import MesosSchedulerDriver

HEAD = """
import os, signal, sys, threading, time
from mesos.interface import Scheduler, mesos_pb2
from mesos.native import MesosSchedulerDriver
framework = mesos_pb2.FrameworkInfo(user="", name="lifetime")
registered = threading.Event()
class Mine(Scheduler):
    def registered(self, driver, frameworkId, masterInfo):
        registered.set()
driver = MesosSchedulerDriver(Mine(), framework, sys.argv[1])
"""


def program(body: str, master: str, **options: Any) -> subprocess.Popen[str]:
    """A Python of its own that runs `HEAD` and `body`."""
    return subprocess.Popen(
        [sys.executable, "-u", "-c", HEAD + textwrap.dedent(body), master],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


def ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    """How it ended: code, stdout, stderr."""
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err


def framework(name: str) -> mesos_pb2.FrameworkInfo:
    return mesos_pb2.FrameworkInfo(user="", name=name)


@pytest.fixture
def nobody() -> str:
    """An address at which nothing listens."""
    return f"127.0.0.1:{free_port()}"


class Thrown(Exception):
    """Of a callback."""


class Thrower(Scheduler):
    def registered(self, driver: Any, frameworkId: Any, masterInfo: Any) -> None:
        raise Thrown("on purpose")


def test_an_exception_in_a_callback_is_printed_and_raised_by_each_join(
    cluster: Cluster, capfd: pytest.CaptureFixture[str]
) -> None:
    driver = MesosSchedulerDriver(Thrower(), framework("throws"), cluster.address)
    with pytest.raises(Thrown) as first:
        driver.run()
    assert first.traceback[-1].name == "registered"
    with pytest.raises(Thrown):
        driver.join()
    assert driver.stop() == mesos_pb2.DRIVER_ABORTED
    printed = capfd.readouterr().err
    assert "registered raised" in printed and "Thrown: on purpose" in printed


def test_an_exception_of_the_error_callback_is_raised_by_run() -> None:
    class Unhappy(Scheduler):
        def error(self, driver: Any, message: str) -> None:
            raise Thrown(message)

    driver = MesosSchedulerDriver(Unhappy(), framework("unhappy"), "127.0.0.1:port")
    with pytest.raises(Thrown, match="Failed to create a master detector"):
        driver.run()


def test_a_scheduler_without_the_callback_aborts(cluster: Cluster) -> None:
    nothing: Any = object()
    with pytest.raises(AttributeError):
        MesosSchedulerDriver(nothing, framework("nothing"), cluster.address).run()


def test_sys_exit_in_a_callback_ends_the_program_that_runs(cluster: Cluster) -> None:
    body = """
    Mine.registered = lambda *_: sys.exit(7)
    driver.run()
    """
    assert ended(program(body, cluster.address)) == (7, "", "")


def test_ctrl_c_interrupts_run_and_leaves_the_driver_running(nobody: str) -> None:
    # A shell that starts the tests in the background has them ignore the signal.
    body = """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    print("begins")
    try:
        driver.run()
    except KeyboardInterrupt:
        print("interrupted", driver.stop())
    """
    process = program(body, nobody)
    assert process.stdout is not None
    assert process.stdout.readline() == "begins\n"
    # The signal has to come while it waits.
    until("it sleeps", lambda: b"State:\tS" in Path(f"/proc/{process.pid}/status").read_bytes())
    time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    assert ended(process) == (0, f"interrupted {mesos_pb2.DRIVER_STOPPED}\n", "")


def test_a_signal_handler_can_stop_the_driver_that_is_waited_for(cluster: Cluster) -> None:
    body = """
    signal.signal(signal.SIGTERM, lambda *_: driver.stop())
    Mine.registered = lambda *_: os.kill(os.getpid(), signal.SIGTERM)
    sys.exit(driver.run())
    """
    assert ended(program(body, cluster.address)) == (mesos_pb2.DRIVER_STOPPED, "", "")


def test_other_threads_run_while_one_waits(nobody: str) -> None:
    driver = MesosSchedulerDriver(Scheduler(), framework("waits"), nobody)
    assert driver.start() == mesos_pb2.DRIVER_RUNNING
    threading.Timer(0.2, driver.stop).start()
    assert driver.join() == mesos_pb2.DRIVER_STOPPED


def test_a_callback_thread_is_the_same_to_python_from_callback_to_callback(
    cluster: Cluster,
) -> None:
    class Remembers(Scheduler):
        def __init__(self) -> None:
            self.local = threading.local()
            self.seen: Optional[str] = None

        def registered(self, driver: Any, frameworkId: Any, masterInfo: Any) -> None:
            self.local.value = "kept"

        def resourceOffers(self, driver: Any, offers: Any) -> None:
            self.seen = getattr(self.local, "value", None)
            driver.stop()

    scheduler = Remembers()
    driver = MesosSchedulerDriver(scheduler, framework("remembers"), cluster.address)
    assert driver.run() == mesos_pb2.DRIVER_STOPPED
    assert scheduler.seen == "kept"


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="warns about forks of threads")
def test_a_child_of_a_fork_has_no_driver_and_its_parent_has(cluster: Cluster) -> None:
    body = """
    driver.start(); registered.wait()
    child = os.fork()
    if child == 0:
        assert driver.reviveOffers() == mesos_pb2.DRIVER_ABORTED
        assert driver.join() == mesos_pb2.DRIVER_ABORTED
        other = MesosSchedulerDriver(Mine(), framework, sys.argv[1])
        registered.clear()
        assert other.start() == mesos_pb2.DRIVER_RUNNING
        assert registered.wait(30)
        other.stop(); other.join()
        sys.exit(3)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 3
    assert driver.reviveOffers() == mesos_pb2.DRIVER_RUNNING
    driver.stop(); driver.join()
    """
    assert ended(program(body, cluster.address)) == (0, "", "")


@pytest.mark.parametrize("end", ["pass", "sys.exit(0)", "del driver"])
def test_the_interpreter_ends_with_a_driver_that_runs(cluster: Cluster, end: str) -> None:
    body = f"""
    driver.start(); registered.wait()
    {end}
    """
    assert ended(program(body, cluster.address)) == (0, "", "")


def test_the_interpreter_waits_for_the_callback_that_runs(cluster: Cluster) -> None:
    body = """
    def slow(self, driver, frameworkId, masterInfo):
        registered.set()
        time.sleep(0.3)
        print("returns")
    Mine.registered = slow
    driver.start(); registered.wait()
    """
    assert ended(program(body, cluster.address)) == (0, "returns\n", "")


def test_a_callback_for_a_driver_that_is_gone_has_not_happened() -> None:
    driver = MesosSchedulerDriver(Scheduler(), framework("gone"), "127.0.0.1:1")
    callbacks: Any = driver._callbacks()
    del driver
    gc.collect()
    # The native part takes it for a failure, and acknowledges nothing.
    with pytest.raises(ReferenceError, match="the driver is gone"):
        callbacks.statusUpdate(mesos_pb2.TaskStatus().SerializePartialToString())


@pytest.mark.parametrize("fails", ["_end", "_close"])
def test_at_the_end_every_driver_is_told_before_one_is_waited_for(
    monkeypatch: pytest.MonkeyPatch, fails: str
) -> None:
    steps: list[str] = []

    def failing(step: str) -> None:
        steps.append(step)
        if step == fails:
            raise Thrown(step)

    def driver_with(do: Any) -> SimpleNamespace:
        return SimpleNamespace(_end=lambda: do("_end"), _close=lambda: do("_close"))

    monkeypatch.setattr(drivers, "_drivers", [driver_with(failing), driver_with(steps.append)])
    native = SimpleNamespace(shut_down=lambda: steps.append("shut_down"))
    monkeypatch.setattr(drivers, "_native", native)
    with pytest.raises(Thrown, match=fails):
        drivers._close_all()
    assert steps == ["_end", "_end", "_close", "_close", "shut_down"]


def test_a_scheduler_that_knows_its_driver_is_collected_after_the_end(nobody: str) -> None:
    scheduler = Scheduler()
    driver = MesosSchedulerDriver(scheduler, framework("cycle"), nobody)
    scheduler.driver = driver  # type: ignore[attr-defined]
    driver.start()
    driver.stop()
    driver.join()
    seen = weakref.ref(scheduler)
    del scheduler, driver
    gc.collect()
    assert seen() is None


def test_a_driver_that_was_never_started_is_collected() -> None:
    scheduler = Scheduler()
    driver = MesosSchedulerDriver(scheduler, framework("cycle"), "127.0.0.1:1")
    scheduler.driver = driver  # type: ignore[attr-defined]
    seen = weakref.ref(driver)
    del scheduler, driver
    gc.collect()
    assert seen() is None


def test_many_lives_leave_no_thread_and_no_file(nobody: str) -> None:
    def live() -> None:
        driver = MesosSchedulerDriver(Scheduler(), framework("short"), nobody)
        driver.start()
        driver.stop()
        driver.join()

    def left() -> tuple[int, int]:
        return len(os.listdir("/proc/self/task")), len(os.listdir("/proc/self/fd"))

    live()
    before = left()
    for _ in range(300):
        live()
    until("the threads end", lambda: left() == before)
