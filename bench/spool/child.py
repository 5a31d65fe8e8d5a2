"""A process of the bench that is asked over its standard input and answers on its standard output, JSON a line.

Clients and servers each have a process of their own: in one they would wait for each other, and that would look like the
relay's doing. A child ends when its parent does, because its standard input ends.
"""
import asyncio
import ctypes
import json
import os
import select
import signal
import subprocess
import sys

DIRECTORY = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


class Child:
    """The parent's side."""

    def __init__(self, module, *arguments):
        self.name = module
        self.process = subprocess.Popen(
            [sys.executable, "-m", module, *map(str, arguments)], cwd=DIRECTORY, start_new_session=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, question, limit=60, **values):
        self.process.stdin.write(json.dumps(dict(values, do=question)).encode() + b"\n")
        self.process.stdin.flush()
        answer = b""
        while not answer.endswith(b"\n"):
            if not select.select([self.process.stdout], [], [], limit)[0]:
                raise TimeoutError("%s: no answer to %s within %s s" % (self.name, question, limit))
            part = os.read(self.process.stdout.fileno(), 1 << 20)
            if not part:
                raise ConnectionError("%s: ended" % self.name)
            answer += part
        return json.loads(answer)

    def close(self):
        try:
            self.process.stdin.close()
            self.process.wait(5)
        except (OSError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait()


async def serve(answer):
    """The child's side: answer(question) for each question, until there are no more."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=1 << 28)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while True:
        line = await reader.readline()
        if not line:
            return
        reply = await answer(json.loads(line))
        sys.stdout.write(json.dumps(reply) + "\n")
        sys.stdout.flush()


def die_with_parent():
    """For a process that does not read its standard input: killed when the process that started it is gone."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)
