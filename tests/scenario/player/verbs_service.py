# SPDX-License-Identifier: Apache-2.0
"""Verbs about the service itself: its processes, its numbers, its database."""

import http.client
import os
import signal as signals
import subprocess
import threading
import urllib.parse

from . import house as parts
from .engine import Failed, PlayError, as_text, holds, verb, COMPARISON
from .verbs_order import order_of


@verb("ops", "PATH", "status within", free="words")
def ops(play, path, words, *, status="200", within="10"):
    """The listener of operations answers so, at once or within some seconds, and says these words."""
    def seen():
        code, text = play.house.ops(path)
        return code == int(status) and all(word in text for word in words)
    play.wait_until(seen, within, lambda: f"expected {status} {words}, saw {play.house.ops(path)}")


@verb("mark", free="words")
def mark(play, names):
    """Remembers counters, for `metric` to look at their growth."""
    for name in names:
        play.marks[name] = play.house.metric(name)


@verb("metric", "", "within", free="comparisons")
def metric(play, comparisons, *, within="10"):
    """Counters compared: name=… absolute; +name=… is not a name, so growth since `mark` is name.grown>=1."""
    def value(path):
        name, _, grown = path.partition(".")
        if grown and (grown != "grown" or name not in play.marks):
            raise PlayError(f"{path}: mark {name} first and ask for {name}.grown")
        return play.house.metric(name) - (play.marks[name] if grown else 0)

    for comparison in comparisons:
        path, operator, wanted = COMPARISON.fullmatch(comparison).groups()
        play.wait_until(lambda: holds(value(path), operator, wanted), within,
                        lambda: f"expected {comparison}, saw {as_text(value(path))}")


def processes(play, role):
    if role == "parent":
        return [parts.recall(f"{play.house.var}/run/gateway.pid")]
    return [child["pid"] for child in play.house.children() if child["role"] == role]


@verb("kill", "ROLE", "signal")
def kill(play, role, *, signal="KILL"):
    """Kills the first child of a role and expects another in its place."""
    before = processes(play, role)
    if not before:
        raise Failed(f"no child is a {role}: {play.house.children()}")
    os.kill(before[0], getattr(signals, f"SIG{signal}"))
    play.wait_until(lambda: len(processes(play, role)) == len(before) and before[0] not in processes(play, role), 20,
                    lambda: f"the children are {play.house.children()}, process {before[0]} was killed")


@verb("database", "STATE")
def database(play, state):
    """Takes the database away (stop) or gives it back (start)."""
    script = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "house.sh")
    done = subprocess.run([script, "database", state, play.house.var], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, timeout=90)
    if done.returncode != 0:
        raise Failed(done.stdout.decode("utf-8", "replace"))


@verb("slow-cashier", "NAME METHOD")
def slow_cashier(play, name, method):
    """The payer presses a method whose provider will not answer; the request is left under way."""
    order = order_of(play, name)
    url = urllib.parse.urlsplit(order.payment["checkout_url"])
    line = http.client.HTTPConnection(url.hostname, url.port, timeout=60)
    body = urllib.parse.urlencode({"provider": "alipay", "method": method})
    line.request("POST", url.path, body, {"Content-Type": "application/x-www-form-urlencoded"})

    def listen():
        try:
            answer = line.getresponse()
            play.notes["slow"] = (answer.status, answer.read().decode("utf-8", "replace"))
        except OSError as error:
            play.notes["slow"] = (0, repr(error))
    play.notes["listener"] = threading.Thread(target=listen, daemon=True)
    play.notes["listener"].start()


@verb("drain", "", "within")
def drain(play, *, within="30"):
    """SIGTERM to the service: what is under way is finished, nothing new is taken, the process ends."""
    pid_file = f"{play.house.var}/run/gateway.pid"
    pid = parts.recall(pid_file)
    if pid is None:
        raise Failed("the service does not run")
    os.kill(pid, signals.SIGTERM)
    play.check(parts.wait_gone(pid_file, float(within)), f"the service did not end within {within} s")
    play.check(not os.path.exists(f"{play.house.var}/run/tallygated.json"), "its address file is still there")
    play.check(play.house.ops("/livez")[0] == 0, "something still answers")


@verb("expect-slow", "", "status")
def expect_slow(play, *, status):
    """The request left under way was answered so."""
    play.notes["listener"].join(30)
    seen = play.notes.get("slow", (None, "no answer"))
    play.check(str(seen[0]) == status, f"expected {status}, saw {seen}")
