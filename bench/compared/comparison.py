"""One run: everybody is started, measured in turns, looked after by ids, and ended."""
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time

from compared import contestants, machine, report, traffic
from spool import mails
from spool.child import Child

PROJECT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
UNITS = {"K": 1 << 10, "M": 1 << 20}


def octets(size):
    return int(size[:-1]) * UNITS[size[-1]] if size[-1] in UNITS else int(size)


def mails_of(size):
    """How many mails of a size make a round."""
    return max(10, min(5000, (200 << 20) // octets(size)))


class Comparison:
    """Everybody and everything around them; closes all of it."""

    def __init__(self, options):
        self.options, self.stack = options, contextlib.ExitStack()
        self.directory = tempfile.mkdtemp(prefix="compare-", dir=options.directory)
        os.chmod(self.directory, 0o755)
        self.stack.callback(shutil.rmtree, self.directory, ignore_errors=True)
        self.homes, self.measured, self.problems, self.sinks = {}, [], [], []
        self.certificate = self.make_certificate() if options.tls else None
        self.clients = Child("spool.load")
        self.stack.callback(self.clients.close)

    def path(self, *names):
        return os.path.join(self.directory, *names)

    def say(self, text):
        print("# %s %s" % (time.strftime("%H:%M:%S"), text), file=sys.stderr, flush=True)

    def make_certificate(self):
        file = self.path("certificate.pem")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "100", "-subj", "/CN=localhost",
                        "-keyout", file, "-out", file + ".crt"], check=True, capture_output=True, timeout=60)
        with open(file, "a") as both, open(file + ".crt") as certificate:
            both.write(certificate.read())
        return file

    def home(self, what, java, archived):
        """An unpacked distribution, perhaps with the archives for a Java."""
        key = (what, java, archived)
        if key not in self.homes:
            home = self.homes[key] = contestants.unpack(PROJECT, what, self.path("home%d" % len(self.homes)))
            if archived:
                self.say("archives for Java %s: %.0f s" % (machine.java_version(java), contestants.archive(home, java)))
        return self.homes[key]

    # ------------------------------------------------------------------------------------------ the servers

    def open_servers(self, kind):
        """All servers there are, of this kind, in the place of those there were."""
        self.close_servers()
        for port in self.ports:
            self.sinks.append(kind(port))

    def close_servers(self):
        while self.sinks:
            self.sinks.pop().close()

    def counts(self, contestant):
        return [sink.count() for sink in self.sinks[:contestant.backups + 1]]

    def arrived(self, contestant, before, number, limit):
        """Waits until everything is everywhere. Returns the seconds that took, None when it is not, and what has arrived."""
        away = self.options.away and contestant.backups > 0
        begun = moved = time.monotonic()
        last = None
        while True:
            now = [after - first for after, first in zip(self.counts(contestant), before)]
            here = now[:-1] if away else now
            if all(count >= number for count in here):
                return time.monotonic() - begun, here
            if here != last:
                last, moved = here, time.monotonic()
            if time.monotonic() - moved > 15 or time.monotonic() - begun > limit:
                return None, here
            time.sleep(0.01)

    # ------------------------------------------------------------------------------------------- contestants

    def line_up(self):
        options = self.options
        names = options.only.split(",")
        most = max([2] + [int(name[5:]) for name in names if name.startswith("relay")])
        self.ports = options.free_ports(most + 1)
        if options.away:
            refusing = options.free_ports(1)[0]
        settings = []
        if options.tls:
            settings = [("smtp.tls_certificate", self.certificate + ".crt"), ("smtp.tls_key", self.certificate)]
        if options.broker:
            broker = contestants.Broker(options.broker, options.javas[0], options.free_ports(1)[0], self.path("broker"))
            self.stack.callback(broker.close)
            broker.start()
            settings += broker.settings()
        line = [contestants.Direct(self.ports[0])]
        for name in names:
            port = options.free_ports(1)[0]
            if name in ("proxy", "queue") and os.getuid() != 0:
                self.say("Postfix starts only for root: left out")
            elif name == "proxy":
                line.append(contestants.Postfix("Postfix, proxy", port, self.path(name), self.ports[:1], options.most_connections))
            elif name == "queue":
                line.append(contestants.Postfix("Postfix, queue", port, self.path(name), self.ports[:3], options.most_connections))
            elif name.startswith("relay"):
                backups = int(name[5:])
                for what in [None, *options.against]:
                    for java in options.javas:
                        destinations = self.ports[:backups + 1]
                        if options.away and backups:
                            destinations = destinations[:-1] + [refusing]
                        version = machine.java_version(java).split(".")[0]
                        label = "%s, %d backups, Java %s" % (
                            "relay" if not what else os.path.basename(what), backups, version)
                        line.append(contestants.Relay(
                            label, self.home(what, java, options.archives), java, options.free_ports(1)[0],
                            self.path("%s-%s-%d" % (name, version, len(line))), destinations, settings, options.java_opts))
            elif name != "direct":
                raise SystemExit("compare.py: nobody is called %s" % name)
        return line

    def start(self, contestant):
        """False when it cannot; the others go on without it."""
        self.stack.callback(contestant.close)
        try:
            contestant.start()
            return True
        except (OSError, subprocess.SubprocessError, TimeoutError) as e:
            self.problems.append("%s does not start: %s" % (contestant.name, e))
            self.say(self.problems[-1])
            return False

    # ------------------------------------------------------------------------------------------- measurements

    def send(self, contestant, prefix, number, size, connections):
        """Sends mails. Returns the seconds it took, and how many were accepted."""
        options = self.options
        limit = options.run_limit
        if options.tls:
            seconds, ids, _ = traffic.send_with_ids(
                self.clients, contestant.port, prefix, number, size, connections, options.reuse, True, limit)
            return seconds, len(ids)
        return traffic.send_with_tool(contestant.port, number, size, connections, options.reuse, limit), number

    def run(self, contestant, prefix, number, size, connections):
        """One round of one contestant."""
        before = self.counts(contestant)
        watch = machine.Watch(contestant.pid) if contestant.pid else None
        found = dict(mails=number, error=None)
        try:
            seconds, accepted = self.send(contestant, prefix, number, size, connections)
            rest, counts = self.arrived(contestant, before, accepted, self.options.run_limit)
            found.update(accepted=accepted / seconds, arrived=accepted / (seconds + rest) if rest is not None else None,
                         counts=counts, missing=sum(max(0, accepted - count) for count in counts),
                         twice=sum(max(0, count - accepted) for count in counts))
        except (OSError, TimeoutError, subprocess.SubprocessError) as e:
            found["error"] = str(e)
        if watch:
            found.update(watch.finish())
            found.update(cpu=1000 * found["cpu"] / number, switches=found["switches"] / number)
        return found

    def rounds(self, line, size, connections):
        """Interleaved: in each round everybody once."""
        options, results = self.options, {contestant.name: [] for contestant in line}
        number = options.mails or mails_of(size)
        for contestant in line:
            self.run(contestant, "w-%s" % size, max(connections, number // 5 // contestant.part), octets(size), connections)
        for turn in range(options.rounds):
            for contestant in line:
                found = self.run(contestant, "r%d-%s-%d" % (turn, size, connections),
                                 max(connections, number // contestant.part), octets(size), connections)
                direct = results["direct"][turn] if contestant.name != "direct" else found
                if direct.get("accepted") and found.get("accepted"):
                    found["accepted_part"] = found["accepted"] / direct["accepted"]
                    found["arrived_part"] = found["arrived"] / direct["accepted"] if found["arrived"] else None
                results[contestant.name].append(found)
                self.say("%s, %d connections, round %d, %s: %s" % (
                    size, connections, turn + 1, contestant.name, report.one(found)))
        self.measured.append((size, connections, results))

    def latency(self, line):
        """One mail at a time, in blocks in turns."""
        taken, failed, block = {contestant.name: [] for contestant in line}, set(), 25
        for turn in range(max(1, self.options.latency // block)):
            for contestant in line:
                try:
                    for number in range(block):
                        if contestant.name not in failed:
                            ident = mails.mail_id("l%d-%d" % (contestant.port, turn), number, octets("10K"))
                            taken[contestant.name].append(traffic.one_mail(contestant.port, ident, self.options.tls))
                except OSError as e:
                    failed.add(contestant.name)
                    self.problems.append("%s, one mail at a time: %s" % (contestant.name, e))
                self.settle(contestant)
        return taken

    def settle(self, contestant):
        """Until nothing arrives any more."""
        last = None
        while last != (last := self.counts(contestant)):
            time.sleep(0.1)

    def check(self, line):
        """Every mail by its id: what is missing, and what arrived twice."""
        self.open_servers(lambda port: traffic.Knowing(port, self.certificate))
        found = {}
        for contestant in line:
            number = self.options.check
            prefix = "c%d" % len(found)
            try:
                _, ids, refused = traffic.send_with_ids(self.clients, contestant.port, prefix, number, octets("10K"), 20, True,
                                                        self.options.tls, self.options.run_limit)
                servers = self.sinks[:contestant.backups + 1]
                if self.options.away and contestant.backups:
                    servers = servers[:-1]
                missing = twice = 0
                for server in servers:
                    with contextlib.suppress(TimeoutError):
                        traffic.wait_until(lambda: not set(ids) - server.ids().keys(), 60, "arrivals", every=0.2)
                    counts = server.ids()
                    missing += sum(ident not in counts for ident in ids)
                    twice += sum(counts.get(ident, 0) > 1 for ident in ids)
                found[contestant.name] = dict(accepted=len(ids), missing=missing, twice=twice, refused=refused)
            except (OSError, TimeoutError) as e:
                self.problems.append("%s, by ids: %s" % (contestant.name, e))
        return found

    def compare(self):
        line = self.line_up()
        self.open_servers((lambda port: traffic.Knowing(port, self.certificate)) if self.options.tls else traffic.Counting)
        line = [contestant for contestant in line if self.start(contestant)]
        for contestant in line:
            number = self.options.warmup if isinstance(contestant, contestants.Relay) else 500
            self.say("warm-up: %s" % contestant.name)
            found = self.run(contestant, "warm", number, octets("10K"), 20)
            if found["error"]:
                self.problems.append("%s, warm-up: %s" % (contestant.name, found["error"]))
        latency = self.latency(line) if self.options.latency else {}
        for size in self.options.sizes.split(","):
            for connections in map(int, self.options.connections.split(",")):
                self.rounds(line, size, connections)
        checked = self.check(line) if self.options.check else {}
        return report.comparison(self, line, latency, checked)

    def cold(self):
        """What a start costs, each time a new process with a new spool."""
        options, results = self.options, {}
        self.ports = options.free_ports(3)
        self.open_servers(traffic.Counting)
        plans = [("%sJava %s, %s" % ("" if not what else os.path.basename(what) + ", ", machine.java_version(java).split(".")[0],
                                     "with its archive" if archived else "without an archive"), what, java, archived)
                 for what in [None, *options.against] for java in options.javas for archived in (True, False)]
        for turn in range(options.rounds):
            for number, (name, what, java, archived) in enumerate(plans):
                relay = contestants.Relay(
                    name, self.home(what, java, archived), java, options.free_ports(1)[0],
                    self.path("cold-%d-%d" % (turn, number)), self.ports, (), options.java_opts)
                with contextlib.closing(relay):
                    greeting, cpu = relay.start()
                    found = self.run(relay, "cold", 5000, octets("10K"), 20)
                if found["error"]:
                    self.problems.append("%s: %s" % (name, found["error"]))
                    continue
                results.setdefault(name, []).append(dict(found, greeting=greeting, start=cpu))
                self.say("round %d, %s: greets after %.2f s, %.1f s of CPU until then, %.2f s of CPU for 1,000 of the first 5,000"
                         % (turn + 1, name, greeting, cpu, found["cpu"]))
        return report.cold(self, results)

    def close(self):
        self.close_servers()
        self.stack.close()
