#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Type stubs for the protobuf modules: `stubs.py PROTOS FOLDER`.

PROTOS is what the program `mesos-protos` of the crate of that name has
written. The stubs are checked in, below `python/`; a test compares them. It
needs grpcio-tools.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

HEAD = (
    "# SPDX-License-Identifier: Apache-2.0\n# Made by stubs.py.\n"
    "# mypy: disable-error-code=type-arg\n"
)


def module_path(made: Path) -> Path:
    """Where `protoc`'s mesos/v1/quota/quota_pb2.pyi belongs: mesos/v1/interface/quota_pb2.pyi."""
    version = ["v1"] if made.parts[1] == "v1" else []
    return Path("mesos", *version, "interface", made.name)


def adapted(text: str) -> str:
    """With imports of the modules as they are in this package."""
    lines = []
    for line in text.splitlines():
        if line.startswith("from mesos.v1"):
            module = line.split(" import ")[1]
            line = f"from mesos.v1.interface import {module}"
        elif line.startswith("from mesos"):
            module = line.split(" import ")[1]
            line = f"from mesos.interface import {module}"
        lines.append(line)
    return HEAD + "\n".join(lines) + "\n"


def make(protos: Path) -> dict[Path, str]:
    """The stubs by their place in the package."""
    files = [str(it.relative_to(protos)) for it in sorted(protos.rglob("*.proto"))]
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "grpc_tools.protoc", f"-I{protos}", f"--pyi_out={folder}"]
        subprocess.run([*command, *files], check=True)
        found = sorted(Path(folder).rglob("*.pyi"))
        return {module_path(it.relative_to(folder)): adapted(it.read_text()) for it in found}


if __name__ == "__main__":
    for place, text in make(Path(sys.argv[1])).items():
        path = Path(sys.argv[2]) / place
        path.write_text(text)
