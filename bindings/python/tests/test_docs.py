# SPDX-License-Identifier: Apache-2.0
"""Examples in docstrings, types, stubs."""

from __future__ import annotations

import doctest
import importlib
import importlib.metadata
import importlib.util
import os
import pkgutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import _mesos_rs
import mesos.executor
import mesos.interface
import mesos.native
import mesos.scheduler
import mesos.v1.interface
import mesos_rs

SOURCE = Path(__file__).resolve().parents[1]
PACKAGES: list[Any] = [
    _mesos_rs,
    mesos_rs,
    mesos.interface,
    mesos.native,
    mesos.scheduler,
    mesos.executor,
    mesos.v1.interface,
]


def modules() -> list[str]:
    """Every module of the package that is in Python."""
    names = []
    for package in PACKAGES:
        names.append(package.__name__)
        for found in pkgutil.iter_modules(package.__path__, package.__name__ + "."):
            names.append(found.name)
    return [name for name in names if not name.endswith("._native")]


@pytest.mark.parametrize("name", modules())
def test_what_docstrings_show_is_true(name: str) -> None:
    module = importlib.import_module(name)
    assert module.__doc__, "a module says what it is for"
    assert doctest.testmod(module, optionflags=doctest.ELLIPSIS).failed == 0


def test_every_public_name_is_documented() -> None:
    undocumented = [
        name
        for name in mesos_rs.__all__
        if name[0].isupper() and isinstance(getattr(mesos_rs, name), type)
        and not getattr(mesos_rs, name).__doc__
    ]
    assert undocumented == []


@pytest.mark.skipif(importlib.util.find_spec("mypy") is None, reason="mypy is not installed")
@pytest.mark.parametrize("part", ["packages", "tests"])
def test_the_types_are_right(part: str, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mypy", "--strict", "--explicit-package-bases"]
    if part == "packages":
        command += ["-p", "_mesos_rs", "-p", "mesos", "-p", "mesos_rs"]
    else:
        command += sorted(str(it) for it in SOURCE.joinpath("tests").glob("*.py"))
    checked = subprocess.run(
        [*command, "--cache-dir", str(tmp_path)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=SOURCE / "python",
        env={**os.environ, "MYPYPATH": f"{SOURCE / 'python'}:{SOURCE / 'tests'}"},
        check=False,
    )
    assert checked.returncode == 0, checked.stdout


PROGRAM = """
from mesos.executor import MesosExecutorDriver
from mesos.interface import Executor, Scheduler, mesos_pb2
from mesos.native import MesosSchedulerDriver
from mesos.scheduler import MesosSchedulerDriver as Same
from mesos.v1.interface import mesos_pb2 as v1
from mesos_rs import framework_info

info: v1.FrameworkInfo = framework_info("typed")
driver = MesosSchedulerDriver(Scheduler(), mesos_pb2.FrameworkInfo(user="", name="t"), "m:5050")
started: int = driver.start()
MesosExecutorDriver(Executor())
driver.reviveOffers(5)
"""


@pytest.mark.skipif(importlib.util.find_spec("mypy") is None, reason="mypy is not installed")
def test_who_installs_the_wheel_has_the_types(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    variables = {name: it for name, it in os.environ.items() if name != "MYPYPATH"}
    checked = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path), program.name],
        stdout=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
        env=variables,
        check=False,
    )
    # What is wrong is found, and nothing else.
    assert '"reviveOffers"' in checked.stdout, checked.stdout
    assert "Found 1 error in 1 file" in checked.stdout, checked.stdout


def test_the_wheel_has_the_licence() -> None:
    files = importlib.metadata.files("mesos-rs") or []
    (licence,) = [it for it in files if it.name == "LICENSE"]
    assert licence.read_text() == (SOURCE.parents[1] / "LICENSE").read_text()


@pytest.mark.skipif(
    "MESOS_TEST_PROTOS" not in os.environ or importlib.util.find_spec("grpc_tools") is None,
    reason="no .proto files are given, or grpcio-tools is not installed",
)
def test_the_stubs_are_those_of_the_proto_files() -> None:
    sys.path.insert(0, str(SOURCE))
    stubs = importlib.import_module("stubs")
    for place, text in stubs.make(Path(os.environ["MESOS_TEST_PROTOS"])).items():
        message = f"{place} is stale: run stubs.py"
        assert (SOURCE / "python" / place).read_text() == text, message
