# SPDX-License-Identifier: Apache-2.0
"""What the asyncio API raises."""

from __future__ import annotations

import enum
from typing import Any, Sequence


class ErrorKind(str, enum.Enum):
    """What went wrong, in the categories that a program can act on."""

    INVALID_CALL = "invalid_call"
    """The call itself is wrong, and was not sent."""
    DISCONNECTED = "disconnected"
    """There is no subscription at the moment, so the call was not sent."""
    BUSY = "busy"
    """Too many calls wait for their answer; this one was not sent."""
    TRANSPORT = "transport"
    """The network failed, and it is not known whether the call arrived."""
    UNAVAILABLE = "unavailable"
    """The server is there but cannot serve now."""
    REFUSED = "refused"
    """The server refused the call as wrong."""
    UNAUTHENTICATED = "unauthenticated"
    """The server wants other credentials, or any."""
    FORBIDDEN = "forbidden"
    """The server knows who calls and does not allow it."""
    SUBSCRIPTION_REFUSED = "subscription_refused"
    """The master refused the subscription."""
    FAILED_OVER = "failed_over"
    """Another scheduler took over this framework."""
    FRAMEWORK_REMOVED = "framework_removed"
    """The framework has been removed from the cluster."""
    PROTOCOL = "protocol"
    """The other side does not speak the Mesos API, or not correctly."""
    CONFIGURATION = "configuration"
    """A setting or an environment variable is missing or wrong."""
    STOPPED = "stopped"
    """The client has been stopped, or has ended with an error before."""


class Retry(str, enum.Enum):
    """Whether doing the same again can help."""

    NEVER = "never"
    """No: something has to change first."""
    AFTER_RECONNECT = "after_reconnect"
    """Yes, once there is a subscription again."""
    LATER = "later"
    """Yes, after a while."""


class MesosError(Exception):
    """Why a call was not carried out, or why a client has ended.

    >>> error = MesosError(ErrorKind.BUSY, Retry.LATER, "too many calls wait")
    >>> error.retry is Retry.LATER, str(error)
    (True, 'too many calls wait')
    """

    def __init__(self, kind: ErrorKind, retry: Retry, message: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.retry = retry


def error_of(parts: Sequence[Any]) -> MesosError:
    """The exception for what the native part says of an error."""
    kind, retry, message = parts
    return MesosError(ErrorKind(kind), Retry(retry), message)


def stopped(what: str) -> MesosError:
    """The exception for what can be used once only."""
    text = f"{what} has been stopped before; make another one"
    return MesosError(ErrorKind.STOPPED, Retry.NEVER, text)
