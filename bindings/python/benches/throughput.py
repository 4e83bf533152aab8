#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How many status updates pass through a Python scheduler's callbacks, each acknowledged.

`throughput.py [UPDATES]` (100,000 unless given) starts a stand-in for a master in a process of
its own, which has all of them to tell and takes the acknowledgements. It also tells how long
1,000 offers take from the first byte sent to the callback, at the median of some rounds.
"""

from __future__ import annotations

import multiprocessing
import os
import socket
import statistics
import sys
import time

from mesos.interface import Scheduler, mesos_pb2
from mesos.native import MesosSchedulerDriver
from mesos.v1.interface import mesos_pb2 as v1
from mesos.v1.interface import scheduler_pb2

Event = scheduler_pb2.Event
OFFERS = 1000
ROUNDS = 15
HEAD = (
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"
    b"Content-Type: application/x-protobuf\r\nMesos-Stream-Id: s\r\n\r\n"
)
ACCEPTED = b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n"
REQUEST = b"POST /api/v1/scheduler"


def chunk(event):
    """One event as one record in one chunk."""
    data = event.SerializeToString()
    record = b"%d\n%s" % (len(data), data)
    return b"%x\r\n%s\r\n" % (len(record), record)


def subscribed():
    """The first event."""
    event = Event(type=Event.SUBSCRIBED)
    event.subscribed.framework_id.value = "f"
    event.subscribed.heartbeat_interval_seconds = 15
    return chunk(event)


def offers():
    """An event of many offers."""
    event = Event(type=Event.OFFERS)
    for number in range(OFFERS):
        offer = event.offers.offers.add(hostname=f"host-{number}")
        offer.id.value = f"11111111-2222-3333-4444-555555555555-O{number}"
        offer.framework_id.value = "f"
        offer.agent_id.value = f"11111111-2222-3333-4444-555555555555-S{number}"
        for name, amount in (("cpus", 8), ("mem", 16384), ("disk", 100000)):
            offer.resources.add(name=name, type=v1.Value.SCALAR).scalar.value = amount
    return chunk(event)


def update(number):
    """An event of an update that wants to be acknowledged."""
    event = Event(type=Event.UPDATE)
    status = event.update.status
    status.task_id.value = f"task-{number}"
    status.state = v1.TASK_RUNNING
    status.agent_id.value = "11111111-2222-3333-4444-555555555555-S0"
    status.uuid = number.to_bytes(16, "big")
    status.timestamp = 1_700_000_000.0
    return chunk(event)


def master(pipe, wanted):
    """Tells what it has to tell, and counts the calls."""
    listener = socket.create_server(("127.0.0.1", 0))
    many, rest = offers(), b"".join(update(number) for number in range(wanted))
    pipe.send(listener.getsockname()[1])
    stream, _ = listener.accept()
    stream.recv(65536)
    stream.sendall(HEAD + subscribed())
    for _ in range(ROUNDS):
        pipe.send(time.monotonic())
        stream.sendall(many)
        pipe.recv()
    calls, _ = listener.accept()
    pipe.send(time.monotonic())
    stream.setblocking(False)
    sent, count, tail = 0, 0, b""
    calls.settimeout(0.0005)
    while count < wanted:
        if sent < len(rest):
            try:
                sent += stream.send(memoryview(rest)[sent : sent + 262144])
            except BlockingIOError:
                pass
        try:
            data = tail + calls.recv(262144)
        except (TimeoutError, socket.timeout):
            continue
        got = data.count(REQUEST)
        # A request's line may be in two parts.
        tail = data[data.rfind(REQUEST) + 1 :][-len(REQUEST) + 1 :] if got else data[-21:]
        count += got
        calls.settimeout(10)
        calls.sendall(ACCEPTED * got)
        calls.settimeout(0.0005)
    pipe.send(count)


class Counter(Scheduler):
    """Counts, and looks at what it counts as a framework would."""

    def __init__(self, wanted, pipe):
        self.wanted = wanted
        self.pipe = pipe
        self.updates = 0
        self.offers_done = []
        self.updates_done = 0.0

    def resourceOffers(self, driver, offers):
        assert len(offers) == OFFERS and offers[-1].resources[0].scalar.value == 8
        self.offers_done.append(time.monotonic())
        if len(self.offers_done) == ROUNDS:
            # A call of another kind, so that the connection for calls is there.
            driver.reviveOffers()
        self.pipe.send("go on")

    def statusUpdate(self, driver, status):
        assert status.state == mesos_pb2.TASK_RUNNING
        self.updates += 1
        if self.updates == self.wanted:
            self.updates_done = time.monotonic()


def main(wanted):
    """Runs it and prints the figures."""
    os.environ.setdefault("MESOS_LOGGING_LEVEL", "ERROR")
    pipe, theirs = multiprocessing.get_context("fork").Pipe()
    stand_in = multiprocessing.get_context("fork").Process(target=master, args=(theirs, wanted))
    stand_in.start()
    port = pipe.recv()
    counter = Counter(wanted, pipe)
    framework = mesos_pb2.FrameworkInfo(user="", name="throughput")
    driver = MesosSchedulerDriver(counter, framework, f"127.0.0.1:{port}")
    driver.start()
    offers_began = [pipe.recv() for _ in range(ROUNDS)]
    updates_began, acknowledged = pipe.recv(), pipe.recv()
    seconds = counter.updates_done - updates_began
    rounds = [done - began for began, done in zip(offers_began, counter.offers_done)]
    median, best = statistics.median(rounds) * 1000, min(rounds) * 1000
    print(f"{OFFERS} offers in {median:.1f} ms ({best:.1f} at best)")
    print(f"{wanted} updates in {seconds:.2f} s: {wanted / seconds:.0f}/s")
    driver.stop(True)
    driver.join()
    stand_in.join()
    return 0 if acknowledged >= wanted else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000))
