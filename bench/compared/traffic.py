"""Load and servers: Postfix's smtp-source and smtp-sink where octets and ids do not matter, our own where they do."""
import os
import re
import shutil
import socket
import ssl
import subprocess
import tempfile
import time

from spool import mails
from spool.child import Child, die_with_parent

SENDER, RECIPIENT = "sender@client.example", "rcpt@dest.example"


def tool(name):
    found = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    if not found:
        raise SystemExit("compare.py: no %s here (Debian package postfix)" % name)
    return found


def wait_until(condition, limit, what, every=0.02):
    end = time.monotonic() + limit
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError("%s: not within %d s" % (what, limit))
        time.sleep(every)


def greets(port):
    try:
        with socket.create_connection(("127.0.0.1", port), 5) as connection:
            return connection.recv(4) == b"220 "
    except OSError:
        return False


class Counting:
    """A server on one port that counts what arrives: smtp-sink."""

    def __init__(self, port):
        descriptor, self.path = tempfile.mkstemp(prefix="sink-", dir="/dev/shm" if os.path.isdir("/dev/shm") else None)
        user = ["-u", "nobody"] if os.getuid() == 0 else []
        with os.fdopen(descriptor, "ab") as out:
            self.process = subprocess.Popen(
                [tool("smtp-sink"), "-c", *user, "-m", "1000", "127.0.0.1:%d" % port, "1000"],
                stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, preexec_fn=die_with_parent)
        self.last = 0
        try:
            wait_until(lambda: greets(port), 10, "smtp-sink")
        except BaseException:
            self.close()
            raise

    def count(self):
        """How many mails have arrived since the beginning."""
        with open(self.path, "rb") as out:
            size = out.seek(0, os.SEEK_END)
            out.seek(max(0, size - 400))
            numbers = re.findall(rb"mesg=(\d+)", out.read())
        if size > 64 << 20:
            os.truncate(self.path, 0)
        if numbers:
            self.last = int(numbers[-1])
        return self.last

    def close(self):
        self.process.kill()
        self.process.wait()
        os.unlink(self.path)


class Knowing:
    """A server on one port that knows the mails that arrived by their ids, also over TLS."""

    def __init__(self, port, certificate=None):
        self.child = Child("spool.sink", "server%d" % port, port, *filter(None, [certificate]))
        wait_until(lambda: greets(port), 10, "the server")

    def count(self):
        return self.child.ask("count")["arrivals"]

    def ids(self):
        """How often each mail arrived."""
        return self.child.ask("ids")["ids"]

    def close(self):
        self.child.close()


def send_with_tool(port, number, size, connections, reuse, limit):
    """Sends mails that are all the same with smtp-source. Returns the seconds it took."""
    command = [tool("smtp-source"), "-s", str(connections), "-m", str(number), "-l", str(size), "-f", SENDER, "-t", RECIPIENT,
               *(["-d"] if reuse else []), "127.0.0.1:%d" % port]
    begun = time.monotonic()
    ran = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=limit)
    if ran.returncode:
        raise OSError("smtp-source: " + (ran.stdout + ran.stderr).strip()[-200:])
    return time.monotonic() - begun


def send_with_ids(clients, port, prefix, number, size, connections, reuse, tls, limit):
    """Sends mails that have ids with our own clients. Returns the seconds it took, and the ids that were accepted."""
    clients.ask("start", port=port, connections=connections, prefix=prefix, sizes=[[size, 1]], count=number, reuse=reuse, tls=tls)
    running = clients.ask("await", seconds=limit, limit=limit + 10)["running"]
    result = clients.ask("stop", seconds=1)
    if running:
        raise TimeoutError("the clients have not finished within %d s" % limit)
    return result["elapsed"], result["ids"], result["refused"]


def one_mail(port, ident, tls, limit=60):
    """Connects, gives one mail away, and returns the milliseconds until it was accepted."""
    octets = mails.stuffed(ident)
    begun = time.perf_counter()
    with socket.create_connection(("127.0.0.1", port), limit) as plain:
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection, stream = plain, plain.makefile("rb")

        def say(line, wanted):
            if line:
                connection.sendall(line + b"\r\n")
            reply = stream.readline()
            while reply[3:4] == b"-":
                reply = stream.readline()
            if not reply.startswith(wanted):
                raise OSError("%r heard %r" % (line, reply))

        say(b"", b"220")
        say(b"EHLO client.example", b"250")
        if tls:
            say(b"STARTTLS", b"220")
            connection = trusting().wrap_socket(plain)
            stream = connection.makefile("rb")
            say(b"EHLO client.example", b"250")
        say(b"MAIL FROM:<%s>" % SENDER.encode(), b"250")
        say(b"RCPT TO:<%s@dest.example>" % ident.encode(), b"250")
        say(b"DATA", b"354")
        connection.sendall(octets)
        say(b"", b"250")
        taken = 1000 * (time.perf_counter() - begun)
        say(b"QUIT", b"221")
        if tls:
            connection.close()
        return taken


def trusting():
    """A client's side that takes every certificate."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context
