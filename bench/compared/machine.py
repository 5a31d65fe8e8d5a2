"""What Linux tells of processes, and of the machine they run on."""
import collections
import os
import re
import subprocess
import threading
import time

TICK = os.sysconf("SC_CLK_TCK")


def table():
    """Parent and CPU ticks, exited children's included, of every process."""
    processes = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open("/proc/%s/stat" % name, "rb") as stat:
                    fields = stat.read().rpartition(b")")[2].split()
            except OSError:
                continue
            processes[int(name)] = (int(fields[1]), sum(map(int, fields[11:15])))
    return processes


def tree(root):
    """A process and all below it, with their CPU seconds."""
    processes = table()
    children = collections.defaultdict(list)
    for pid, (parent, _) in processes.items():
        children[parent].append(pid)
    found, todo = {}, [root]
    while todo:
        pid = todo.pop()
        if pid in processes:
            found[pid] = processes[pid][1] / TICK
        todo += children.get(pid, [])
    return found


def cpu(root):
    """CPU seconds, user and system, of a process, all below it, and those of them that have ended."""
    return sum(tree(root).values())


def status(path):
    """The numbers of a status file in /proc; none when it is gone."""
    try:
        with open(path) as text:
            return {key: int(value) for key, value in re.findall(r"^(\w+):\s+(\d+)", text.read(), re.M)}
    except OSError:
        return {}


class Watch(threading.Thread):
    """Follows a process and all below it: context switches, also of threads that end, and the most memory they had."""

    def __init__(self, root, every=0.5):
        super().__init__(daemon=True)
        self.root, self.every, self.seen, self.first, self.rss = root, every, {}, None, 0
        self.ended = threading.Event()
        self.look()
        self.first = dict(self.seen)
        self.cpu = cpu(root)
        self.start()

    def look(self):
        rss = 0
        pids = tree(self.root)
        for pid in pids:
            memory = status("/proc/%d/status" % pid)
            rss += memory.get("VmHWM" if len(pids) == 1 else "VmRSS", 0)
            try:
                threads = os.listdir("/proc/%d/task" % pid)
            except OSError:
                continue
            for thread in threads:
                found = status("/proc/%d/task/%s/status" % (pid, thread))
                if "voluntary_ctxt_switches" in found:
                    self.seen[pid, thread] = found["voluntary_ctxt_switches"] + found["nonvoluntary_ctxt_switches"]
        self.rss = max(self.rss, rss)

    def run(self):
        while not self.ended.wait(self.every):
            self.look()

    def finish(self):
        """CPU seconds and switches since it began, and the peak of memory in MiB."""
        self.ended.set()
        self.join()
        self.look()
        switches = sum(number - self.first.get(thread, 0) for thread, number in self.seen.items())
        return dict(cpu=cpu(self.root) - self.cpu, switches=switches, rss=self.rss / 1024)


def fsync_millis(directory, size, count=100):
    """The median time that one mail's octets take to be safe on the disk of a directory."""
    path, taken = os.path.join(directory, "fsync"), []
    octets = os.urandom(size)
    descriptor = os.open(path, os.O_CREAT | os.O_WRONLY, 0o600)
    try:
        for _ in range(count):
            begun = time.perf_counter()
            os.write(descriptor, octets)
            os.fdatasync(descriptor)
            taken.append(time.perf_counter() - begun)
    finally:
        os.close(descriptor)
        os.unlink(path)
    return 1000 * sorted(taken)[count // 2]


def describe():
    """One line: processor, cores, memory, kernel."""
    with open("/proc/cpuinfo") as text:
        model = re.search(r"^model name\s*: (.*)$", text.read(), re.M)
    memory = status("/proc/meminfo").get("MemTotal", 0) / (1 << 20)
    return "%s, %d cores, %.0f GiB of memory, Linux %s, load %.1f" % (
        model.group(1) if model else os.uname().machine, len(os.sched_getaffinity(0)), memory, os.uname().release,
        os.getloadavg()[0])


def java_version(java):
    said = subprocess.run([java, "-version"], capture_output=True, text=True, timeout=60).stderr
    return re.search(r'version "([^"]+)"', said).group(1)
