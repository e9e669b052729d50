"""A relay on loopback that lets every byte wait: what a directory at the other end of a wide-area line feels like."""

import queue
import socket
import threading
import time


class Relay:
    """`with Relay(port, 0.020) as relay:` listens on `relay.port`; a round trip takes that much longer."""

    def __init__(self, to, round_trip):
        self.to, self.delay = to, round_trip / 2

    def __enter__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.listener.close()

    def accept(self):
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            far = socket.create_connection(("127.0.0.1", self.to))
            for one in (near, far):
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.carry(near, far)
            self.carry(far, near)

    def carry(self, source, target):
        waiting = queue.SimpleQueue()

        def read():
            while True:
                try:
                    data = source.recv(1 << 18)
                except OSError:
                    data = b""
                waiting.put((time.monotonic() + self.delay, data))
                if not data:
                    return

        def write():
            while True:
                due, data = waiting.get()
                pause = due - time.monotonic()
                if pause > 0:
                    time.sleep(pause)
                try:
                    if not data:
                        target.shutdown(socket.SHUT_WR)
                        return
                    target.sendall(data)
                except OSError:
                    return

        threading.Thread(target=read, daemon=True).start()
        threading.Thread(target=write, daemon=True).start()
