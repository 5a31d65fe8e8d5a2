#!/usr/bin/env python3
"""spoolbench.py - what the spool promises, shown on the packaged relay: speed, memory, restarts, kills.

  spoolbench.py backlog   100,000 mails for a backup that is away: rate, heap, restart, drain
  spoolbench.py hang      what a client feels of a backup that takes connections and answers nothing
  spoolbench.py kill      kill -9 at random moments; every 250 must be at the primary and at each backup
  spoolbench.py term      SIGTERM under load while somebody does not read; nothing missing, nothing twice

Starts the relay (target/smtp-duplicator.jar, with the project's routes) and everything it talks to, on loopback, in a
directory of its own; ends all of it. Python 3 standard library only.

Ends with 0 when every promise was kept, 1 when one was broken, 3 when something did not come to its end in time.
"""
import argparse
import contextlib
import json
import os
import random
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from spool.child import Child                   # noqa: E402
from spool.relay import Relay, RelayEnded       # noqa: E402

SMALL = [[10240, 1]]
MIXED = [[1500, 30], [10240, 60], [60000, 8], [300000, 2]]


class Bench:
    """A relay, its primary, its backups, its clients; and what was found."""

    def __init__(self, options, backups, spool=None, settings=()):
        self.options, self.stack = options, contextlib.ExitStack()
        self.directory = tempfile.mkdtemp(prefix="spoolbench-", dir=options.directory)
        self.found, self.broken = {}, []
        try:
            ports = options.ports(1 + backups)
            self.primary, *self.backups = [self.child("sink", "primary" if i == 0 else "backup%d" % i, port)
                                           for i, port in enumerate(ports)]
            self.ports = dict(zip([self.primary, *self.backups], ports))
            self.clients = self.child("load")
            self.relay = Relay(options, self.directory, ports[0], ports[1:], spool, settings)
            self.stack.callback(self.relay.close)
        except BaseException:
            self.stack.close()
            raise
        self.names = {s: "primary" if s is self.primary else "backup%d" % (1 + self.backups.index(s)) for s in self.ports}

    def child(self, module, *arguments):
        child = Child("spool." + module, *arguments)
        self.stack.callback(child.close)
        return child

    def mood(self, backup, mood):
        backup.ask("mood", mood=mood)

    def load(self, **values):
        """Starts the clients; what is not said is as with the option --connections and mails of 10 KB."""
        self.clients.ask("start", **dict(dict(
            port=self.relay.port, connections=self.options.connections, sizes=SMALL, prefix="m"), **values))

    def finish_load(self, limit):
        deadline = time.monotonic() + limit
        while self.clients.ask("await", seconds=5)["running"]:
            if time.monotonic() > deadline:
                raise TimeoutError("the clients did not get all their replies within %d s" % limit)
        return self.clients.ask("result")

    def send(self, count, limit=None, **values):
        """Sends so many mails and waits for the replies. What the clients saw, with the rate."""
        self.load(count=count, **values)
        result = self.finish_load(limit or 60 + count / 20)
        result["rate"] = result["acked"] / max(0.001, result["elapsed"])
        return result

    def await_all(self, servers, ids, limit):
        """Waits until each server has all of these, or limit seconds. Seconds, and what is missing at each."""
        begun = time.monotonic()
        for server in servers:
            server.ask("want", ids=ids)
        while True:
            missing = {server: server.ask("state")["missing"] for server in servers}
            waited = time.monotonic() - begun
            if not any(missing.values()) or waited > limit:
                return waited, missing
            if self.relay.process.poll() is not None:
                raise RelayEnded("the relay ended while it delivered copies, see %s" % self.relay.log)
            time.sleep(0.1)

    def say(self, text):
        if not self.options.quiet:
            print("%7.1f  %s" % (time.monotonic() - self.options.begun, text), flush=True)

    def promise(self, kept, text):
        self.say(("kept:   " if kept else "BROKEN: ") + text)
        if not kept:
            self.broken.append(text)

    def arrived(self, servers, acked, excused=(), twice_at_most=None):
        """Counts what each server has, and holds it against what the clients heard 250 for."""
        acked, table = set(acked), {}
        at_primary = set(self.primary.ask("ids")["ids"])
        for server in servers:
            name, answer = self.names[server], server.ask("ids")
            ids = answer["ids"]
            named = {ident for ident, port in excused if port == self.ports[server]}
            missing = sorted(acked - ids.keys() - named)
            twice = sum(1 for n in ids.values() if n > 1)
            table[name] = dict(has=len(ids), missing=len(missing), missing_ids=missing[:20],
                               named=len(acked & named - ids.keys()), twice=twice, most=max(ids.values(), default=0),
                               mangled=len(answer["mangled"]), foreign=len(ids.keys() - at_primary))
            self.say("%s: %s" % (name, ", ".join("%s %s" % (k, v) for k, v in table[name].items() if k != "missing_ids")))
            self.promise(not missing, "%s has every mail that got 250%s" % (
                name, "" if not missing else ": %d of %d missing, %s" % (len(missing), len(acked), ", ".join(missing[:3]))))
            self.promise(not answer["mangled"], "%s has the octets that were sent" % name)
            if server is not self.primary:
                self.promise(ids.keys() <= at_primary, "%s has nothing that the primary has not" % name)
            if twice_at_most is not None:
                self.promise(twice <= twice_at_most, "%s has %d mails more than once, at most %d" % (
                    name, twice, twice_at_most))
        self.found["servers"] = table

    def close(self):
        self.stack.close()
        if self.broken or self.options.keep:
            self.say("kept for a look: %s" % self.directory)
        else:
            shutil.rmtree(self.directory, ignore_errors=True)


