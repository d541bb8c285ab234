# SPDX-License-Identifier: Apache-2.0
"""Verbs of the audit trail: exported, verified, tampered with; and what must never be said aloud."""

import glob
import json
import os
import re
import subprocess

from .engine import Failed, PlayError, verb

SECRET_FILES = ("*.secret", "*.apiv3", "*.password", "*.key", "*.pem")


def exported(play):
    """The trail as it is now, and what `tallygate audit verify` says of it."""
    path = f"{play.house.var}/trail.jsonl"
    with open(path, "w", encoding="utf-8") as file:
        status = play.house.run_to(["audit", "export"], file)
    if status != 0:
        raise Failed(f"tallygate audit export ended with {status}")
    return play.house.run(["--lang", "en", "audit", "verify", path, "--key", f"{play.house.var}/pki/audit.pub"])


@verb("expect-trail", "", "exit within unsealed", free="words")
def expect_trail(play, words, *, exit="0", within="10", unsealed=None):
    """Exported and verified, the trail gives this exit status and these words; `unsealed` events wait for a checkpoint."""
    def seen():
        status, play.output = exported(play)
        counts = json.loads(next((line for line in play.output.splitlines() if line.startswith("{")), "{}"))
        return (str(status) == exit and all(word in play.output for word in words)
                and unsealed in (None, str(counts.get("unsealed"))))
    play.wait_until(seen, within, lambda: f"expected exit {exit}, {words}, unsealed {unsealed}; saw {play.output}")


@verb("tamper", "SQL")
def tamper(play, sql):
    """Somebody with all rights to the database does this, past all keys and checks."""
    with open(f"{play.house.var}/pg/conninfo", encoding="utf-8") as file:
        server = file.read().strip()
    done = subprocess.run(["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", f"{server} dbname=tallygate"], encoding="utf-8",
                          input=f"SET session_replication_role = replica; SET search_path = tallygate; {sql};",
                          capture_output=True, timeout=60, check=False)
    if done.returncode != 0:
        raise Failed(f"{sql}: {done.stderr}")


def spoken(play):
    """Everything that the house says to people and machines that may not know its secrets: name -> text."""
    said = {"/metrics": play.house.ops("/metrics")[1], "errors of the API": "\n".join(play.house.errors)}
    for path in (*glob.glob(f"{play.house.var}/log/*.log"), f"{play.house.var}/pg/data/log"):
        if os.path.basename(path) != "world.log":  # that is not ours
            with open(path, encoding="utf-8", errors="replace") as file:
                said[path] = file.read()
    return said


def secrets(play):
    """Every line of every secret file that is long enough to be no accident."""
    for pattern in SECRET_FILES:
        for path in glob.glob(f"{play.house.var}/pki/{pattern}"):
            with open(path, "rb") as file:
                text = file.read()
            if b"PUBLIC KEY" in text or b"BEGIN CERTIFICATE" in text:
                continue
            for line in text.splitlines():
                if len(line) >= 16 and not line.startswith(b"-----") and line.isascii():
                    yield os.path.basename(path), line.decode()


@verb("expect-discretion", "", "at-least", free="words")
def expect_discretion(play, words, *, at_least="1"):
    """No log, no metric and no error has a secret of the house or one of these planted words; `at-least` errors were seen."""
    planted = [*secrets(play), *(("planted", word) for word in words)]
    if not words or len(planted) == len(words):
        raise PlayError("expect-discretion needs planted words and a house with secrets")
    play.check(len(play.house.errors) >= int(at_least), f"only {len(play.house.errors)} errors were seen")
    for place, text in spoken(play).items():
        play.check(text != "" or place.startswith("errors"), f"{place} is empty: nothing was searched")
        for name, secret in planted:
            found = re.search(re.escape(secret), text)
            play.check(found is None, f"{place} holds what {name} says")
