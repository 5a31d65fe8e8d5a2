"""Who is compared: nobody in between, Postfix in two ways, and relays as their operators start them."""
import contextlib
import glob
import os
import pwd
import shutil
import signal
import subprocess
import tarfile
import time

from compared import machine
from compared.traffic import greets, tool, wait_until
from spool.child import die_with_parent

START_LIMIT = 120


class Direct:
    """Load straight to the primary's server."""

    name, backups, pid, part = "direct", 0, None, 1

    def __init__(self, port):
        self.port = port

    def start(self):
        pass

    def close(self):
        pass


class Postfix:
    """A Postfix of its own, with all its files in a directory of its own; needs root."""

    SERVICES = """
        127.0.0.1:%d inet n - n - %d smtpd
        cleanup unix n - n - 0 cleanup
        qmgr unix n - n 300 1 qmgr
        rewrite unix - - n - - trivial-rewrite
        bounce unix - - n - 0 bounce
        defer unix - - n - 0 bounce
        trace unix - - n - 0 bounce
        proxymap unix - - n - - proxymap
        smtp unix - - n - %d smtp
        error unix - - n - - error
        retry unix - - n - - error
        anvil unix - - n - 1 anvil
        scache unix - - n - 1 scache
        postlog unix-dgram n - n - 1 postlogd
        """

    def __init__(self, name, port, directory, destinations, connections):
        """Directory must not be there yet. With one destination it is the proxy before the queue, with more it queues."""
        self.name, self.port, self.directory = name, port, directory
        self.backups, self.part = len(destinations) - 1, 1 if len(destinations) == 1 else 5
        self.config, self.pid = os.path.join(directory, "config"), None
        settings = {
            "compatibility_level": "3.6", "myhostname": "postfix.example", "inet_interfaces": "127.0.0.1",
            "inet_protocols": "ipv4", "mynetworks": "127.0.0.0/8", "mydestination": "", "local_recipient_maps": "",
            "alias_maps": "", "alias_database": "", "relay_domains": "dest.example", "default_transport": "error:no route",
            "smtpd_recipient_restrictions": "permit_mynetworks, reject", "message_size_limit": "0", "mailbox_size_limit": "0",
            "queue_directory": os.path.join(directory, "queue"), "data_directory": os.path.join(directory, "data"),
            "maillog_file": os.path.join(directory, "log"), "maillog_file_prefixes": directory,
            "smtpd_client_connection_count_limit": "0", "smtpd_timeout": "300", "smtpd_peername_lookup": "no"}
        if len(destinations) == 1:
            settings["smtpd_proxy_filter"] = "127.0.0.1:%d" % destinations[0]
        else:
            domains = ["d%d.example" % n for n in range(len(destinations))]
            settings["virtual_alias_maps"] = "regexp:$config_directory/copies"
            settings["transport_maps"] = "inline:{%s}" % ", ".join(
                "%s=smtp:[127.0.0.1]:%d" % pair for pair in zip(domains, destinations))
            settings["smtp_destination_concurrency_limit"] = settings["default_destination_concurrency_limit"] = "20"
        os.makedirs(self.config)
        if len(destinations) > 1:
            with open(os.path.join(self.config, "copies"), "w") as out:
                out.write("/^(.*)@dest\\.example$/ %s\n" % ", ".join("$1@" + domain for domain in domains))
        os.chmod(directory, 0o755)
        os.mkdir(os.path.join(directory, "queue"))
        os.mkdir(os.path.join(directory, "data"))
        os.chown(os.path.join(directory, "data"), pwd.getpwnam("postfix").pw_uid, -1)
        limit = max(100, connections + 10)
        for file, text in [("main.cf", "".join("%s = %s\n" % setting for setting in settings.items())),
                           ("master.cf", "\n".join(line.strip() for line in
                                                   (self.SERVICES % (port, limit, limit)).strip().splitlines()) + "\n")]:
            with open(os.path.join(self.config, file), "w") as out:
                out.write(text)

    def start(self):
        with open(os.path.join(self.directory, "start.log"), "wb") as log:
            ran = subprocess.run([tool("postfix"), "-c", self.config, "start"], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                 timeout=START_LIMIT)
        if ran.returncode:
            with open(os.path.join(self.directory, "start.log")) as log:
                raise OSError(log.read()[-500:])
        with open(os.path.join(self.directory, "queue", "pid", "master.pid")) as pid:
            self.pid = int(pid.read())
        wait_until(lambda: greets(self.port), START_LIMIT, self.name)

    def close(self):
        if self.pid and os.path.exists("/proc/%d" % self.pid):
            subprocess.run([tool("postfix"), "-c", self.config, "stop"], stdin=subprocess.DEVNULL,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=START_LIMIT)
            with contextlib.suppress(TimeoutError):
                wait_until(lambda: not os.path.exists("/proc/%d" % self.pid), 20, "the end of Postfix")