# --------------------------------------------------------------------- backlog
def backlog(options, bench):
    relay, away, window = bench.relay, bench.backups[0], min(options.window, options.mails // 4)
    bench.found["start"] = relay.start()
    acked = []

    def batch(name, count):
        result = bench.send(count, prefix=name)
        acked.extend(result["ids"])
        bench.promise(result["acked"] == count, "%s: %d of %d mails got 250 %s" % (
            name, result["acked"], count, result["refused"] or ""))
        return result["rate"]

    bench.say("warm-up: %.0f mails/s" % batch("warm-up", window))
    bench.await_all(bench.backups, acked, options.drain)
    plain = [batch("plain%d" % i, window) for i in range(2)]
    bench.await_all(bench.backups, acked, options.drain)
    bench.say("accepted with all backups up: %s mails/s" % ", ".join("%.0f" % r for r in plain))

    bench.mood(away, "away")
    rates, memory = [], []
    while sum(n for n, _ in rates) < options.mails:
        count = min(window, options.mails - sum(n for n, _ in rates))
        rates.append((count, batch("backlog%d" % len(rates), count)))
        memory.append(dict(relay.memory(), mails=sum(n for n, _ in rates)))
        bench.say("%6d waiting: accepted %4.0f mails/s, live heap %s MB, RSS %.0f MB" % (
            memory[-1]["mails"], rates[-1][1],
            "?" if memory[-1]["live"] is None else "%.1f" % memory[-1]["live"], memory[-1]["rss"]))
    ratio = rates[-1][1] / statistics.mean(plain)
    from_start = rates[-1][1] / rates[0][1]
    bench.found.update(plain=plain, rates=[r for _, r in rates], memory=memory, ratio=ratio, ratio_to_first_window=from_start)
    bench.promise(min(ratio, from_start) >= 0.8, "accepted with the backlog / with all backups up: %.2f, / when the backlog "
                  "began: %.2f, at least 0.8" % (ratio, from_start))
    heap_promise(bench, memory)

    for how in ("SIGTERM", "SIGKILL"):
        if how == "SIGTERM":
            status, seconds = relay.terminate()
            bench.promise(status == 0 and seconds < 30, "SIGTERM: status %s after %.1f s" % (status, seconds))
        else:
            relay.kill()
        up = relay.start()
        bench.found["restart after " + how] = up
        bench.promise(max(up.values()) < 15, "restart after %s with %d waiting: greeting after %.1f s, ready after %.1f s, "
                      "under 15 s" % (how, options.mails, up["greeting"], up["ready"]))

    before = away.ask("state")["ids"]
    bench.mood(away, "up")
    begun = time.monotonic()
    while away.ask("state")["ids"] == before and time.monotonic() < begun + options.drain:
        time.sleep(0.02)
    noticed = time.monotonic() - begun
    seconds, missing = bench.await_all([bench.primary, *bench.backups], acked, options.drain)
    drained = away.ask("state")["ids"] - before
    bench.found.update(noticed=noticed, drain_seconds=seconds, drain_rate=drained / max(seconds, 0.001),
                       memory_after=relay.memory())
    bench.say("the backup is up: first copy after %.1f s, then %d copies in %.1f s, %.0f a second" % (
        noticed, drained, seconds, drained / max(seconds, 0.001)))
    bench.arrived([bench.primary, *bench.backups], acked, twice_at_most=options.mails // 100)


def heap_promise(bench, memory):
    """Live objects after a collection, over the length of the queue: a line through all of them, and the highest."""
    points = [(m["mails"] / 1000, m["live"]) for m in memory if m["live"] is not None]
    if len(points) < 3:
        bench.say("heap: no jcmd, or too few mails, for a slope")
        return
    x, y = zip(*points)
    mean_x, mean_y = statistics.mean(x), statistics.mean(y)
    slope = sum((a - mean_x) * (b - mean_y) for a, b in points) / sum((a - mean_x) ** 2 for a in x)
    growth = slope * (x[-1] - x[0])
    bench.found.update(heap_slope_mb_per_1000=slope, heap_live_max=max(y), rss_max=max(m["rss_peak"] for m in memory))
    bench.promise(growth < 32 and max(y) - y[0] < 64, "the heap stays flat: live %.1f MB at first, %.1f at most, slope "
                  "%.3f MB per 1000 mails; RSS %.0f MB at most" % (y[0], max(y), slope, bench.found["rss_max"]))


# ------------------------------------------------------------------------ hang
def hang(options, bench):
    bench.relay.start()
    healthy, hanging, acked = [], [], []

    def window(name, into):
        result = bench.send(options.mails, prefix=name, connections=options.clients)
        acked.extend(result["ids"])
        into.append(result["seconds"])

    window("warm-up", [])
    bench.await_all(bench.backups, acked, options.drain)
    for turn in range(options.rounds):
        window("healthy%d" % turn, healthy)
        bench.await_all(bench.backups, acked, options.drain)
        bench.mood(bench.backups[0], options.mood)
        bench.load(count=20, prefix="lure%d" % turn, connections=1)
        acked.extend(bench.finish_load(60)["ids"])
        deadline = time.monotonic() + 30
        while not bench.backups[0].ask("state")["connections"]:
            if time.monotonic() > deadline:
                raise TimeoutError("the relay does not connect to the backup that hangs")
            time.sleep(0.02)
        window("hanging%d" % turn, hanging)
        bench.mood(bench.backups[0], "up")
        seconds, _ = bench.await_all(bench.backups, acked, options.drain)
        bench.say("round %d: healthy p50 %.2f ms p95 %.2f ms, with a backup that hangs p50 %.2f ms p95 %.2f ms; "
                  "its copies arrived %.1f s after it was back" % (
                      turn, *(1000 * q for w in (healthy[-1], hanging[-1]) for q in (quantile(w, 50), quantile(w, 95))),
                      seconds))
    changes = [100 * (quantile(b, 50) / quantile(a, 50) - 1) for a, b in zip(healthy, hanging)]
    change = statistics.median(changes)
    all_healthy, all_hanging = sum(healthy, []), sum(hanging, [])
    bench.found.update(
        change_percent=change, changes_percent=changes,
        healthy=dict(p50=quantile(all_healthy, 50), p95=quantile(all_healthy, 95)),
        hanging=dict(p50=quantile(all_hanging, 50), p95=quantile(all_hanging, 95)))
    bench.promise(change < 10, "the client's median latency changes by %+.1f %%, less than 10 %% (rounds: %s)" % (
        change, ", ".join("%+.1f" % c for c in changes)))
    bench.promise(max(all_hanging) < 5, "no reply took longer than 5 s: %.2f s at most" % max(all_hanging))
    bench.arrived([bench.primary, *bench.backups], acked, twice_at_most=options.rounds * 100)


def quantile(values, percent):
    values = sorted(values)
    return values[min(len(values) - 1, round(percent / 100 * (len(values) - 1)))]


# ------------------------------------------------------------------------ kill
def kill(options, bench):
    dice, relay = random.Random(options.seed), bench.relay
    bench.say("seed %d" % options.seed)
    relay.start()
    acked, unknown, refused, kills, full = [], [], {}, 0, 0
    for number in range(options.rounds):
        moods = [dice.choice(options.moods) for _ in bench.backups]
        for backup, mood in zip(bench.backups, moods):
            bench.mood(backup, mood)
        sending = dice.random() < 0.8
        if sending:
            bench.load(prefix="r%d" % number, sizes=MIXED, seed=dice.random(), rate=options.rate)
        filling = bool(options.disk) and dice.random() < 0.3
        life = dice.uniform(0.05, options.life)
        with_full = fill_disk(options) if filling else contextlib.nullcontext()
        with with_full:
            full += filling
            time.sleep(life / 2)
            if dice.random() < 0.5:         # a backup comes back, or goes, in the middle of it
                bench.mood(dice.choice(bench.backups), dice.choice(["up", "away"]))
            time.sleep(life / 2)
            ended = relay.process.poll()
            relay.kill()
            kills += 1
            if ended is not None:
                bench.promise(False, "round %d: the relay runs until it is killed; it ended with status %s" % (number, ended))
            if dice.random() < 0.15:        # and again, while it starts
                relay.launch()
                time.sleep(dice.uniform(0.5, 6))
                relay.kill()
                kills += 1
            started = start_again(bench, filling)
        if not started:
            relay.start(ready=False)
        if sending:
            time.sleep(dice.uniform(0, 0.5))        # it takes mail again
            result = bench.clients.ask("stop", seconds=30)
            acked += result["ids"]
            unknown += result["unknown_ids"]
            for code, n in result["refused"].items():
                refused[code] = refused.get(code, 0) + n
        bench.say("round %d: backups %s%s%s; %d mails got 250, %d no reply, refused %s%s" % (
            number, ", ".join(moods), "" if sending else ", no load", ", disk full" if filling else "",
            len(acked), len(unknown), refused or "none",
            "; %d copies lost, %d MB free" % (len(relay.copies("lost")), free_megabytes(options)) if options.disk else ""))
    for backup in bench.backups:
        bench.mood(backup, "up")
    lost, dead = (relay.copies(event) for event in ("lost", "dead-lettered"))
    bench.say("all backups up; waiting for %d mails, but for %d copies that the log calls lost, %d dead-lettered" % (
        len(acked), len(lost), len(dead)))
    for server in [bench.primary, *bench.backups]:
        server.ask("want", ids=sorted(set(acked) - {i for i, port in lost | dead if port == bench.ports[server]}))
    seconds, left = settle(bench, options.drain)
    bench.say("drained in %.1f s%s" % (seconds, "" if not any(left.values()) else ", not all of it"))
    lost, dead = (relay.copies(event) for event in ("lost", "dead-lettered"))
    bench.found.update(seed=options.seed, kills=kills, acked=len(acked), unknown=len(unknown), refused=refused,
                       lost=len(lost), dead=len(dead), disk_full_rounds=full, drain_seconds=seconds,
                       complaints=relay.complaints())
    for kind, count in bench.found["complaints"].items():
        bench.say("log: %d x %s" % (count, kind))
    if options.disk:
        bench.say("%d copies were lost to the full disk, each with a line in the log" % len(lost))
    else:
        bench.promise(not lost, "no copy is lost: %d" % len(lost))
    # A copy that the broker had not heard of when the process died, and each of 4 deliveries may have 8 of them, comes again.
    bench.arrived([bench.primary, *bench.backups], acked, excused=lost | dead, twice_at_most=4 * 8 * kills)
    twice = bench.found["servers"]["primary"]["twice"]
    bench.promise(not twice, "the primary has no mail twice: %d" % twice)
    bench.promise(relay.is_ready(), "ready is UP at the end: %s" % (relay.health(),))
    after = bench.send(100, prefix="after")["ids"]
    seconds, missing = bench.await_all(bench.backups, after, options.drain / 4)
    bench.promise(len(after) == 100 and not any(missing.values()), "100 more mails: %d got 250, missing at the backups after "
                  "%.1f s: %s" % (len(after), seconds, list(missing.values())))


def settle(bench, limit):
    """Waits for what each server was told to want; gives up when nothing has come for a third of the limit."""
    begun = moved = time.monotonic()
    last = None
    while True:
        left = {server: server.ask("state")["missing"] for server in [bench.primary, *bench.backups]}
        now = time.monotonic()
        if left != last:
            last, moved = left, now
        if not any(left.values()) or now > begun + limit or now > moved + max(90, limit / 3):
            return now - begun, left
        time.sleep(0.1)


def start_again(bench, full):
    """Starts the relay. It is not ready while a small disk is full; without a free octet it may not even start: False."""
    try:
        bench.relay.start(ready=not bench.options.disk)
        return True
    except RelayEnded:
        if full:
            bench.say("the relay does not start on a full disk")
            return False
        raise


@contextlib.contextmanager
def fill_disk(options):
    """Somebody else takes all that is left of the disk."""
    path = os.path.join(options.disk_path, "filler")
    with open(path, "wb", buffering=0) as filler:
        for size in (1 << 20, 4096, 1):
            with contextlib.suppress(OSError):
                while True:
                    filler.write(bytes(size))
    try:
        yield
    finally:
        os.unlink(path)


def free_megabytes(options):
    disk = os.statvfs(options.disk_path)
    return disk.f_bavail * disk.f_frsize >> 20


@contextlib.contextmanager
def small_disk(options):
    """A tmpfs of --disk megabytes for spool.directory; None without that option."""
    if not options.disk:
        yield None
        return
    path = options.disk_path = tempfile.mkdtemp(prefix="spoolbench-disk-")
    try:
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=%dm" % options.disk, "spoolbench", path], check=True)
        try:
            yield os.path.join(path, "spool")
        finally:
            subprocess.run(["umount", path], check=True)
    finally:
        os.rmdir(path)


# ------------------------------------------------------------------------ term
def term(options, bench):
    relay, acked, ends = bench.relay, [], []
    for number in range(options.rounds):
        for peer in options.peers:
            relay.start()
            backup = bench.backups[0]
            bench.mood(bench.primary, "noread" if peer == "primary" else "up")
            bench.mood(backup, "noread" if peer == "backup" else "up")
            stalled = stalled_clients(relay.port) if peer == "client" else []
            bench.load(prefix="%s%d" % (peer, number), sizes=MIXED)
            loaded = time.monotonic()
            while time.monotonic() < loaded + options.life:
                time.sleep(0.1)
            status, seconds = relay.terminate()
            for connection in stalled:
                connection.close()
            result = bench.clients.ask("stop", seconds=30)
            acked += result["ids"]
            ends.append(dict(peer=peer, status=status, seconds=seconds, acked=result["acked"],
                             unknown=result["unknown"], refused=result["refused"]))
            bench.promise(status == 0 and seconds < 30, "the %s does not read: SIGTERM ends it with status %s after %.1f s "
                          "(%d mails got 250, %d no reply, refused %s)" % (
                              peer, status, seconds, result["acked"], result["unknown"], result["refused"] or "none"))
            bench.mood(bench.primary, "up")
            bench.mood(backup, "up")
    relay.start()
    seconds, _ = bench.await_all([bench.primary, *bench.backups], acked, options.drain)
    lost = relay.copies("lost")
    bench.found.update(ends=ends, drain_seconds=seconds, lost=len(lost), complaints=relay.complaints())
    bench.promise(not lost, "no copy is lost: %d" % len(lost))
    bench.arrived([bench.primary, *bench.backups], acked, twice_at_most=0)


def stalled_clients(port):
    """One that asks and asks and reads no answer, one that stops within its message, one that says nothing."""
    clients = [socket.create_connection(("127.0.0.1", port), 10) for _ in range(3)]
    chatty, slow, _ = clients
    chatty.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    chatty.setblocking(False)
    with contextlib.suppress(BlockingIOError):
        for _ in range(100000):
            chatty.send(b"NOOP\r\n" * 1000)
    slow.sendall(b"EHLO client.example\r\nMAIL FROM:<a@client.example>\r\nRCPT TO:<b@dest.example>\r\nDATA\r\n")
    time.sleep(0.5)
    slow.sendall(b"Subject: half a mail\r\n\r\n")
    return clients


# ------------------------------------------------------------------------ main
def free_ports(count):
    """Below the ports the system gives to clients, so that nobody connects from one of them."""
    places = []
    while len(places) < count:
        place = socket.socket()
        try:
            place.bind(("127.0.0.1", random.SystemRandom().randrange(20000, 32000)))
            places.append(place)
        except OSError:
            place.close()
    ports = [place.getsockname()[1] for place in places]
    for place in places:
        place.close()
    return ports


DEFAULTS = dict(
    backlog=dict(mails=100000, backups=1, rounds=1, limit=3600, drain=1200, settings=[]),
    hang=dict(mails=1000, backups=2, rounds=5, limit=1800, drain=600, settings=[]),
    kill=dict(mails=0, backups=2, rounds=10, limit=1800, drain=600, settings=[
        ("relay.timeout_seconds", 3), ("relay.probe_longest", "5s"), ("relay.retry_first", "1s"),
        ("relay.retry_longest", "10s")]),
    term=dict(mails=0, backups=2, rounds=1, limit=900, drain=300, settings=[]))


def options_of(arguments):
    project = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("mode", choices=DEFAULTS)
    parser.add_argument("--mails", type=int, help="backlog: how many wait (100000); hang: how many in a window (1000)")
    parser.add_argument("--window", type=int, default=10000, help="backlog: mails over which a rate is taken")
    parser.add_argument("--connections", type=int, default=20, help="of the clients")
    parser.add_argument("--clients", type=int, default=1, help="hang: clients whose latency is measured")
    parser.add_argument("--backups", type=int, help="how many; the first is the one in trouble (backlog 1, others 2)")
    parser.add_argument("--rounds", type=int, help="kill 10, hang 5, term 1")
    parser.add_argument("--life", type=float, default=6, help="kill: seconds before a kill, at most; term: seconds of load")
    parser.add_argument("--moods", default="up,up,up,away,hang,mute,noread,slow,421,450,550,drop",
                        help="kill: what backups do, one drawn in each round; see spool/sink.py")
    parser.add_argument("--mood", default="hang", help="hang: what the backup does: hang, mute or noread")
    parser.add_argument("--peers", default="backup,client,primary", help="term: who does not read")
    parser.add_argument("--rate", type=float, help="kill: mails per second, at most")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10 ** 6), help="kill: of all dice")
    parser.add_argument("--disk", type=int, help="kill: megabytes of a tmpfs for the spool, which fills; needs root")
    parser.add_argument("--drain", type=float, help="seconds to wait for copies, at most")
    parser.add_argument("--limit", type=float, help="seconds for all of it, at most")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="one more setting of the relay")
    parser.add_argument("--project", default=project, help="where routes/ and target/ are")
    parser.add_argument("--jar", help="default: target/smtp-duplicator.jar")
    parser.add_argument("--java", default="java")
    parser.add_argument("--java-options", default="-Xmx256m")
    parser.add_argument("--directory", help="where the spool and the log go, on the disk to be measured; default: /tmp")
    parser.add_argument("--keep", action="store_true", help="keep that directory; it is kept when a promise is broken")
    parser.add_argument("--json", metavar="FILE", help="all that was found; - is standard output, and nothing else on it")
    options = parser.parse_args(arguments)
    for name, value in DEFAULTS[options.mode].items():
        if getattr(options, name, None) is None:
            setattr(options, name, value)
    options.jar = os.path.abspath(options.jar or os.path.join(options.project, "target", "smtp-duplicator.jar"))
    options.moods, options.peers = options.moods.split(","), options.peers.split(",")
    options.quiet, options.ports, options.begun = options.json == "-", free_ports, time.monotonic()
    if not os.path.exists(options.jar):
        parser.error("%s is not there: ./mvnw -DskipTests package" % options.jar)
    if options.backups < 1:
        parser.error("at least one backup")
    return options


