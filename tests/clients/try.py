#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tries one sample of docs/clients in a running house:  try.py LANGUAGE VAR
Exit status: 0 it does what it says, 1 it does not, 77 its interpreter is not installed."""

import base64
import hashlib
import hmac
import json
import os
import secrets
import shutil
import subprocess
import sys
import time

SKIPPED = 77
CLIENTS = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))), "docs", "clients")
CODE = "91350100M000100Y43"


class Sample:
    """How a sample is started, what must be installed for it, and which algorithms its language has."""

    def __init__(self, file, command, tools, algorithms=("hmac-sha256", "ed25519"), build=None):
        self.path, self.command, self.tools = os.path.join(CLIENTS, file), command, tools
        self.algorithms, self.build = algorithms, build


SAMPLES = {
    "curl": Sample("curl/tallygate.sh", ["bash", "{file}"], ["bash", "curl", "openssl"]),
    "csharp": Sample("csharp/Tallygate.cs", ["mono", "{out}/Tallygate.exe"], ["mcs", "mono"], ("hmac-sha256",),
                     ["mcs", "-warnaserror", "-out:{out}/Tallygate.exe", "{file}"]),
    "java": Sample("java/Tallygate.java", ["java", "-Xshare:auto", "-XX:TieredStopAtLevel=1", "-cp", "{out}", "Tallygate"],
                   ["javac", "java"], build=["javac", "-Xlint:all", "-Werror", "-d", "{out}", "{file}"]),
    "javascript": Sample("javascript/tallygate.mjs", ["node", "{file}"], ["node"]),
    "php": Sample("php/tallygate.php", ["php", "{file}"], ["php"]),
    "python": Sample("python/tallygate.py", ["python3", "-B", "{file}"], ["python3"], ("hmac-sha256",)),
}


class Trial:
    def __init__(self, language, sample, var):
        with open(f"{var}/run/endpoints.json", encoding="utf-8") as file:
            self.house = json.load(file)
        self.language, self.sample, self.held = language, sample, 0
        self.out = f"{var}/{language}"
        os.makedirs(self.out, exist_ok=True)
        self.keys = {one["algorithm"]: one for one in reversed(self.house["clients"]) if one["role"] == "portal"}

    def expect(self, held, message):
        self.held += 1
        if not held:
            raise SystemExit(f"{self.language}: {message}")

    def filled(self, words):
        return [word.format(file=self.sample.path, out=self.out) for word in words]

    def build(self):
        if self.sample.build:
            subprocess.run(self.filled(self.sample.build), check=True, timeout=120)

    def run(self, words, algorithm="hmac-sha256", **more):
        """(exit status, standard output)."""
        key = self.keys[algorithm]
        environment = {**os.environ, "TALLYGATE_URL": self.house["api"], "TALLYGATE_KEYID": key["keyid"],
                       "TALLYGATE_KEY_FILE": key["secret_file"], "TALLYGATE_ALGORITHM": algorithm,
                       "TALLYGATE_CLOCK_SHIFT_S": str(self.house["clock_shift_s"]), **more}
        done = subprocess.run([*self.filled(self.sample.command), *words], env=environment, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120, check=False)
        sys.stderr.write(done.stderr.decode("utf-8", "replace"))
        return done.returncode, done.stdout.decode("utf-8")

    def answer(self, words, status=0, **more):
        code, text = self.run(words, **more)
        self.expect(code == status, f"{words[0]} ends with {code}, expected {status}: {text}")
        return json.loads(text)

    def write(self, name, content):
        path = f"{self.out}/{name}"
        with open(path, "wb") as file:
            file.write(content)
        return path

    def payments(self, algorithm):
        """One order is paid for once: the same key again gives the first answer."""
        number = f"CLIENT-{self.language}-{algorithm}-{secrets.token_hex(4)}"
        order = {"order_no": number, "kind": "new", "applicant": "supplier", "unit_name": "示例科技有限公司", "uscc": CODE,
                 "quantity": 2, "unit_fee": 28000, "amount": 56000, "invoice": {"title": "示例科技有限公司", "tax_no": CODE}}
        body = {"order": order, "return_url": f"{self.house['world']['portal']}/orders/{number}"}
        # A newline at the end is easily lost between the digest and the wire.
        path = self.write("order.json", json.dumps(body, ensure_ascii=False).encode() + b"\n")
        made = self.answer(["create", path, f"key-{number}"], algorithm=algorithm)
        self.expect(made["order_no"] == number and made["amount"] == 56000 and made["state"] == "open", made)
        again = self.answer(["create", path, f"key-{number}"], algorithm=algorithm)
        self.expect(again == made, f"the same key gave {again}, at first {made}")
        seen = self.answer(["refresh", made["id"]], algorithm=algorithm)
        self.expect(seen["id"] == made["id"] and seen["state"] == "open" and seen["certainty"] == "confirmed", seen)

    def refusals(self):
        """A problem is shown and is no success."""
        wrong = self.write("wrong.secret", b"0123456789abcdef0123456789abcdef0123456789\n")
        os.chmod(wrong, 0o600)
        problem = self.answer(["refresh", "pay_1"], status=1, TALLYGATE_KEY_FILE=wrong)
        self.expect(problem["code"] == "signature_invalid", problem)
        self.expect(problem["explain"]["differences"][0]["code"] == "no_usual_difference", problem)
        problem = self.answer(["refresh", "pay_1"], status=1)
        self.expect(problem["code"] == "payment_unknown", problem)

    def webhook(self, body, message_id, timestamp, signature, genuine, why, secret="whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"):
        path = self.write("webhook.json", body)
        code, text = self.run(["verify-webhook", path, message_id, timestamp, signature], TALLYGATE_WEBHOOK_SECRET=secret)
        self.expect((code, text.strip()) == ((0, "genuine") if genuine else (1, "not genuine")),
                    f"{why}: expected {'genuine' if genuine else 'not genuine'}, saw {code} {text!r}")

    def webhooks(self):
        """Signed here as Standard Webhooks 1.0.0 says; one thing at a time is wrong."""
        key = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
        body = '{"type": "payment.paid", "data": {"unit_name": "示例科技有限公司"}}\n'.encode()
        now = int(time.time()) + self.house["clock_shift_s"]

        def signed(text, at, message_id="msg_1"):
            mac = hmac.new(key, f"{message_id}.{at}.".encode() + text, hashlib.sha256).digest()
            return "v1," + base64.b64encode(mac).decode()

        good, at = signed(body, now), str(now)
        self.webhook(body, "msg_1", at, good, True, "as it was sent")
        self.webhook(body, "msg_1", at, f"v1,AAAA {good}", True, "the second of two secrets")
        self.webhook(body[:-1], "msg_1", at, good, False, "without its last byte")
        self.webhook(body, "msg_2", at, good, False, "another id")
        self.webhook(body, "msg_1", str(now + 1), good, False, "another time")
        self.webhook(body, "msg_1", at, good[3:], False, "without its version")
        self.webhook(body, "msg_1", at, "", False, "no signature")
        for away in (-400, 400):
            self.webhook(body, "msg_1", str(now + away), signed(body, now + away), False, "long ago, or not yet")
        self.webhook(body, "msg_1", at, good, False, "another secret", secret="whsec_" + base64.b64encode(b"x" * 24).decode())

    def perform(self):
        self.build()
        for algorithm in self.sample.algorithms:
            self.payments(algorithm)
        self.refusals()
        self.webhooks()
        code, _ = self.run(["nonsense"])
        self.expect(code == 2, f"a command that it does not know ends with {code}")


def main(words):
    if len(words) != 2 or words[0] not in SAMPLES:
        print(__doc__, file=sys.stderr)
        return 2
    sample = SAMPLES[words[0]]
    missing = [tool for tool in sample.tools if shutil.which(tool) is None]
    if missing:
        print(f"SKIPPED: {words[0]} needs {' and '.join(missing)}, not installed here")
        return SKIPPED
    trial = Trial(words[0], sample, os.path.realpath(words[1]))
    trial.perform()
    print(f"{words[0]}: {trial.held} expectations held, {' and '.join(sample.algorithms)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
