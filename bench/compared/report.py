"""The figures as tables that people read, and RESULTS.md keeps."""
import os
import statistics
import subprocess
import sys
import time

from compared import machine

def median(values, form="%.2f"):
    values = [value for value in values if value is not None]
    return form % statistics.median(values) if values else "-"


def percentile(values, part):
    return sorted(values)[min(len(values) - 1, round(part / 100 * (len(values) - 1)))]


def table(head, rows):
    width = [max(len(str(row[column])) for row in [head, *rows]) for column in range(len(head))]
    lines = ["| " + " | ".join(str(cell).ljust(width[column]) for column, cell in enumerate(row)) + " |" for row in [head, *rows]]
    lines.insert(1, "|" + "|".join("-" * (w + 2) for w in width) + "|")
    return "\n".join(lines)


def one(found):
    """A round of somebody, in a line."""
    if found["error"]:
        return found["error"]
    parts = ["%.0f accepted/s" % found["accepted"], "arrived %s" % "/".join(map(str, found["counts"]))]
    if "cpu" in found:
        parts.append("%.2f s of CPU for 1,000" % found["cpu"])
    return ", ".join(parts)


def comparison(run, line, latency, checked):
    """The whole text, and how many mails are missing."""
    parts, missing = [head(run)], sum(found["missing"] for found in checked.values())
    for size, connections, results in run.measured:
        rows = []
        for name, rounds in results.items():
            good = [found for found in rounds if not found["error"]]
            missing += sum(found["missing"] for found in good)
            if not good:
                rows.append([name, "failed"] + ["-"] * 7)
                continue
            rows.append([
                name, median([f["accepted"] for f in good], "%.0f"), median([f["arrived"] for f in good], "%.0f"),
                median([f.get("accepted_part") for f in good], "%.3f"), median([f.get("arrived_part") for f in good], "%.3f"),
                median([f.get("cpu") for f in good]), median([f.get("switches") for f in good], "%.0f"),
                "%.0f" % max(f["rss"] for f in good) if "rss" in good[0] else "-",
                "%d / %d%s" % (sum(f["missing"] for f in good), sum(f["twice"] for f in good),
                               ", %d rounds failed" % (len(rounds) - len(good)) if len(good) < len(rounds) else "")])
        parts += ["%s, %d connections, %s, %d rounds of %d mails:" % (
            size, connections, "reused" if run.options.reuse else "one for each mail", run.options.rounds,
            results["direct"][0]["mails"]), table(
            ["", "accepted/s", "arrived/s", "accepted : direct", "arrived : direct", "CPU s for 1,000", "switches per mail",
             "peak RSS MiB", "missing / more"], rows)]
    if latency:
        rows = [[name, "%.2f" % percentile(taken, 50), "%.2f" % percentile(taken, 99),
                 "%.2f" % (percentile(taken, 50) / percentile(latency["direct"], 50)),
                 "%.2f" % (percentile(taken, 99) / percentile(latency["direct"], 99))]
                for name, taken in latency.items() if taken]
        parts += ["10K, one mail at a time, %d of them, from connecting to the reply; one fsync of as many octets takes %.2f ms here:"
                  % (len(latency["direct"]), machine.fsync_millis(run.directory, 10240)),
                  table(["", "p50 ms", "p99 ms", "p50 : direct", "p99 : direct"], rows)]
    if checked:
        parts += ["By ids, over all servers:", table(
            ["", "accepted", "missing", "twice", "refused"],
            [[name, found["accepted"], found["missing"], found["twice"], found["refused"] or "-"] for name, found in checked.items()])]
    return "\n\n".join(parts + problems(run)) + "\n", missing


def cold(run, results):
    rows = [[name, median([f["greeting"] for f in found]), median([f["start"] for f in found]), median([f["cpu"] for f in found]),
             median([5 * f["cpu"] for f in found]), "%.0f" % max(f["rss"] for f in found)] for name, found in results.items()]
    text = table(["10K, 20 connections, two backups", "start to greeting s", "CPU s until then", "CPU s for 1,000 of the first 5,000",
                  "CPU s for the first 5,000", "peak RSS MiB"], rows)
    missing = sum(f["missing"] for found in results.values() for f in found)
    return "\n\n".join([head(run), text, *problems(run)]) + "\n", missing


def problems(run):
    return ["Problems: " + "; ".join(run.problems)] if run.problems else []


def head(run):
    javas = ", ".join(machine.java_version(java) for java in run.options.javas)
    return "\n".join([
        "## %s, commit %s" % (time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()), commit()), "",
        "%s; Java %s." % (machine.describe(), javas), "", "`compare.py %s`" % " ".join(sys.argv[1:])])


def commit():
    def git(*arguments):
        said = subprocess.run(["git", *arguments], cwd=os.path.dirname(os.path.abspath(__file__)), capture_output=True, text=True)
        return said.stdout.strip()
    return git("rev-parse", "--short", "HEAD") + (" with changes" if git("status", "--porcelain", "--untracked-files=no") else "")


def record(text):
    file = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "RESULTS.md")
    with open(file, "a") as out:
        out.write("\n" + text)
