# SPDX-License-Identifier: Apache-2.0
"""What the two native drivers have in common: their life and their callbacks."""

from __future__ import annotations

import atexit
import sys
import traceback
import weakref
from types import TracebackType
from typing import Any, Iterable, Optional, Union

from _mesos_rs import _native

# mesos_pb2.DRIVER_RUNNING
_RUNNING = 2

_drivers: weakref.WeakSet[NativeDriver] = weakref.WeakSet()


class NativeDriver:
    """A driver of the native part, and the exception that ended its callbacks."""

    def __init__(self, native: Any, user: Any) -> None:
        self._native = native
        self._user = user
        self._failure: Optional[BaseException] = None
        self._traceback: Optional[TracebackType] = None
        _drivers.add(self)

    def _callbacks(self) -> Callbacks:
        raise NotImplementedError

    def start(self) -> int:
        """Starts the driver. Nothing else has an effect before."""
        status: int = self._native.start(self._callbacks())
        return status

    def abort(self) -> int:
        """Ends the callbacks. What runs in the cluster stays for now."""
        status: int = self._native.abort()
        return status

    def join(self) -> int:
        """Waits until the driver is stopped or aborted.

        Raises the exception of the callback that aborted it, if one did; and
        KeyboardInterrupt at Ctrl-C, which leaves the driver as it is.
        """
        status: int = self._native.join()
        if self._failure is not None:
            raise self._failure.with_traceback(self._traceback)
        return status

    def run(self) -> int:
        """`start` and then `join`."""
        status = self.start()
        return self.join() if status == _RUNNING or self._failure is not None else status

    def _end(self) -> None:
        """Ends what runs, without ending the framework; does not wait."""
        raise NotImplementedError

    def _close(self) -> None:
        """Ends what runs, without ending the framework, and waits for the running callback."""
        self._native.close()


class Callbacks:
    """What the native part calls; one method for each callback is in the subclasses.

    It does not keep the driver alive: a driver that nobody refers to is closed.
    """

    def __init__(self, driver: NativeDriver) -> None:
        self._driver = weakref.ref(driver)
        self._user = driver._user

    def _call(self, name: str, *arguments: Any) -> None:
        driver = self._driver()
        if driver is None:
            # Nobody sees it: it must not count as dealt with.
            raise ReferenceError("the driver is gone")
        try:
            getattr(self._user, name)(driver, *arguments)
        except BaseException as failure:
            if driver._failure is None:
                driver._failure, driver._traceback = failure, failure.__traceback__
            if not isinstance(failure, (SystemExit, KeyboardInterrupt)):
                # Who does not join has to hear of it too.
                print(f"The driver is aborted: {name} raised", file=sys.stderr)
                traceback.print_exception(type(failure), failure, failure.__traceback__)
            raise

    def error(self, message: str) -> None:
        self._call("error", message)


def serialized(message: Any, kind: str) -> bytes:
    """The bytes of a protobuf message, which the native part checks."""
    try:
        data = message.SerializePartialToString()
    except AttributeError:
        given = type(message).__name__
        raise TypeError(f"Could not deserialize Python {kind}: this is a {given}") from None
    return bytes(data)


def all_serialized(messages: Iterable[Any], kind: str) -> list[bytes]:
    """The bytes of each of several messages."""
    return [serialized(message, kind) for message in messages]


def text_list(texts: Iterable[str], what: str) -> list[str]:
    """Role names, among which a lone string would be its letters."""
    if isinstance(texts, str):
        raise TypeError(f"{what} is a string; expected an iterable of strings")
    return list(texts)


def data_bytes(data: Union[bytes, bytearray, memoryview, str]) -> bytes:
    """What a framework message is made of; text is sent in UTF-8."""
    # Not bytes(data): of a number, that is so many zeros.
    return data.encode() if isinstance(data, str) else bytes(memoryview(data))


@atexit.register
def _close_all() -> None:
    """Before the interpreter ends: afterwards a callback could not run.

    All are told to end before the first is waited for, and what one raises keeps
    none of the others from its end.
    """
    drivers = list(_drivers)
    failures: list[BaseException] = []
    for step in ("_end", "_close"):
        for driver in drivers:
            try:
                getattr(driver, step)()
            except BaseException as failure:
                failures.append(failure)
    _native.shut_down()
    if failures:
        raise failures[0]