def give_up(*_):
    raise TimeoutError("stopped, or not done within --limit")


def main(arguments):
    options = options_of(arguments)
    signal.signal(signal.SIGTERM, give_up)
    signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, options.limit)
    status, bench = 0, None
    try:
        with small_disk(options) as spool:
            bench = Bench(options, options.backups, spool, options.settings)
            try:
                dict(backlog=backlog, hang=hang, kill=kill, term=term)[options.mode](options, bench)
                status = 1 if bench.broken else 0
            except (TimeoutError, RelayEnded, ConnectionError) as failure:
                bench.broken.append(str(failure))
                bench.say("GIVEN UP: %s" % failure)
                status = 1 if isinstance(failure, RelayEnded) else 3
            except BaseException as failure:
                bench.broken.append(repr(failure))
                raise
            finally:
                signal.setitimer(signal.ITIMER_REAL, 0)
                bench.close()
    except KeyboardInterrupt:
        status = 3
    if bench and options.json:
        report = dict(bench.found, mode=options.mode, broken=bench.broken, status=status)
        with contextlib.ExitStack() as stack:
            out = sys.stdout if options.json == "-" else stack.enter_context(open(options.json, "w"))
            json.dump(report, out, indent=1, default=str)
            out.write("\n")
    if bench and not options.quiet:
        print("every promise kept" if status == 0 else "BROKEN: " + "; ".join(bench.broken))
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
