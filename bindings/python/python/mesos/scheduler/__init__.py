# SPDX-License-Identifier: Apache-2.0
"""The scheduler driver that talks to a cluster."""

from mesos_rs._scheduler_driver import MesosSchedulerDriver

__all__ = ("MesosSchedulerDriver",)
