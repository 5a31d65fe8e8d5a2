#!/usr/bin/env python3
"""compare.py - what a mail costs: nobody in between, Postfix, and this relay, in turns within one run.

  compare.py                             direct, Postfix's proxy, Postfix's queue, the relay with 0, 2 and 8 backups
  compare.py --quick                     the same in some minutes; the figures are those of a cold JVM
  compare.py --only relay2 --java 25     one of them; also --sizes, --connections, --tls, --away, --broker
  compare.py --against COMMIT            a second relay, from a commit, a tarball or an unpacked directory
  compare.py --cold                      start to greeting, and the first 5,000 mails, with archives and without

Starts all that it needs, on loopback and in a directory of its own, each relay by bin/smtp-duplicator of the unpacked
target/smtp-duplicator-*.tar.gz; ends all of it. Linux, Python 3.11, Debian's package postfix, and root for Postfix itself.

Ends with 0 when every mail that was accepted arrived everywhere, 1 when one is missing, 3 when something did not work.
"""
import argparse
import contextlib
import os
import signal
import socket
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from compared import machine, report            # noqa: E402
from compared.comparison import Comparison      # noqa: E402

ALL = ["direct", "proxy", "queue", "relay0", "relay2", "relay8"]


def free_ports(number):
    """Ports of loopback that nobody has now, below those that the system gives away."""
    found = []
    while len(found) < number:
        port = free_ports.next
        free_ports.next += 1
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            found.append(port)
    return found


free_ports.next = 20000 + os.getpid() % 10000


def java_of(name):
    """A Java by its path, or by the number of its version where it is in the usual places."""
    if os.path.exists(name):
        return name
    home = os.environ.get("JAVA_HOME_%s_X64" % name)
    places = [home] if home else []
    if os.path.isdir("/usr/lib/jvm"):
        places += ["/usr/lib/jvm/" + place for place in sorted(os.listdir("/usr/lib/jvm"))]
    for place in places:
        java = os.path.join(place, "bin", "java")
        if os.path.exists(java) and machine.java_version(java).split(".")[0] == name:
            return java
    raise SystemExit("compare.py: no Java %s here: give its path" % name)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default=",".join(ALL), help="some of %s, relayN for N backups" % ",".join(ALL))
    parser.add_argument("--sizes", default="10K", help="octets of a mail, like 1K,10K,1M,25M")
    parser.add_argument("--connections", default="20", help="at a time, like 1,20,500")
    parser.add_argument("--mails", type=int, help="in a round (default: by size, 5000 at most; a fifth of it for Postfix's queue)")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--warmup", type=int, default=40000, help="mails that each relay gets before anything counts")
    parser.add_argument("--latency", type=int, default=500, metavar="MAILS", help="one at a time; 0 for none")
    parser.add_argument("--check", type=int, default=1000, metavar="MAILS", help="looked for by their ids at the end; 0 for none")
    parser.add_argument("--reuse", action="store_true", help="many mails over one connection")
    parser.add_argument("--java", default="17", help="one or more, by number or path, with commas between")
    parser.add_argument("--java-opts", help="JAVA_OPTS for every relay")
    parser.add_argument("--no-archives", dest="archives", action="store_false", help="do not run bin/smtp-duplicator --archive first")
    parser.add_argument("--against", action="append", default=[], help="commit, tarball or unpacked directory")
    parser.add_argument("--tls", action="store_true", help="on all sides, with load and servers in Python: only CPU figures count")
    parser.add_argument("--away", action="store_true", help="the last backup of every relay refuses connections")
    parser.add_argument("--broker", metavar="DIRECTORY", help="relays keep their copies in a broker of this Artemis distribution")
    parser.add_argument("--cold", action="store_true", help="measure starts instead")
    parser.add_argument("--quick", action="store_true", help="2 rounds of 1000 mails, warm-up 2000")
    parser.add_argument("--directory", help="where spools and everything else is made; must be a disk (default: /var/tmp)",
                        default="/var/tmp")
    parser.add_argument("--run-limit", type=float, default=300, metavar="SECONDS", help="for one round of one of them")
    parser.add_argument("--limit", type=int, default=7200, metavar="SECONDS", help="for everything")
    parser.add_argument("--record", action="store_true", help="append the result to RESULTS.md beside this program")
    if "--quick" in sys.argv:
        parser.set_defaults(rounds=2, mails=1000, warmup=2000, latency=100, check=200)
    options = parser.parse_args()
    options.javas = [java_of(name) for name in options.java.split(",")]
    options.free_ports = free_ports
    options.most_connections = max(map(int, options.connections.split(",")))

    def ended(number, frame):
        raise SystemExit("compare.py: " + ("not done within %d s" % options.limit if number == signal.SIGALRM else "ended"))

    for number in (signal.SIGALRM, signal.SIGTERM):
        signal.signal(number, ended)
    signal.alarm(options.limit)
    status = 3
    comparison = Comparison(options)
    try:
        text, missing = comparison.cold() if options.cold else comparison.compare()
        print(text)
        if options.record:
            report.record(text)
        status = 3 if comparison.problems else 1 if missing else 0
    except KeyboardInterrupt:
        pass
    finally:
        signal.alarm(0)
        comparison.close()
    return status


if __name__ == "__main__":
    sys.exit(main())
