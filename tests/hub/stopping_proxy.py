"""A TCP proxy that can stop forwarding without closing anything, as a network that has changed does."""

import contextlib
import selectors
import socket
import threading
from types import TracebackType


class StoppingProxy:
    """Forwards connections to one address; after `stop()` it takes bytes and passes none on."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._stopped = threading.Event()
        self._ended = threading.Event()
        self._open: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def stop(self) -> None:
        """From now on nothing comes through."""
        self._stopped.set()

    def go_on(self) -> None:
        """New connections come through again; what was swallowed is gone."""
        self._stopped.clear()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                far = socket.create_connection(self._target)
                self._open += [near, far]
                worker = threading.Thread(target=self._forward, args=(near, far), daemon=True)
                self._threads.append(worker)
                worker.start()

    def _forward(self, near: socket.socket, far: socket.socket) -> None:
        with selectors.DefaultSelector() as selector, contextlib.suppress(OSError):
            selector.register(near, selectors.EVENT_READ, far)
            selector.register(far, selectors.EVENT_READ, near)
            while not self._ended.is_set():
                for key, _ in selector.select(0.2):
                    data = key.fileobj.recv(65536)  # type: ignore[union-attr]
                    if not data:
                        return
                    if not self._stopped.is_set():
                        key.data.sendall(data)

    def __enter__(self) -> "StoppingProxy":
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for worker in self._threads:
            worker.join(5)
        for each in self._open:
            each.close()
