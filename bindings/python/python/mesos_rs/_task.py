# SPDX-License-Identifier: Apache-2.0
"""What a framework launches."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Mapping, Optional, Union

from mesos.v1.interface import mesos_pb2 as v1
from mesos_rs._resources import Resources, resources_of


@dataclass
class Task:
    """A command for a shell, or work for an executor of the framework's own.

    >>> task = Task("echo hello", resources="cpus:0.1;mem:32", id="t1")
    >>> message = task.message(agent_id="S1")
    >>> message.command.value, message.task_id.value, message.resources[0].name
    ('echo hello', 't1', 'cpus')
    """

    command: Union[str, v1.CommandInfo, None] = None
    resources: Union[Resources, str] = "cpus:0.1;mem:32"
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    name: str = ""
    executor: Optional[v1.ExecutorInfo] = None
    data: bytes = b""
    environment: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    container: Optional[v1.ContainerInfo] = None

    def message(self, agent_id: str) -> v1.TaskInfo:
        """The task as a message, for one agent."""
        info = v1.TaskInfo(name=self.name or self.id, data=self.data or None)
        info.task_id.value = self.id
        info.agent_id.value = agent_id
        info.resources.extend(resources_of(self.resources))
        if self.executor is not None:
            info.executor.CopyFrom(self.executor)
        if isinstance(self.command, str):
            info.command.value = self.command
        elif self.command is not None:
            info.command.CopyFrom(self.command)
        for name, value in self.environment.items():
            info.command.environment.variables.add(name=name, value=value)
        for key, value in self.labels.items():
            info.labels.labels.add(key=key, value=value)
        if self.container is not None:
            info.container.CopyFrom(self.container)
        return info
