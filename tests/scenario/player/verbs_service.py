# SPDX-License-Identifier: Apache-2.0
"""Verbs about the service itself: its processes, its numbers, its database."""

import os
import re
import signal as signals
import subprocess

from . import house as parts
from .engine import COMPARISON, Failed, Meanwhile, PlayError, Step, as_text, holds, verb


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


@verb("expect-serial", "FILE")
def expect_serial(play, file):
    """The last program named the serial of this certificate of the PKI, as openssl tells it."""
    done = subprocess.run(["openssl", "x509", "-noout", "-serial", "-in", f"{play.house.var}/pki/{file}"],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=False, timeout=30)
    if done.returncode != 0:
        raise PlayError(f"openssl cannot read {file}")
    serial = done.stdout.decode("ascii").strip().partition("=")[2]
    play.check(serial in play.output, f"expected the serial {serial} of {file} in:\n{play.output}")


@verb("clock", "AHEAD")
def clock(play, ahead):
    """clock +6m: the world's clock and the service's go ahead (s, m or h). The service reads its own anew, child by child."""
    match = re.fullmatch(r"\+([0-9]+)([smh])", ahead)
    if not match:
        raise PlayError(f"{ahead!r} is no step such as +90s, +6m or +2h")
    play.house.shift_s += int(match[1]) * {"s": 1, "m": 60, "h": 3600}[match[2]]
    # The world's first: what becomes due at the service asks it.
    play.house.control("POST", "/clock", {"shift_s": play.house.shift_s})
    set_clock(play.house)
    before = {child["pid"] for child in play.house.children()}
    os.kill(processes(play, "parent")[0], signals.SIGHUP)
    play.wait_until(lambda: not before & {child["pid"] for child in play.house.children()}, 60,
                    lambda: f"children of the old time are left: {before} of {play.house.children()}")


def set_clock(house):
    path = house.endpoints["configuration"]
    with open(path, encoding="utf-8") as file:
        text, count = re.subn(r"(?m)^clock_shift_s = .*$", f"clock_shift_s = {house.shift_s}", file.read())
    if count != 1:
        raise PlayError(f"{path} sets the clock {count} times")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


@verb("meanwhile", free="words")
def meanwhile(play, words):
    """Begins a step and goes on; join waits for it. Its expectations count as any other's."""
    thread = Meanwhile(play, Step("meanwhile", words))
    play.others.append(thread)
    thread.start()


@verb("join")
def join(play):
    """Waits for every step begun meanwhile."""
    for thread in play.others:
        thread.join(60)
        play.check(not thread.is_alive(), f"{thread.step.word} goes on for more than 60 s")
        if thread.failure is not None:
            raise thread.failure
    play.others = []


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

