# SPDX-License-Identifier: Apache-2.0
"""Protobuf modules out of the descriptors that the native part carries.

`protoc` writes modules that want a runtime as new as itself; these work with
whichever runtime is installed.
"""

from __future__ import annotations

from typing import Any

from google.protobuf import descriptor_pool
from google.protobuf.internal import builder

from _mesos_rs import _native


def define(path: str, module_name: str, module: dict[str, Any]) -> None:
    """Puts the messages and enums of a .proto file into a module's globals."""
    descriptor = descriptor_pool.Default().AddSerializedFile(_native.descriptor(path))
    module["DESCRIPTOR"] = descriptor
    builder.BuildMessageAndEnumDescriptors(descriptor, module)
    builder.BuildTopDescriptorsAndMessages(descriptor, module_name, module)
