# SPDX-License-Identifier: Apache-2.0
"""The messages of mesos/v1/allocator/allocator.proto."""

import mesos.v1.interface.mesos_pb2  # noqa: F401
from _mesos_rs.protobuf import define

define("mesos/v1/allocator/allocator.proto", __name__, globals())
