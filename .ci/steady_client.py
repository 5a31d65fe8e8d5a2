#!/usr/bin/env python3
"""A client that connects to a port of 127.0.0.1 a hundred times a second, each time with one mail and QUIT, until SIGTERM.

    steady_client.py PORT ACCEPTED      writes the id of each mail that was taken, which is in its body, as a line to ACCEPTED

A client that is told 421 sends its mail again. Its status is 1, with the reasons, when a connection was refused, or a line was cut
without a word, or anything else was said than a client expects.
"""
import signal
import socket
import sys
import threading
import time

PAUSE = 0.01
MOST = 2000
WAITS = 180

port = int(sys.argv[1])
over = threading.Event()
room = threading.Semaphore(MOST)
accepted, faults = [], []


class SentAway(Exception):
    """The relay was about to stop."""


class Line:
    def __init__(self):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=WAITS)
        self.input = self.socket.makefile("rb")

    def hear(self, expected):
        while True:
            line = self.input.readline()
            if not line:
                raise EOFError("the line was cut without a word")
            if line[3:4] == b" ":
                break
        if line.startswith(b"421"):
            raise SentAway
        if not line.startswith(expected):
            raise ValueError(f"{line!r} instead of {expected!r}")

    def say(self, words, expected):
        try:
            self.socket.sendall(words + b"\r\n")
        except OSError:
            pass  # what it was told before is still to be read
        self.hear(expected)


def send(mail):
    line = Line()
    with line.socket:
        line.hear(b"220")
        line.say(b"EHLO client.example", b"250")
        line.say(b"MAIL FROM:<a@example.com>", b"250")
        line.say(b"RCPT TO:<b@example.com>", b"250")
        line.say(b"DATA", b"354")
        line.say(b"Subject: x\r\n\r\n" + mail.encode() + b"\r\n.", b"250")
        accepted.append(mail)
        try:
            line.say(b"QUIT", b"221")
        except SentAway:
            pass


def client(mail):
    try:
        while True:
            try:
                return send(mail)
            except SentAway:
                continue
    except Exception as fault:
        faults.append(f"{mail}: {fault!r}")
    finally:
        room.release()


signal.signal(signal.SIGTERM, lambda *_: over.set())
threads = []
number = 0
while not over.is_set():
    room.acquire()
    number += 1
    threads.append(threading.Thread(target=client, args=(f"steady-{number}-mail",)))
    threads[-1].start()
    if number % 1000 == 0:
        threads = [thread for thread in threads if thread.is_alive()]
    time.sleep(PAUSE)
for thread in threads:
    thread.join()
with open(sys.argv[2], "w") as out:
    out.writelines(f"{mail}\n" for mail in accepted)
print(f"{number} connections, {len(accepted)} mails taken, {len(faults)} faults")
print("\n".join(faults[:20]))
sys.exit(1 if faults else 0)
