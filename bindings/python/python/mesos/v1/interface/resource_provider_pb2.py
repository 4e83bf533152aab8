# SPDX-License-Identifier: Apache-2.0
"""The messages of mesos/v1/resource_provider/resource_provider.proto."""

import mesos.v1.interface.mesos_pb2  # noqa: F401
from _mesos_rs.protobuf import define

define("mesos/v1/resource_provider/resource_provider.proto", __name__, globals())
