# SPDX-License-Identifier: Apache-2.0
"""The messages of mesos/v1/mesos.proto."""

from mesos_rs._protobuf import define

define("mesos/v1/mesos.proto", __name__, globals())
