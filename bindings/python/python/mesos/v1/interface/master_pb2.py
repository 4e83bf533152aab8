# SPDX-License-Identifier: Apache-2.0
"""The messages of mesos/v1/master/master.proto."""

import google.protobuf.duration_pb2  # noqa: F401
import mesos.v1.interface.mesos_pb2  # noqa: F401
import mesos.v1.interface.maintenance_pb2  # noqa: F401
import mesos.v1.interface.scheduler_pb2  # noqa: F401
import mesos.v1.interface.quota_pb2  # noqa: F401
from _mesos_rs.protobuf import define

define("mesos/v1/master/master.proto", __name__, globals())
