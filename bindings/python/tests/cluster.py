# SPDX-License-Identifier: Apache-2.0
"""A real master and agents on loopback, for the tests of this folder."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any, Callable, Optional, TypeVar

BINARIES = Path(os.environ.get("MESOS_TEST_BINARIES", ""))
DEADLINE = 30.0

T = TypeVar("T")


def until(what: str, probe: Callable[[], Optional[T]], seconds: float = DEADLINE) -> T:
    """Waits for `probe` to return something."""
    deadline = time.monotonic() + seconds
    while True:
        found = probe()
        if found:
            return found
        assert time.monotonic() < deadline, f"not in time: {what}"
        time.sleep(0.02)


def free_port() -> int:
    """A port that nothing listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def get(address: str, path: str) -> Optional[Any]:
    """A JSON answer, if there is one."""
    try:
        with urllib.request.urlopen(f"http://{address}{path}", timeout=5) as answer:
            return json.load(answer)
    except (OSError, ValueError):
        return None


class Daemon:
    """A master or an agent."""

    def __init__(self, program: str, folder: Path, *flags: str) -> None:
        self.port = free_port()
        self.address = f"127.0.0.1:{self.port}"
        self.log = folder / f"{program}-{self.port}.log"
        self.arguments = [
            str(BINARIES / program),
            "--ip=127.0.0.1",
            "--hostname=127.0.0.1",
            f"--port={self.port}",
            f"--work_dir={folder / f'{program}-{self.port}'}",
            *flags,
        ]
        self.start()

    def start(self) -> None:
        """Starts it, and waits until it answers."""
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                self.arguments, stdout=log, stderr=log, stdin=subprocess.DEVNULL
            )
        until("the daemon answers", lambda: self._answers())

    def _answers(self) -> bool:
        assert self.process.poll() is None, self.log.read_text()
        try:
            with urllib.request.urlopen(f"http://{self.address}/health", timeout=5):
                return True
        except (OSError, urllib.error.URLError):
            return False

    def kill(self) -> None:
        """Ends it without a word."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def state(self) -> dict[str, Any]:
        """What its /state says."""
        state: dict[str, Any] = until("/state", lambda: get(self.address, "/state"))
        return state


class Cluster:
    """A master and an agent of 4 cpus and 4 GB."""

    def __init__(self, folder: Path, agents: int = 1, *master_flags: str) -> None:
        self.master = Daemon("mesos-master", folder, *master_flags)
        self.agents = [
            Daemon(
                "mesos-agent",
                folder,
                f"--master={self.master.address}",
                f"--runtime_dir={folder / f'run-{number}'}",
                "--resources=cpus:4;mem:4096;disk:10240;ports:[31000-32000]",
            )
            for number in range(agents)
        ]
        until("the agents register", self._registered)

    @property
    def address(self) -> str:
        """The master's."""
        return self.master.address

    def _registered(self) -> bool:
        return bool(self.master.state()["activated_slaves"] == len(self.agents))

    def stop(self) -> None:
        """Ends everything, executors first."""
        for agent in self.agents:
            agent.process.send_signal(signal.SIGUSR1)
        for agent in self.agents:
            try:
                agent.process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                pass
            agent.kill()
        self.master.kill()
