# SPDX-License-Identifier: Apache-2.0
"""The running house: its addresses, the outside world's control calls, the operator's programs."""

import http.client
import json
import os
import subprocess
import urllib.parse
from datetime import datetime, timedelta, timezone

from . import house as parts
from .engine import Failed, PlayError

CHINA = timezone(timedelta(hours=8))
TIMEOUT_S = 40


class House:
    def __init__(self, var):
        self.var = os.path.realpath(var)
        try:
            self.endpoints = parts.read_json(f"{self.var}/run/endpoints.json")
        except OSError as error:
            raise PlayError(f"no house stands in {self.var}: {error}") from error
        self.shift_s = self.endpoints["clock_shift_s"]
        self.today = self.now().date()
        self.night_s = 0
        self.errors = []  # every answer of the API that was one, as it came

    def now(self):
        """The house's own time, in China."""
        return datetime.now(CHINA) + timedelta(seconds=self.shift_s)

    def moment(self, text):
        """"12:00" today, or "+1d 10:30" on a later day: RFC 3339."""
        days, _, clock = text.rpartition("d ")
        try:
            at = datetime.strptime(clock, "%H:%M").time()
            day = self.today + timedelta(days=int(days or 0))
        except ValueError as error:
            raise PlayError(f"{text!r} is no time such as 12:00 or '+1d 10:30'") from error
        return datetime.combine(day, at, CHINA)

    def day(self, word):
        try:
            return self.today + timedelta(days={"yesterday": -1, "today": 0, "tomorrow": 1}[word])
        except KeyError as error:
            raise PlayError(f"{word!r} is not yesterday, today or tomorrow") from error

    def http(self, base, method, path, body=None):
        """(status, text); status 0 when nobody answers."""
        parts_of = urllib.parse.urlsplit(base)
        line = http.client.HTTPConnection(parts_of.hostname, parts_of.port, timeout=TIMEOUT_S)
        data = None if body is None else json.dumps(body).encode()
        try:
            line.request(method, path, data, {"Content-Type": "application/json"} if data is not None else {})
            answer = line.getresponse()
            return answer.status, answer.read().decode("utf-8", "replace")
        except OSError as error:
            return 0, str(error)
        finally:
            line.close()

    def control(self, method, path, body=None, world="world"):
        """A control call of the outside world, or of the part that a test adds to it, that must succeed."""
        status, text = self.http(self.endpoints[world]["control"], method, path, body)
        if status != 200:
            raise Failed(f"the world answered {method} {path} with {status}: {text.strip()}")
        return json.loads(text)

    def call(self, method, path, **more):
        """The portal calls the gateway, signed; the gateway's own answer."""
        answer = self.control("POST", "/portal/call", {"method": method, "path": path, **more})
        if answer.get("status", 0) >= 400:
            self.errors.append(json.dumps(answer, ensure_ascii=False))
        return answer

    def ops(self, path):
        return self.http(self.endpoints["ops"], "GET", path)

    def metric(self, name):
        status, text = self.ops("/metrics")
        for line in text.splitlines():
            if line.split(" ")[0] == f"tallygate_{name}":
                return int(line.split(" ")[1])
        raise Failed(f"/metrics ({status}) has no tallygate_{name}")

    def command(self, words):
        """The operator's program, with the rights of the night."""
        database = self.endpoints["database"].replace("//tallygate_app@", "//tallygate_recon@")
        return [f"{self.endpoints['build']}/tallygate", "-c", self.endpoints["configuration"], "--database", database,
                "--clock-shift-s", str(self.shift_s + self.night_s), *words]

    def run(self, words):
        """(exit status, what it said)."""
        done = subprocess.run(self.command(words), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              timeout=120, check=False)
        return done.returncode, done.stdout.decode("utf-8", "replace")

    def run_to(self, words, file):
        """The exit status; its answer goes to a file."""
        return subprocess.run(self.command(words), stdin=subprocess.DEVNULL, stdout=file, timeout=120, check=False).returncode

    def beside(self, name):
        """The address of the portal API of a gateway that stands beside."""
        try:
            return parts.read_json(f"{self.var}/run-{name}/tallygated.json")["api"]
        except OSError as error:
            raise PlayError(f"no gateway {name} stands beside: {error}") from error

    def children(self):
        return parts.read_json(f"{self.var}/run/tallygated.json")["children"]
