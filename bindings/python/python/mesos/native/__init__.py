# SPDX-License-Identifier: Apache-2.0
"""The drivers that talk to a cluster."""

from mesos.executor import MesosExecutorDriver
from mesos.scheduler import MesosSchedulerDriver

__all__ = ("MesosExecutorDriver", "MesosSchedulerDriver")
