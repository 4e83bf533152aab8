# SPDX-License-Identifier: Apache-2.0
"""A stand-in for a master or an agent, which tells what a test wants it to tell."""

from __future__ import annotations

import http.server
import queue
import threading
from typing import Any, Optional

from google.protobuf.message import Message


class StandIn:
    """Answers one API: events of a subscription are what is put into `events`."""

    def __init__(self, call_kind: type[Message]) -> None:
        self.calls: queue.Queue[Any] = queue.Queue()
        """Every call but SUBSCRIBE."""
        self.events: queue.Queue[Optional[Message]] = queue.Queue()
        """What is told; `None` ends the subscription."""
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                call: Any = call_kind()
                call.ParseFromString(self.rfile.read(int(self.headers["Content-Length"])))
                if call.HasField("subscribe"):
                    self.tell()
                    return
                outer.calls.put(call)
                self.send_response(202)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def tell(self) -> None:
                self.send_response(200)
                self.send_header("Transfer-Encoding", "chunked")
                self.send_header("Content-Type", "application/x-protobuf")
                self.send_header("Mesos-Stream-Id", "s")
                self.end_headers()
                while True:
                    event = outer.events.get()
                    if event is None:
                        break
                    data = event.SerializeToString()
                    record = b"%d\n%s" % (len(data), data)
                    self.wfile.write(b"%x\r\n%s\r\n" % (len(record), record))
                    self.wfile.flush()
                self.close_connection = True

            def log_message(self, *_: Any) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.address = f"127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        """Ends it, and the subscription."""
        self.events.put(None)
        self.server.shutdown()
        self.server.server_close()
