# SPDX-License-Identifier: Apache-2.0
"""The messages of mesos/v1/mesos.proto."""

from _mesos_rs.protobuf import define

define("mesos/v1/mesos.proto", __name__, globals())
