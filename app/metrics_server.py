"""`/metrics` and `/health` for a monitor on this machine: one request at a time, each with an end in sight.

Plain `http.server`: no TLS, no sign-in, and nothing in the answers that would need either. It listens on this
machine only, unless somebody names another address.
"""

import socket
import threading
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, ClassVar

import structlog

from app.metrics import CONTENT_TYPE
from domain.errors import Fault, GatehouseError, Refusal

LOOPBACK = "127.0.0.1"
SILENCE_S = 2.0
"""How long a client may say nothing."""
PATIENCE_S = 5.0
"""How long a request may take as a whole, however slowly it drips."""
MAX_PORT = 65535


def read_address(text: str) -> tuple[str, int]:
    """`PORT`, `:PORT`, `HOST:PORT` or `[IPv6]:PORT`; without a host this machine only.

    Raises Refusal ADDRESS_INVALID.
    """
    host, _, port = text.strip().rpartition(":")
    if not (port.isascii() and port.isdigit() and int(port) <= MAX_PORT):
        raise Refusal("ADDRESS_INVALID", text=text[:80])
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    elif ":" in host:
        raise Refusal("ADDRESS_INVALID", text=text[:80])
    return host or LOOPBACK, int(port)


class MetricsServer:
    """Serves until `stop`. `metrics` makes the text, `health` says whether all is well, in JSON."""

    def __init__(
        self, address: str, metrics: Callable[[], str], health: Callable[[], tuple[bool, str]]
    ) -> None:
        """Begins to listen. Raises Refusal ADDRESS_INVALID, Fault ADDRESS_TAKEN."""
        host, port = read_address(address)
        handler = type(
            "Handler", (_Handler,), {"metrics": staticmethod(metrics), "health": staticmethod(health)}
        )
        try:
            family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
            server = type("Server", (_Server,), {"address_family": family})
            self._server: HTTPServer = server((host, port), handler)
        except OSError as error:
            raise Fault("ADDRESS_TAKEN", address=f"{host}:{port}", errno=error.errno) from None
        self._thread = threading.Thread(target=self._server.serve_forever, name="metrics", daemon=True)

    @property
    def address(self) -> tuple[str, int]:
        """Host and port, the port as the system gave it."""
        host, port = self._server.server_address[:2]
        return str(host), int(port)

    def start(self) -> None:
        """Answer in a thread of its own."""
        self._thread.start()

    def stop(self) -> None:
        """Give the port back."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()


class _Server(HTTPServer):
    request_queue_size = 8

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is nobody's business; what else goes wrong is logged without its words."""
        del request, client_address
        structlog.get_logger().info("metrics_request_failed")


class _Handler(BaseHTTPRequestHandler):
    metrics: ClassVar[Callable[[], str]]
    health: ClassVar[Callable[[], tuple[bool, str]]]
    timeout = SILENCE_S
    server_version = "gatehouse"
    sys_version = ""

    def handle(self) -> None:
        """One request, cut off after a while."""
        cut = threading.Timer(PATIENCE_S, self._cut)
        cut.daemon = True
        cut.start()
        try:
            super().handle()
        except OSError:
            self.close_connection = True
        finally:
            cut.cancel()

    def do_GET(self) -> None:
        """Answer."""
        path = self.path.partition("?")[0]
        if path == "/metrics":
            try:
                self._answer(HTTPStatus.OK, CONTENT_TYPE, type(self).metrics())
            except GatehouseError as error:
                self._answer(HTTPStatus.SERVICE_UNAVAILABLE, "text/plain; charset=utf-8", error.code + "\n")
        elif path == "/health":
            ok, text = type(self).health()
            status = HTTPStatus.OK if ok else HTTPStatus.SERVICE_UNAVAILABLE
            self._answer(status, "application/json; charset=utf-8", text)
        else:
            self._answer(HTTPStatus.NOT_FOUND, "text/plain; charset=utf-8", "not found\n")

    do_HEAD = do_GET  # noqa: N815 - the name that http.server calls

    def log_message(self, *_: Any) -> None:
        """Requests of a monitor are not worth a line."""

    def _answer(self, status: HTTPStatus, kind: str, text: str) -> None:
        content = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def _cut(self) -> None:
        try:
            self.connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            self.close_connection = True
