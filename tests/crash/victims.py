# SPDX-License-Identifier: Apache-2.0
"""Whom to kill, and how the house stands again."""

import glob
import os
import re
import select
import signal
import subprocess
import time
import urllib.parse

from player.engine import Failed
from player.verbs_service import processes

HOUSE = os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "scenario", "house.sh")
PATIENCE_S = 60

# The first ones come in this order, so that each kind is killed in every run.
VICTIMS = ("worker", "database", "keys", "parent", "chores", "database", "all workers", "worker")


def children_of(pid):
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/stat", encoding="ascii", errors="replace") as file:
                if int(file.read().rpartition(")")[2].split()[1]) == pid:
                    found.append(int(name))
        except (FileNotFoundError, ProcessLookupError):  # it has ended meanwhile
            continue
    return found


def await_end(watches, what):
    for watch in watches:
        if not select.select([watch], [], [], PATIENCE_S)[0]:
            raise Failed(what)
        os.close(watch)


def kill_all(pids):
    """SIGKILL, and the wait until the kernel has taken each of them away."""
    watches = []
    for pid in pids:
        try:
            watches.append(os.pidfd_open(pid))
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    await_end(watches, "a process that was killed is still there")


def house(*words):
    done = subprocess.run([HOUSE, *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          check=False, timeout=120)
    if done.returncode != 0:
        raise Failed(f"house.sh {' '.join(words)}: {done.stdout.decode('utf-8', 'replace')}")


def kill_database(play):
    """The postmaster and every process of it. Where nobody reaps orphans the dead postmaster would still be taken for a running
    one, so its locks go too: all of its processes have ended."""
    lock = f"{play.house.var}/pg/data/postmaster.pid"
    with open(lock, encoding="ascii") as file:
        postmaster = int(file.readline())
    kill_all([postmaster, *children_of(postmaster)])
    for path in (lock, *glob.glob(f"{play.house.var}/pg/socket/.s.PGSQL.*.lock")):
        os.unlink(path)
    house("database", "start", play.house.var)


def kill_parent(play):
    """Its children end with it. Until the last one has, they hold the doors that the next parent opens."""
    parent = processes(play, "parent")[0]
    orphans = [os.pidfd_open(pid) for pid in children_of(parent)]
    kill_all([parent])
    await_end(orphans, "a child outlives its parent")
    house("gateway", play.house.var)


def kill_children(play, role, choice, every):
    pids = processes(play, role)
    victims = pids if every else [choice.choice(pids)]
    kill_all(victims)
    play.wait_until(lambda: len(processes(play, role)) == len(pids) and not set(victims) & set(processes(play, role)), PATIENCE_S,
                    lambda: f"the children are {play.house.children()}, {victims} were killed")


def kill(play, victim, choice):
    """Kills and waits until the house is ready again; the seconds that took."""
    began = time.monotonic()
    if victim == "database":
        kill_database(play)
    elif victim == "parent":
        kill_parent(play)
    else:
        kill_children(play, victim.removeprefix("all ").removesuffix("s") if victim.startswith("all") else victim, choice,
                      victim.startswith("all"))
    play.wait_until(lambda: play.house.ops("/readyz")[0] == 200, PATIENCE_S,
                    lambda: f"not ready after the {victim} was killed: {play.house.ops('/readyz')}")
    return time.monotonic() - began


def fix_house(play):
    """As in production, a gateway that is started again has the addresses that it had. Money that comes twice or late goes back
    by itself."""
    path = play.house.endpoints["configuration"]
    with open(path, encoding="utf-8") as file:
        text = re.sub(r"(?m)^\[account .*\]$", "\\g<0>\nlate_money = refund\nduplicate_money = refund\nrefund_auto_max = 100.00", file.read())
    text += "\n[listen]\n"
    for name in ("api", "callbacks", "ops"):
        text += f"{name} = {urllib.parse.urlsplit(play.house.endpoints[name]).netloc}\n"
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    before = {child["pid"] for child in play.house.children()}
    os.kill(processes(play, "parent")[0], signal.SIGHUP)
    play.wait_until(lambda: not before & {child["pid"] for child in play.house.children()}, PATIENCE_S,
                    lambda: f"children of the old settings are left: {before} of {play.house.children()}")
