# SPDX-License-Identifier: Apache-2.0
"""The messages of mesos/scheduler/scheduler.proto."""

import mesos.interface.mesos_pb2  # noqa: F401
from _mesos_rs.protobuf import define

define("mesos/scheduler/scheduler.proto", __name__, globals())
