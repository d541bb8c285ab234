# SPDX-License-Identifier: Apache-2.0
"""What house.sh needs besides bash: processes by id, and addresses as JSON."""

import json
import os
import select
import shlex
import signal
import sys
import time
import urllib.request

TICK_S = 0.02
CLIENTS = (
    ("portal", "hmac-sha256", "portal", "client-portal.secret"),
    ("portal-ed25519", "ed25519", "portal", "client-portal-ed25519.key"),
    ("finance", "hmac-sha256", "finance-maker", "client-finance.secret"),
    ("checker", "hmac-sha256", "finance-checker", "client-checker.secret"),
    ("auditor", "hmac-sha256", "auditor", "client-auditor.secret"),
    ("operator", "hmac-sha256", "operator", "client-operator.secret"),
)


def read_json(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def write_json(path, value):
    """Readers see the old file or the new one, never half of one."""
    with open(path + ".new", "w", encoding="utf-8") as file:
        json.dump(value, file, indent=2, ensure_ascii=False)
        file.write("\n")
    os.rename(path + ".new", path)


def started_at(pid):
    """The start time in ticks: with it a process id cannot be mistaken for a later owner's."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            fields = file.read().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] == "Z" else fields[19]


def recall(path):
    """The process id that house.sh wrote down, or None when that process is gone."""
    try:
        with open(path, encoding="ascii") as file:
            pid, ticks = file.read().split()
    except (OSError, ValueError):
        return None
    return int(pid) if ticks != "None" and started_at(pid) == ticks else None


def wait_gone(path, seconds):
    """True when the process ended in time."""
    pid = recall(path)
    if pid is None:
        return True
    try:
        watch = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([watch], [], [], seconds)[0])
    finally:
        os.close(watch)


def wait(path, pid_path, seconds, log):
    """Waits for a file that a starting program writes; says why when the program ends instead."""
    deadline = time.monotonic() + float(seconds)
    while not os.path.exists(path):
        if wait_gone(pid_path, TICK_S) or time.monotonic() > deadline:
            with open(log, encoding="utf-8", errors="replace") as file:
                sys.exit(f"{path} was not written; the last lines of {log}:\n" + "".join(file.readlines()[-12:]))


def end(path, seconds):
    pid = recall(path)
    if pid is None:
        return
    os.kill(pid, signal.SIGTERM)
    if not wait_gone(path, float(seconds)):
        print(f"process {pid} did not end within {seconds} s and is killed", file=sys.stderr)
        os.kill(pid, signal.SIGKILL)
        wait_gone(path, 5)


def shell(path):
    """The world's addresses as shell assignments."""
    world = read_json(path)
    for name, key in (("alipay", "alipay"), ("bills", "alipay_bills"), ("wechatpay", "wechatpay"),
                      ("unionpay", "unionpay"), ("unionpay_files", "unionpay_files"), ("portal", "portal")):
        print(f"{name}={shlex.quote(world[key])}")


def accounts(path, addresses, roots):
    """The account sections of an addition, with the addresses that it wrote down."""
    with open(path, encoding="utf-8") as file:
        print(file.read().format_map({**read_json(addresses), "roots": roots}))


def setting(path, change):
    """"account main/methods=qr" within a file of settings: the line is changed, or added to its section."""
    place, _, value = change.partition("=")
    section, _, name = place.rpartition("/")
    with open(path, encoding="utf-8") as file:
        lines = file.read().split("\n")
    try:
        first = lines.index(f"[{section}]") + 1
    except ValueError:
        sys.exit(f"{path} has no section [{section}]")
    last = next((at for at in range(first, len(lines)) if lines[at].startswith("[")), len(lines))
    for at in range(first, last):
        if lines[at].partition("=")[0].strip() == name:
            lines[at] = f"{name} = {value}"
            break
    else:
        lines.insert(first, f"{name} = {value}")
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(lines))


def build(path):
    """Where the house's programs are."""
    print(read_json(path)["build"])


def post(url, body):
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=10) as answer:
        return json.load(answer)


def introduce(var, database, build, shift_s, addition):
    """Tells the portal where the gateway is, and everybody else where everything is."""
    gateway = read_json(f"{var}/run/tallygated.json")
    world = read_json(f"{var}/run/world.json")
    clients = [
        {"keyid": keyid, "algorithm": algorithm, "role": role, "secret_file": f"{var}/pki/{file}"}
        for keyid, algorithm, role, file in CLIENTS
    ]
    post(world["control"] + "/portal/gateway", {
        "api": gateway["api"],
        "clients": [{key: client[key] for key in ("keyid", "algorithm", "secret_file")} for client in clients],
    })
    settings = dict(pair.split("=", 1) for pair in database.split())
    write_json(f"{var}/run/endpoints.json", {
        **{name: gateway[name] for name in ("api", "callbacks", "checkout", "ops")},
        "world": {name: world[name] for name in ("alipay", "wechatpay", "unionpay", "portal", "control")},
        "addition": {**read_json(f"{var}/run/addition.json"), "folder": addition} if addition else None,
        "database": "postgresql://{user}@{host}:{port}/{dbname}".format(**settings),
        "clients": clients,
        "configuration": f"{var}/tallygate.conf",
        "tls_roots": f"{var}/pki/tls-root.crt",
        "build": build,
        "clock_shift_s": int(shift_s),
    })


COMMANDS = {"wait": wait, "end": end, "shell": shell, "accounts": accounts, "introduce": introduce,
            "setting": setting, "build": build}

if __name__ == "__main__":
    COMMANDS[sys.argv[1]](*sys.argv[2:])
