# SPDX-License-Identifier: Apache-2.0
"""Resources that one can read and calculate with."""

from __future__ import annotations

from typing import Iterable, Iterator, Optional, Union

from _mesos_rs import _native
from mesos.v1.interface import mesos_pb2 as v1

Range = tuple[int, int]


class Resources:
    """A collection of resources that does not change.

    It is made of amounts, of the text that Mesos's flags take, or of protobuf
    messages; sums and differences are new collections.

    >>> task = Resources(cpus=1, mem=128)
    >>> both = task + Resources.parse("cpus:0.5;ports:[31000-31002]")
    >>> both.cpus, both.mem, both.ports
    (1.5, 128.0, [(31000, 31002)])
    >>> task in both, both - task
    (True, Resources('cpus:0.5; ports:[31000-31002]'))

    What is reserved for a role is not the same as what is not:

    >>> Resources(cpus=1) in Resources.parse("cpus(web):2")
    False
    >>> Resources.parse("cpus(web):2").find(Resources(cpus=1)).cpus
    1.0
    """

    __slots__ = ("_inner",)

    _inner: _native.Resources

    def __init__(
        self,
        resources: Iterable[v1.Resource] = (),
        *,
        cpus: float = 0,
        mem: float = 0,
        disk: float = 0,
        gpus: float = 0,
        ports: Iterable[Union[int, Range]] = (),
    ) -> None:
        messages = [resource.SerializePartialToString() for resource in resources]
        amounts = {"cpus": cpus, "mem": mem, "disk": disk, "gpus": gpus}
        messages += [_scalar(name, amount) for name, amount in amounts.items() if amount]
        ranges = [(it, it) if isinstance(it, int) else it for it in ports]
        if ranges:
            messages.append(_ranges("ports", ranges))
        self._inner = _native.Resources(messages)

    @classmethod
    def parse(cls, text: str, role: str = "*") -> Resources:
        """Reads text such as `cpus:4;mem:1024;ports:[31000-32000];disk(web):100`.

        What names no role belongs to `role`. Raises ValueError.

        >>> Resources.parse("cpus:4;mem:lots")
        Traceback (most recent call last):
        ...
        ValueError: ...
        """
        return cls._of(_native.Resources.parse(text, role))

    @classmethod
    def _of(cls, native: _native.Resources) -> Resources:
        made = cls.__new__(cls)
        made._inner = native
        return made

    @property
    def cpus(self) -> float:
        """How many processors, reserved or not."""
        return self.amount("cpus")

    @property
    def mem(self) -> float:
        """How many megabytes of memory."""
        return self.amount("mem")

    @property
    def disk(self) -> float:
        """How many megabytes of disk."""
        return self.amount("disk")

    @property
    def gpus(self) -> float:
        """How many graphics processors."""
        return self.amount("gpus")

    @property
    def ports(self) -> list[Range]:
        """The ranges of ports, both ends included."""
        return self.ranges("ports")

    def amount(self, name: str) -> float:
        """The sum of the scalars of that name."""
        scalars = [it.scalar.value for it in self if it.name == name and it.type == v1.Value.SCALAR]
        return round(sum(scalars), 3)

    def ranges(self, name: str) -> list[Range]:
        """The ranges of that name, both ends included, in order."""
        found = [it for it in self if it.name == name and it.type == v1.Value.RANGES]
        return sorted((part.begin, part.end) for it in found for part in it.ranges.range)

    def find(self, wanted: Resources) -> Optional[Resources]:
        """A part of these that amounts to `wanted`, whoever it is reserved for, or `None`."""
        found = self._inner.find(wanted._inner)
        return None if found is None else Resources._of(found)

    def allocated_to(self, role: str) -> Resources:
        """The same, allocated to a role, as they are in an offer's message."""
        return Resources._of(self._inner.allocated(role))

    def unallocated(self) -> Resources:
        """The same, allocated to nobody."""
        return Resources._of(self._inner.unallocated())

    def __add__(self, other: Resources) -> Resources:
        if not isinstance(other, Resources):
            return NotImplemented
        return Resources._of(self._inner.add(other._inner))

    def __sub__(self, other: Resources) -> Resources:
        if not isinstance(other, Resources):
            return NotImplemented
        return Resources._of(self._inner.subtract(other._inner))

    def __contains__(self, other: Resources) -> bool:
        return self._inner.contains(other._inner)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Resources) and self._inner.equals(other._inner)

    def __hash__(self) -> int:
        return hash((self.cpus, self.mem, self.disk))

    def __iter__(self) -> Iterator[v1.Resource]:
        return iter([v1.Resource.FromString(it) for it in self._inner.serialized()])

    def __bool__(self) -> bool:
        return bool(self._inner.serialized())

    def __str__(self) -> str:
        return self._inner.text()

    def __repr__(self) -> str:
        return f"Resources({str(self)!r})"


def resources_of(given: Union[Resources, str]) -> Resources:
    """Resources, or the text that says which."""
    return Resources.parse(given) if isinstance(given, str) else given


def _scalar(name: str, amount: float) -> bytes:
    scalar = v1.Value.Scalar(value=amount)
    resource = v1.Resource(name=name, type=v1.Value.SCALAR, scalar=scalar)
    return bytes(resource.SerializeToString())


def _ranges(name: str, ranges: Iterable[Range]) -> bytes:
    parts = [v1.Value.Range(begin=begin, end=end) for begin, end in ranges]
    value = v1.Value.Ranges(range=parts)
    resource = v1.Resource(name=name, type=v1.Value.RANGES, ranges=value)
    return bytes(resource.SerializeToString())
