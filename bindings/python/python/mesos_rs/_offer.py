# SPDX-License-Identifier: Apache-2.0
"""Offers that one can read."""

from __future__ import annotations

from functools import cached_property
from typing import Union

from mesos.v1.interface import mesos_pb2 as v1
from mesos_rs._resources import Resources

Attribute = Union[float, str, list[tuple[int, int]], frozenset[str]]


class Offer:
    """Resources of one agent, to be used or declined.

    >>> message = v1.Offer(hostname="host1")
    >>> message.id.value, message.agent_id.value = "O1", "S1"
    >>> message.resources.extend(Resources.parse("cpus:4;mem:1024"))
    >>> offer = Offer(message)
    >>> offer.hostname, offer.resources.cpus
    ('host1', 4.0)
    >>> Resources(cpus=1, mem=128) in offer.resources
    True
    """

    def __init__(self, message: v1.Offer) -> None:
        self.message = message
        """The message, with everything that has no property here."""

    @property
    def id(self) -> str:
        """What the offer is called."""
        return str(self.message.id.value)

    @property
    def agent_id(self) -> str:
        """Whose resources they are."""
        return str(self.message.agent_id.value)

    @property
    def hostname(self) -> str:
        """The name of the agent's machine."""
        return str(self.message.hostname)

    @property
    def role(self) -> str:
        """The role of the framework that the offer is made to."""
        return str(self.message.allocation_info.role or "*")

    @cached_property
    def resources(self) -> Resources:
        """What is offered. Its role of allocation is left out, so that one can compare."""
        return Resources(self.message.resources).unallocated()

    @cached_property
    def attributes(self) -> dict[str, Attribute]:
        """What the agent's operator has said about it."""
        return {it.name: _attribute(it) for it in self.message.attributes}

    def __repr__(self) -> str:
        return f"Offer({self.id!r}, hostname={self.hostname!r}, resources={str(self.resources)!r})"


def _attribute(attribute: v1.Attribute) -> Attribute:
    if attribute.type == v1.Value.SCALAR:
        return float(attribute.scalar.value)
    if attribute.type == v1.Value.RANGES:
        return [(it.begin, it.end) for it in attribute.ranges.range]
    if attribute.type == v1.Value.SET:
        return frozenset(attribute.set.item)
    return str(attribute.text.value)
