"""A TCP proxy that closes both sides in the middle of the answer to one question."""

import contextlib
import selectors
import socket
import struct
import threading
from dataclasses import dataclass
from types import TracebackType

RESET = struct.pack("ii", 1, 0)
"""SO_LINGER: close with a reset, so that nothing more comes through."""


@dataclass
class Cut:
    """Close after `after` bytes of the answer to a question that holds `word`; `done` once that happened."""

    word: bytes
    after: int
    done: bool = False


class CuttingProxy:
    """Forwards connections to one address; `cut` is the next cut to make."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.cut: Cut | None = None
        self._ended = threading.Event()
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                far = socket.create_connection(self._target)
                worker = threading.Thread(target=self._forward, args=(near, far), daemon=True)
                self._threads.append(worker)
                worker.start()

    def _forward(self, near: socket.socket, far: socket.socket) -> None:
        asked, left = b"", None
        cut: Cut | None = None
        with near, far, selectors.DefaultSelector() as selector, contextlib.suppress(OSError):
            selector.register(near, selectors.EVENT_READ)
            selector.register(far, selectors.EVENT_READ)
            while not self._ended.is_set():
                for key, _ in selector.select(0.2):
                    data = key.fileobj.recv(65536)  # type: ignore[union-attr]
                    if not data:
                        return
                    if key.fileobj is near:
                        asked = asked[-64:] + data
                        if cut is None and self.cut is not None and self.cut.word in asked:
                            cut, self.cut = self.cut, None
                            left = cut.after
                        far.sendall(data)
                    elif cut is None or left is None:
                        near.sendall(data)
                    else:
                        near.sendall(data[:left])
                        left -= len(data)
                        if left <= 0:
                            cut.done = True
                            near.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                            return

    def __enter__(self) -> "CuttingProxy":
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for worker in self._threads:
            worker.join(5)
