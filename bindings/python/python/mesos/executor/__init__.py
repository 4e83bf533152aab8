# SPDX-License-Identifier: Apache-2.0
"""The executor driver that talks to an agent."""

from mesos_rs._executor_driver import MesosExecutorDriver

__all__ = ("MesosExecutorDriver",)