class Relay:
    """The relay as the documented command starts it: bin/smtp-duplicator of an unpacked distribution."""

    part = 1

    def __init__(self, name, home, java, port, directory, destinations, settings=(), java_opts=None):
        """The first destination is the primary; what listens at the others is the bench's business."""
        self.name, self.home, self.port, self.directory = name, home, port, directory
        self.backups, self.pid, self.process = len(destinations) - 1, None, None
        os.makedirs(directory)
        self.environment = {key: value for key, value in os.environ.items() if not key.startswith(("SMTP_DUP_", "JAVA_"))}
        self.environment["JAVA_HOME"] = os.path.dirname(os.path.dirname(os.path.realpath(java)))
        if java_opts:
            self.environment["JAVA_OPTS"] = java_opts
        for key, value in [
                ("smtp.listen", "127.0.0.1:%d" % port), ("management.port", 0), ("smtp.max_connections", 1000),
                ("relay.destination_primary", "127.0.0.1:%d" % destinations[0]),
                ("relay.destination_backups", ",".join("127.0.0.1:%d" % d for d in destinations[1:])),
                ("spool.directory", os.path.join(directory, "spool")), *settings]:
            self.environment["SMTP_DUP_" + key.upper().replace(".", "_")] = str(value)

    def start(self):
        """Returns the seconds until it greets, and the CPU seconds until then."""
        begun = time.monotonic()
        with open(os.path.join(self.directory, "relay.log"), "ab") as log:
            self.process = subprocess.Popen(
                [os.path.join(self.home, "bin", "smtp-duplicator")], cwd=self.directory, env=self.environment,
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, preexec_fn=die_with_parent)
        self.pid = self.process.pid
        wait_until(lambda: self.process.poll() is not None or greets(self.port), START_LIMIT, self.name, every=0.005)
        if self.process.poll() is not None:
            with open(os.path.join(self.directory, "relay.log")) as log:
                raise OSError("%s ended: %s" % (self.name, log.read()[-500:]))
        return time.monotonic() - begun, machine.cpu(self.pid)

    def close(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(45)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


class Broker:
    """An Artemis of its own for relays that keep their copies elsewhere."""

    def __init__(self, distribution, java, port, directory):
        self.port, self.directory, self.process = port, directory, None
        self.environment = dict(os.environ, JAVA_HOME=os.path.dirname(os.path.dirname(os.path.realpath(java))), JAVA_ARGS="-Xmx512m")
        self.command = os.path.join(distribution, "bin", "artemis")

    def start(self):
        subprocess.run(
            [self.command, "create", self.directory, "--silent", "--user", "relay", "--password", "secret-of-the-bench",
             "--require-login", "--host", "127.0.0.1", "--default-port", str(self.port), "--no-web", "--no-autotune",
             "--no-amqp-acceptor", "--no-hornetq-acceptor", "--no-mqtt-acceptor", "--no-stomp-acceptor"],
            env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, timeout=START_LIMIT, check=True)
        with open(os.path.join(self.directory, "output.log"), "ab") as log:
            self.process = subprocess.Popen(
                [os.path.join(self.directory, "bin", "artemis"), "run"], env=self.environment, stdin=subprocess.DEVNULL,
                stdout=log, stderr=subprocess.STDOUT, preexec_fn=die_with_parent)
        with open(os.path.join(self.directory, "output.log"), errors="replace") as log:
            wait_until(lambda: "Server is now active" in log.read() or self.process.poll() is not None, START_LIMIT, "the broker")

    def settings(self):
        return [("spool.broker_url", "tcp://127.0.0.1:%d" % self.port), ("spool.broker_user", "relay"),
                ("spool.broker_password", "secret-of-the-bench")]

    def close(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def archive(home, java):
    """Makes the archive for one Java, with the distribution's own command. Returns how long that took."""
    begun = time.monotonic()
    environment = dict(os.environ, JAVA_HOME=os.path.dirname(os.path.dirname(os.path.realpath(java))))
    ran = subprocess.run([os.path.join(home, "bin", "smtp-duplicator"), "--archive"], env=environment, stdin=subprocess.DEVNULL,
                         capture_output=True, text=True, timeout=900)
    if ran.returncode:
        raise OSError("--archive: " + (ran.stdout + ran.stderr).strip()[-300:])
    return time.monotonic() - begun


def unpack(project, what, directory):
    """The distribution to start: a tarball, an unpacked directory, or a commit of this repository, which is built first."""
    what = what or (glob.glob(os.path.join(project, "target", "smtp-duplicator-*.tar.gz")) or [""])[0]
    if os.path.isdir(what):
        # A copy, because archives are written beside what is in it.
        return shutil.copytree(what, directory, symlinks=True)
    if not what.endswith(".tar.gz"):
        if not what:
            raise SystemExit("compare.py: no target/smtp-duplicator-*.tar.gz: run ./mvnw -DskipTests package first")
        source = directory + "-source"
        subprocess.run(["git", "clone", "--quiet", project, source], check=True, timeout=300)
        subprocess.run(["git", "checkout", "--quiet", "--detach", what], cwd=source, check=True, timeout=60)
        subprocess.run(["./mvnw", "-B", "-ntp", "-q", "-DskipTests", "package"], cwd=source, check=True, timeout=1800)
        what = glob.glob(os.path.join(source, "target", "smtp-duplicator-*.tar.gz"))[0]
    with tarfile.open(what) as tarball:
        tarball.extractall(directory)
    return os.path.join(directory, os.listdir(directory)[0])
