# SPDX-License-Identifier: Apache-2.0
"""The messages of mesos/mesos.proto."""

from mesos_rs._protobuf import define

define("mesos/mesos.proto", __name__, globals())
