# SPDX-License-Identifier: Apache-2.0
"""The messages of the v1 APIs, as protobuf modules.

>>> from mesos.v1.interface import mesos_pb2
>>> mesos_pb2.AgentID(value="S1").value
'S1'
"""
