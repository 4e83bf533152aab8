# SPDX-License-Identifier: Apache-2.0
"""The programs of examples/python, started as their users start them."""

from __future__ import annotations

import asyncio
import base64
import http.server
import importlib.util
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any, AsyncIterator, Optional

import pytest
from cluster import Cluster

from mesos.v1.interface import mesos_pb2 as v1
from mesos_rs import Offer, Offers, Resources, Task, Update

EXAMPLES = Path(__file__).resolve().parents[3] / "examples/python"


def run(name: str, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Runs an example to its end."""
    return subprocess.run(
        [sys.executable, str(EXAMPLES / name), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
        env={**os.environ, **variables},
        check=False,
    )


@pytest.mark.parametrize(
    "variables",
    [{}, {"MESOS_EXPLICIT_ACKNOWLEDGEMENTS": "1"}, {"MESOS_EXAMPLE_CHECKPOINT": "1"}],
    ids=lambda it: "-".join(it) or "plain",
)
def test_the_test_framework_ends_well(cluster: Cluster, variables: dict[str, str]) -> None:
    ended = run("test_framework.py", cluster.address, **variables)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.endswith("All tasks finished, all messages came back\n")


def test_hello_prints_what_its_task_printed(cluster: Cluster) -> None:
    ended = run("hello.py", cluster.address)
    assert (ended.returncode, ended.stdout) == (0, "Hello, Mesos\n"), ended.stderr


def test_the_asyncio_example_runs_its_tasks(cluster: Cluster) -> None:
    ended = run("hello_asyncio.py", cluster.address, "3")
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.endswith("3 tasks finished\n")


class Reserving:
    """A scheduler that is offered what is reserved for it; its tasks finish at once."""

    offered = Resources.parse("cpus(web):1;mem(web):64;cpus:0.05;mem:1024")
    launched: list[Task] = []

    def __init__(self, *_: Any) -> None:
        pass

    async def __aenter__(self) -> Reserving:
        return self

    async def __aexit__(self, *_: Any) -> None:
        pass

    async def __aiter__(self) -> AsyncIterator[Any]:
        message = v1.Offer(hostname="here", resources=self.offered)
        yield Offers([Offer(message)])
        for task in self.launched:
            status = v1.TaskStatus(state=v1.TASK_FINISHED)
            status.task_id.value = task.id
            yield Update(status)

    async def launch(self, offer: Offer, *tasks: Task, refuse_seconds: float) -> None:
        self.launched.extend(tasks)


def test_the_asyncio_example_launches_what_it_was_offered() -> None:
    spec = importlib.util.spec_from_file_location("hello_asyncio", EXAMPLES / "hello_asyncio.py")
    assert spec is not None and spec.loader is not None
    example: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(example)
    example.Scheduler = Reserving
    asyncio.run(example.main("127.0.0.1:5050", 3))
    assert len(Reserving.launched) == 3
    used = Resources()
    for task in Reserving.launched:
        assert isinstance(task.resources, Resources)
        used += task.resources
    assert used in Reserving.offered, used


class Guard(http.server.BaseHTTPRequestHandler):
    """A master that knows nobody."""

    seen: list[Optional[str]] = []

    def do_POST(self) -> None:
        self.seen.append(self.headers.get("Authorization"))
        self.send_response(401)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


def test_the_test_framework_says_who_it_is_and_fails_when_it_is_not_let_in() -> None:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Guard) as guard:
        threading.Thread(target=guard.serve_forever, daemon=True).start()
        ended = run(
            "test_framework.py",
            f"127.0.0.1:{guard.server_address[1]}",
            MESOS_EXAMPLE_AUTHENTICATE="1",
            MESOS_EXAMPLE_PRINCIPAL="me",
            MESOS_EXAMPLE_SECRET="hush",
        )
        guard.shutdown()
    assert Guard.seen[0] == "Basic " + base64.b64encode(b"me:hush").decode()
    assert ended.returncode == 1
    assert "Error from Mesos" in ended.stderr and "hush" not in ended.stderr


def test_authentication_without_a_principal_is_refused(cluster: Cluster) -> None:
    ended = run("test_framework.py", cluster.address, MESOS_EXAMPLE_AUTHENTICATE="1")
    assert ended.returncode == 1
    assert "MESOS_EXAMPLE_PRINCIPAL" in ended.stderr
