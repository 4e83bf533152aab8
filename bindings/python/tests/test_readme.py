# SPDX-License-Identifier: Apache-2.0
"""The programs that the README shows."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from cluster import Cluster

README = Path(__file__).resolve().parents[1] / "README.md"


def programs() -> list[str]:
    """Each block of Python."""
    found = re.findall(r"^```python\n(.*?)^```", README.read_text(), re.MULTILINE | re.DOTALL)
    assert len(found) == 2
    return found


@pytest.mark.parametrize("program", programs(), ids=["asyncio", "native"])
def test_hello_says_that_its_task_has_finished(cluster: Cluster, program: str) -> None:
    program = program.replace("127.0.0.1:5050", cluster.address)
    ended = subprocess.run(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.endswith(" TASK_FINISHED\n"), ended.stdout


def test_what_it_points_to_is_there() -> None:
    links = re.findall(r"\]\(([^)]+)\)", README.read_text())
    assert links
    missing = [it for it in links if "://" not in it and not (README.parent / it).exists()]
    assert missing == []
