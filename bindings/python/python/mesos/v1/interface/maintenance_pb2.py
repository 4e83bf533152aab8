# SPDX-License-Identifier: Apache-2.0
"""The messages of mesos/v1/maintenance/maintenance.proto."""

import mesos.v1.interface.mesos_pb2  # noqa: F401
import mesos.v1.interface.allocator_pb2  # noqa: F401
from _mesos_rs.protobuf import define

define("mesos/v1/maintenance/maintenance.proto", __name__, globals())
