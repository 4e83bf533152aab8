# SPDX-License-Identifier: Apache-2.0
"""Waiting, in an event loop, for the threads that serve the clients."""

from __future__ import annotations

import asyncio
from typing import Any, Callable, Optional

from mesos_rs._errors import error_of

Done = Callable[[Optional[tuple[str, str, str]], Any], None]


def ask(start: Callable[[Done], None]) -> asyncio.Future[Any]:
    """A future for what `start` tells the function that it is given, on any thread."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Any] = loop.create_future()

    def settle(error: Optional[tuple[str, str, str]], value: Any) -> None:
        if future.done():
            return
        if error is None:
            future.set_result(value)
        else:
            future.set_exception(error_of(error))

    def done(error: Optional[tuple[str, str, str]], value: Any) -> None:
        loop.call_soon_threadsafe(settle, error, value)

    made(lambda: start(done))
    return future


def made(make: Callable[[], Any]) -> Any:
    """What `make` returns, or its error as ours."""
    try:
        return make()
    except RuntimeError as raised:
        if len(raised.args) == 3:
            raise error_of(raised.args) from None
        raise


class Events:
    """The events of a client, one after another.

    Invariant: at most one request for an event is under way, and a wait that
    is cancelled loses no event: the next one finds the request as it is.
    """

    def __init__(self, client: Any) -> None:
        self._client = client
        self._pending: Optional[asyncio.Future[Any]] = None
        self._waited_for = False

    async def next(self) -> Any:
        """The next event's parts, or `None` at the end. Only one may wait at a time."""
        if self._waited_for:
            raise RuntimeError("another task waits for the next event already")
        if self._pending is None:
            self._pending = ask(self._client.next)
        pending = self._pending
        self._waited_for = True
        try:
            parts = await asyncio.shield(pending)
        except asyncio.CancelledError:
            # When only this wait was cancelled, the event may be there all the same.
            if pending.cancelled():
                self._pending = None
            raise
        except BaseException:
            self._pending = None
            raise
        finally:
            self._waited_for = False
        self._pending = None
        return parts
