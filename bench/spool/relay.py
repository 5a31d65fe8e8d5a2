"""The relay under test: one Java process after another in one directory, with one spool."""
import os
import re
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

from spool import child


class Relay:

    def __init__(self, options, directory, primary, backups, spool=None, settings=()):
        self.options, self.directory = options, directory
        self.port, self.management = options.ports(2)
        self.spool = spool or os.path.join(directory, "spool")
        self.log = os.path.join(directory, "relay.log")
        self.process = None
        shutil.copytree(os.path.join(options.project, "routes"), os.path.join(directory, "routes"))
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith("SMTP_DUP_")}
        for key, value in [
                ("smtp.listen", "127.0.0.1:%d" % self.port), ("management.port", self.management),
                ("relay.destination_primary", "127.0.0.1:%d" % primary),
                ("relay.destination_backups", ",".join("127.0.0.1:%d" % port for port in backups)),
                ("spool.directory", self.spool), *settings, *(s.split("=", 1) for s in options.set)]:
            self.environment["SMTP_DUP_" + key.upper().replace(".", "_")] = str(value)

    def launch(self):
        """Starts the process and waits for nothing."""
        self.launched = time.monotonic()
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [self.options.java, *self.options.java_options.split(), "-jar", self.options.jar], cwd=self.directory,
                env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                start_new_session=True, preexec_fn=child.die_with_parent)

    def start(self, limit=120, ready=True):
        """Starts, and tells the seconds until the greeting and, when it is waited for, until ready is UP."""
        self.launch()
        found = dict(greeting=self.wait(self.greets, limit))
        return dict(found, ready=self.wait(self.is_ready, limit)) if ready else found

    def wait(self, condition, limit):
        while not condition():
            if self.process.poll() is not None:
                raise RelayEnded("the relay ended with status %d, see %s" % (self.process.returncode, self.log))
            if time.monotonic() > self.launched + limit:
                raise TimeoutError("the relay is not up within %d s, see %s" % (limit, self.log))
            time.sleep(0.02)
        return time.monotonic() - self.launched

    def greets(self):
        try:
            with socket.create_connection(("127.0.0.1", self.port), 5) as connection:
                return connection.recv(4) == b"220 "
        except OSError:
            return False

    def is_ready(self):
        return self.health()[0] == 200

    def health(self):
        """Status and text of the health page."""
        try:
            with urllib.request.urlopen("http://127.0.0.1:%d/observe/health/ready" % self.management, timeout=10) as page:
                return page.status, page.read().decode()
        except urllib.error.HTTPError as failure:
            return failure.code, failure.read().decode()
        except OSError as failure:
            return 0, str(failure)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def terminate(self, limit=60):
        """SIGTERM. Exit status, None when it had to be killed, and seconds."""
        begun = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(limit)
        except subprocess.TimeoutExpired:
            self.kill()
            status = None
        return status, time.monotonic() - begun

    def close(self):
        if self.process and self.process.poll() is None:
            self.kill()

    def memory(self):
        """Megabytes: live objects after a collection, and what the process has of the machine now and had at most."""
        found = dict(live=None)
        if shutil.which("jcmd"):
            self.jcmd("GC.run")
            found["live"] = self.heap_used()
        with open("/proc/%d/status" % self.process.pid) as status:
            fields = dict(re.findall(r"^(VmRSS|VmHWM):\s+(\d+) kB", status.read(), re.M))
        return dict(found, rss=int(fields["VmRSS"]) / 1024, rss_peak=int(fields["VmHWM"]) / 1024)

    def jcmd(self, command):
        return subprocess.run(["jcmd", str(self.process.pid), command], capture_output=True, text=True, timeout=60).stdout

    def heap_used(self):
        """Megabytes in use right now, garbage included; None when the collector's words are not known."""
        used = re.findall(r"(?:heap|generation|PSYoungGen|ParOldGen)\s+total [^\[]*?used (\d+)K", self.jcmd("GC.heap_info"))
        return sum(map(int, used)) / 1024 if used else None

    def events(self, name):
        """The fields of each line that tells this event."""
        pattern = re.compile(r" %s((?: [a-z]+=\"(?:[^\"\\]|\\.)*\")+)" % name)
        with open(self.log, encoding="utf-8", errors="replace") as log:
            for line in log:
                found = pattern.search(line)
                if found:
                    yield dict(re.findall(r" ([a-z]+)=\"((?:[^\"\\]|\\.)*)\"", found.group(1)))

    def copies(self, event):
        """The pairs of a bench id and a backup's port that an event (lost, dead-lettered) names."""
        ours = {e["id"]: e["to"].split("@")[0] for e in self.events("accepted")}
        return {(ours.get(e["id"], "never accepted"), int(re.search(r"\d+$", e["destination"]).group()))
                for e in self.events(event)}

    def complaints(self):
        """How often each kind of WARN or ERROR that is no event of a mail stands in the log."""
        kinds = {}
        with open(self.log, encoding="utf-8", errors="replace") as log:
            for line in log:
                found = re.match(r"\S+ (?:WARN |ERROR) (?!mail )(.*)", line)
                if found:
                    kind = re.sub(r"[0-9A-F-]{8,}|\d+", "N", found.group(0).split(" ", 1)[1])[:120]
                    kinds[kind] = kinds.get(kind, 0) + 1
        return dict(sorted(kinds.items(), key=lambda kind: -kind[1])[:12])


class RelayEnded(Exception):
    pass
