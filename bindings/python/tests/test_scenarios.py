# SPDX-License-Identifier: Apache-2.0
"""Every scenario of the table that all languages share."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cluster import BINARIES, Cluster, free_port

TABLE = Path(__file__).resolve().parents[3] / "tests/bindings/scenarios.toml"


def scenarios() -> list[dict[str, Any]]:
    """The table; Python 3.9 has no reader of TOML, and this one is simple."""
    found = []
    for part in TABLE.read_text().split("[[scenario]]")[1:]:
        row: dict[str, Any] = dict(re.findall(r'^(\w+) = "(.*)"$', part, re.MULTILINE))
        (lines,) = re.findall(r"^lines = \[(.*)\]$", part, re.MULTILINE)
        row["lines"] = re.findall(r'"((?:[^"\\]|\\.)*)"', lines)
        found.append(row)
    assert found
    return found


def master_of(kind: str, cluster: Cluster) -> str:
    """The address that the kind of master means."""
    if kind == "cluster":
        return cluster.address
    if kind == "malformed":
        return "127.0.0.1:port"
    nobody = f"127.0.0.1:{free_port()}"
    if kind == "no-quorum":
        return f"zk://{nobody},{nobody}/mesos"
    return "local" if kind.startswith("local") else nobody


@pytest.mark.parametrize("scenario", scenarios(), ids=lambda it: it["name"])
def test_the_scenario_ends_as_said(
    scenario: dict[str, Any], cluster: Cluster, tmp_path: Path
) -> None:
    master = master_of(scenario["master"], cluster)
    local = tmp_path if scenario["master"] == "local-missing" else BINARIES
    program = Path(__file__).with_name("scenarios.py")
    output = subprocess.run(
        [sys.executable, str(program), scenario["name"], master],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
        env={**os.environ, "MESOS_LOCAL_BINARIES": str(local)},
        check=False,
    )
    lines = output.stdout.splitlines()
    assert output.returncode == 0, output.stderr
    assert len(lines) == len(scenario["lines"]), (lines, output.stderr)
    for line, said in zip(lines, scenario["lines"]):
        assert line.startswith(said), lines
