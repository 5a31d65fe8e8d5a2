"""Asks a Prometheus that collects from a relay each query of the dashboard, and how it gets on with the rules.

prometheus_answers.py URL grafana-dashboard.json alerts.yml

Fails when a query or a rule is an error, when a query that must have an answer has none, or when an alert fires that must not.
"""

import json
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

PATIENCE_SECONDS = 90

# May have no answer: the relay here has no certificate and no backup that gets a part of the mails, has asked about nobody, and all
# that was compared agrees.
MAY_BE_EMPTY = ("smtpdup_certificate_days_left", "smtpdup_copies_left_out_recipients_total", "smtpdup_recipients_asked_total",
                'relation!="agreed"', "jvm_gc_pause_seconds")

base = sys.argv[1]


def ask(path, **query):
    url = base + path + "?" + urllib.parse.urlencode(query)
    try:
        with urllib.request.urlopen(url) as answer:
            return json.load(answer)["data"]
    except urllib.error.HTTPError as error:
        sys.exit(f"{query}: {error.read().decode()}")


def ready():
    """Whether there is enough to compute a rate of, and every rule was evaluated."""
    try:
        up = ask("/api/v1/query", query='count_over_time(smtpdup_spool_usable[1m]) > 5')["result"]
    except OSError:
        return False
    rules = [rule for group in ask("/api/v1/rules")["groups"] for rule in group["rules"]]
    return bool(up) and all(rule["health"] != "unknown" for rule in rules)


def queries(dashboard):
    """Each with its panel's title and the names of Grafana replaced as Grafana would."""
    for panel in dashboard["panels"]:
        for target in panel.get("targets", []):
            query = target["expr"]
            for name, value in (("$__rate_interval", "15s"), ("$job", ".*"), ("$instance", ".*"), ("$destination", ".*")):
                query = query.replace(name, value)
            yield panel["title"], query


def main():
    end = time.monotonic() + PATIENCE_SECONDS
    while not ready():
        if time.monotonic() > end:
            sys.exit("Prometheus does not collect")
        time.sleep(0.5)
    with open(sys.argv[2], encoding="utf-8") as file:
        dashboard = json.load(file)
    with open(sys.argv[3], encoding="utf-8") as file:
        expected = sum(1 for line in file if line.lstrip().startswith("- alert:"))
    rules = [rule for group in ask("/api/v1/rules")["groups"] for rule in group["rules"]]
    wrong = [f"{rule['name']}: {rule['lastError']}" for rule in rules if rule["health"] != "ok"]
    if len(rules) != expected:
        wrong.append(f"{len(rules)} of {expected} rules are loaded")
    wrong += [f"{rule['name']} fires" for rule in rules if rule["state"] == "firing"]
    asked = 0
    for title, query in queries(dashboard):
        asked += 1
        result = ask("/api/v1/query", query=query)["result"]
        if not result and not any(name in query for name in MAY_BE_EMPTY):
            wrong.append(f"{title}: nothing for {query}")
    if wrong:
        sys.exit("\n".join(wrong))
    print(f"{asked} queries answered, {len(rules)} rules evaluated")


main()
