# SPDX-License-Identifier: Apache-2.0
"""The messages of mesos/mesos.proto."""

from _mesos_rs.protobuf import define

define("mesos/mesos.proto", __name__, globals())
