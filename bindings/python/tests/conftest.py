# SPDX-License-Identifier: Apache-2.0
"""What the tests share."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import Iterator

import pytest
from cluster import Cluster

# The drivers' own lines would hide those of the tests.
os.environ.setdefault("MESOS_LOGGING_LEVEL", "ERROR")


@pytest.fixture(scope="session")
def folder() -> Iterator[Path]:
    """A folder that executors of other users can read."""
    path = Path(tempfile.mkdtemp(prefix="mesos-python-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="session")
def cluster(folder: Path) -> Iterator[Cluster]:
    """A cluster that the tests of a run share."""
    started = Cluster(folder)
    yield started
    started.stop()
