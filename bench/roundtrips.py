#!/usr/bin/env python3
"""Counts the round trips that a mail costs behind a slow line.

Starts a primary and a backup whose every flight of replies is late by --delay, and the packaged relay between a client
and them; sends mails one after the other, and prints for each kind of client what the client waited from MAIL to the
reply to its content, and how many flights of replies the primary and the backup have sent for one mail.
"""

import argparse
import contextlib
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time

CRLF_DOT = b"\r\n.\r\n"


class SlowServer:
    """Answers whatever has arrived in one go, and late."""

    def __init__(self, delay, extensions):
        self.delay = delay
        self.extensions = extensions
        self.flights = []  # of each mail
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            connection, _ = self.listener.accept()
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        with contextlib.suppress(OSError), connection:
            connection.sendall(b"220 slow.example ESMTP\r\n")
            pending, in_content, flights = b"", False, 0
            while True:
                data = connection.recv(65536)
                if not data:
                    return
                pending += data
                replies = []
                mails = 0
                while True:
                    if in_content:
                        end = (b"\r\n" + pending).find(CRLF_DOT)
                        if end < 0:
                            break
                        pending = pending[end + len(CRLF_DOT) - 2:]
                        in_content = False
                        mails += 1
                        replies.append("250 2.0.0 Ok")
                        continue
                    if b"\r\n" not in pending:
                        break
                    line, pending = pending.split(b"\r\n", 1)
                    verb = line[:4].upper().decode("latin-1")
                    if verb == "EHLO":
                        lines = ["slow.example", *self.extensions]
                        replies += [f"250{'-' if i < len(lines) - 1 else ' '}{text}" for i, text in enumerate(lines)]
                    elif verb == "MAIL":
                        flights = 0
                        replies.append("250 2.1.0 Ok")
                    elif verb == "DATA":
                        in_content = True
                        replies.append("354 Go ahead")
                    elif verb == "QUIT":
                        connection.sendall(b"221 2.0.0 Bye\r\n")
                        return
                    else:
                        replies.append("250 2.0.0 Ok")
                if replies:
                    time.sleep(self.delay)
                    connection.sendall("".join(reply + "\r\n" for reply in replies).encode())
                    flights += 1
                    if mails:
                        self.flights.append(flights)


class Client:
    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.file = self.socket.makefile("rb")
        self.expect(b"220")
        self.say("EHLO client.example", b"250")

    def expect(self, code):
        while True:
            line = self.file.readline()
            if not line.startswith(code):
                sys.exit(f"expected {code.decode()} but heard {line!r}")
            if line[3:4] != b"-":
                return

    def say(self, line, code):
        self.socket.sendall(line.encode() + b"\r\n")
        self.expect(code)

    def mail(self, recipients, pipelining):
        """Sends one mail; returns the seconds it took."""
        lines = ["MAIL FROM:<a@b.example>", *(f"RCPT TO:<u{n}@d.example>" for n in range(recipients)), "DATA"]
        start = time.monotonic()
        if pipelining:
            self.socket.sendall("".join(line + "\r\n" for line in lines).encode())
            for _ in lines[:-1]:
                self.expect(b"250")
            self.expect(b"354")
        else:
            for line in lines[:-1]:
                self.say(line, b"250")
            self.say(lines[-1], b"354")
        self.socket.sendall(b"Subject: x\r\n\r\nHello.\r\n.\r\n")
        self.expect(b"250")
        return time.monotonic() - start


@contextlib.contextmanager
def relay(jar, primary, backup):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as directory:
        home = os.path.dirname(os.path.dirname(os.path.abspath(jar)))
        shutil.copytree(os.path.join(home, "routes"), os.path.join(directory, "routes"))
        environment = dict(
            os.environ,
            SMTP_DUP_SMTP_LISTEN=f"127.0.0.1:{port}",
            SMTP_DUP_MANAGEMENT_PORT="0",
            SMTP_DUP_RELAY_DESTINATION_PRIMARY=f"127.0.0.1:{primary.port}?tls=off",
            SMTP_DUP_RELAY_DESTINATION_BACKUPS=f"127.0.0.1:{backup.port}?tls=off",
        )
        with open(os.path.join(directory, "log"), "w", encoding="utf-8") as log:
            process = subprocess.Popen(
                ["java", "-jar", os.path.abspath(jar)], cwd=directory, env=environment, stdout=log, stderr=log)
        try:
            for _ in range(600):
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5) as probe:
                    if probe.recv(3) == b"220":
                        break
                if process.poll() is not None:
                    sys.exit(open(log.name, encoding="utf-8").read())
                time.sleep(0.1)
            yield port
        finally:
            process.terminate()
            process.wait()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jar", default="../target/smtp-duplicator.jar")
    parser.add_argument("--delay", type=float, default=0.05, help="seconds, default 0.05")
    parser.add_argument("--mails", type=int, default=20, help="of each kind, default 20")
    options = parser.parse_args()
    extensions = ["PIPELINING", "8BITMIME", "SMTPUTF8", "DSN", "SIZE 104857600", "ENHANCEDSTATUSCODES"]
    primary = SlowServer(options.delay, extensions)
    backup = SlowServer(options.delay, extensions)

    print(f"{'recipients':>10} {'client':>12} {'waits, ms':>10} {'direct, ms':>10} {'flights primary':>16} {'flights backup':>15}")
    with relay(options.jar, primary, backup) as port:
        for recipients in (1, 50):
            for pipelining in (True, False):
                direct = Client(primary.port)
                straight = statistics.median(direct.mail(recipients, pipelining) for _ in range(3))
                client = Client(port)
                for _ in range(5):
                    client.mail(recipients, pipelining)
                wanted = len(backup.flights) + 5
                primary.flights.clear()
                times = [client.mail(recipients, pipelining) for _ in range(options.mails)]
                at_primary = statistics.median(primary.flights)
                for _ in range(600):
                    if len(backup.flights) >= wanted and len(backup.flights) >= options.mails:
                        break
                    time.sleep(0.1)
                at_backup = statistics.median(backup.flights[-options.mails:])
                print(f"{recipients:>10} {'pipelines' if pipelining else 'waits':>12} {statistics.median(times) * 1000:>10.0f} "
                      f"{straight * 1000:>10.0f} {at_primary:>16.0f} {at_backup:>15.0f}")


if __name__ == "__main__":
    main()
