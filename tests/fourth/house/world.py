#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The provider of this folder, played from its manual page alone:  world.py --pki DIR --endpoints FILE --shift-s N

Signs and verifies with the openssl program. FILE says where its gateway and its control calls are; the control calls are
the functions control_*, JSON in and JSON out."""

import argparse
import base64
import http.client
import http.server
import json
import os
import signal
import ssl
import subprocess
import tempfile
import threading
import urllib.parse
from datetime import datetime, timedelta, timezone
from decimal import ROUND_HALF_UP, Decimal

CHINA = timezone(timedelta(hours=8))
FEE = Decimal("0.006")
TIMEOUT_S = 20


def lines(fields):
    return "".join(f"{name}={value}\n" for name, value in fields)


class Keys:
    """Ed25519 by the openssl program; it signs and verifies whole files only."""

    def __init__(self, folder):
        self.folder = folder
        for name in ("testpay-app", "testpay-provider", "testpay-forger"):
            if not os.path.exists(self.path(name + ".pub")):
                self.openssl("genpkey", "-algorithm", "ED25519", "-out", self.path(name + ".key"))
                self.openssl("pkey", "-in", self.path(name + ".key"), "-pubout", "-out", self.path(name + ".pub"))
                os.chmod(self.path(name + ".key"), 0o640)
                os.chmod(self.path(name + ".pub"), 0o644)

    def path(self, name):
        return os.path.join(self.folder, name)

    @staticmethod
    def openssl(*words):
        return subprocess.run(["openssl", *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, check=True, timeout=TIMEOUT_S).stdout

    def signed(self, fields, key="testpay-provider"):
        text = lines(fields)
        with tempfile.NamedTemporaryFile() as file:
            file.write(text.encode())
            file.flush()
            raw = self.openssl("pkeyutl", "-sign", "-rawin", "-inkey", self.path(key + ".key"), "-in", file.name)
        return text + f"sign={base64.b64encode(raw).decode()}\n"

    def genuine(self, fields):
        """Whether the fields, sorted by name, carry our customer's signature."""
        text = lines(sorted((name, value) for name, value in fields.items() if name != "sign"))
        with tempfile.NamedTemporaryFile() as file, tempfile.NamedTemporaryFile() as sign:
            file.write(text.encode())
            file.flush()
            sign.write(base64.b64decode(fields.get("sign", ""), validate=True))
            sign.flush()
            done = subprocess.run(["openssl", "pkeyutl", "-verify", "-rawin", "-pubin", "-inkey",
                                   self.path("testpay-app.pub"), "-in", file.name, "-sigfile", sign.name],
                                  stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                  check=False, timeout=TIMEOUT_S)
        return done.returncode == 0


class Provider:
    def __init__(self, keys, shift_s):
        self.keys, self.shift_s, self.url = keys, shift_s, ""
        self.orders, self.lock = {}, threading.RLock()

    def now(self, less_s=0):
        return datetime.now(CHINA) + timedelta(seconds=self.shift_s - less_s)

    @staticmethod
    def civil(moment):
        return moment.strftime("%Y-%m-%d %H:%M:%S")

    def state(self, order):
        late = order["expires"] < self.civil(self.now())
        return "expired" if order["state"] == "open" and late else order["state"]

    def statement(self, order, less_s=0, amount=None):
        fields = [("app", order["app"]), ("shop", order["shop"]), ("order_no", order["order_no"]),
                  ("trade_no", order["trade_no"]), ("amount", amount or order["amount"]),
                  ("at", self.civil(self.now(less_s))), ("state", self.state(order))]
        return fields + ([("paid_at", order["paid_at"])] if order["paid_at"] else [])

    # What a request asks for: its function gives (code, further fields).

    def do_pay(self, given):
        if given["order_no"] in self.orders:
            return "order_exists", []
        self.orders[given["order_no"]] = order = {**given, "state": "open", "paid_at": "",
                                                  "trade_no": f"TP{len(self.orders) + 1:020d}"}
        return "done", [("qr", f"https://testpay.invalid/{order['trade_no']}")]

    def do_query(self, given):
        order = self.orders.get(given["order_no"])
        # The answer's own order_no stands in front already.
        return ("no_such_order", []) if order is None else (
            "done", [field for field in self.statement(order) if field[0] != "order_no"])

    def do_close(self, given):
        order = self.orders.get(given["order_no"])
        if order is None:
            return "no_such_order", []
        if order["state"] != "open":
            return "already_paid", []
        order["state"] = "closed"
        return "done", []

    def do_bill(self, given):
        query = urllib.parse.urlencode({"day": given["day"], "shop": given["shop"]})
        return "done", [("url", f"{self.url}/bill?{query}")]

    def answer(self, given):
        """The signed answer to a call."""
        with self.lock:
            doing = getattr(self, "do_" + given["do"])
            code, more = doing(given) if self.keys.genuine(given) else ("bad_signature", [])
        head = [(name, given[name]) for name in ("do", "nonce", "order_no") if name in given]
        return self.keys.signed([*head, ("code", code), *more])

    def page(self, given):
        """What the payer's browser sees after the form."""
        with self.lock:
            if not self.keys.genuine(given):
                return 403, "not signed by the shop"
            self.do_pay(given)
        return 200, f"<!DOCTYPE html><title>Testpay</title><p>¥ {given['amount']}</p>"

    def bill(self, day, shop):
        paid = [one for one in self.orders.values() if one["paid_at"].startswith(day) and one["shop"] == shop]
        rows = []
        for one in paid:
            fee = (Decimal(one["amount"]) * FEE).quantize(Decimal("0.01"), ROUND_HALF_UP)
            rows.append(f"pay,{one['trade_no']},{one['order_no']},,{one['amount']},-{fee},{one['paid_at']}\n")
        total = sum((Decimal(one["amount"]) for one in paid), Decimal("0.00"))
        return f"bill,{day},{shop}\n{''.join(rows)}end,{len(paid)},{total},0,0.00\n"

    def call_back(self, order, **how):
        """Posts a statement to the shop's address: (status, reply)."""
        text = self.keys.signed([("event", "trade"), *self.statement(order, how.get("old_s", 0), how.get("amount"))],
                                "testpay-forger" if how.get("forged") else "testpay-provider")
        to = urllib.parse.urlsplit(order["notify"])
        line = http.client.HTTPConnection(to.hostname, to.port, timeout=TIMEOUT_S)
        try:
            line.request("POST", to.path, text.encode(), {"Content-Type": "text/plain; charset=utf-8"})
            answer = line.getresponse()
            return {"status": answer.status, "reply": answer.read().decode()}
        finally:
            line.close()

    # Control calls.

    def control_pay(self, given):
        """The payer confirms; a code is scanned before. Nobody is told."""
        with self.lock:
            order = self.orders[given["order_no"]]
            if "qr" in given and not given["qr"].endswith("/" + order["trade_no"]):
                raise ValueError(f"the code {given['qr']!r} is not that of {order['trade_no']}")
            if self.state(order) != "open":
                raise ValueError(f"the order is {self.state(order)}")
            order["state"], order["paid_at"] = "paid", self.civil(self.now())
        return {"amount": order["amount"]}

    def control_call_back(self, given):
        return self.call_back(self.orders[given.pop("order_no")], **given)

    def control_bill(self, given):
        return {"text": self.bill(**given)}

    def control_state(self, given):
        order = self.orders.get(given["order_no"])
        return {"state": "none" if order is None else self.state(order)}


class Handler(http.server.BaseHTTPRequestHandler):
    provider = None

    def body(self):
        return self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()

    def say(self, status, kind, text):
        data = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind + "; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


class Gateway(Handler):
    def do_POST(self):
        if self.path == "/call":
            given = dict(line.split("=", 1) for line in self.body().splitlines())
            self.say(200, "text/plain", self.provider.answer(given))
        elif self.path == "/page":
            status, page = self.provider.page(dict(urllib.parse.parse_qsl(self.body(), keep_blank_values=True)))
            self.say(status, "text/html", page)
        else:
            self.say(404, "text/plain", "no such thing\n")

    def do_GET(self):
        where = urllib.parse.urlsplit(self.path)
        if where.path == "/bill":
            self.say(200, "text/csv", self.provider.bill(**dict(urllib.parse.parse_qsl(where.query))))
        else:
            self.say(404, "text/plain", "no such thing\n")


class Control(Handler):
    def do_POST(self):
        try:
            answer = getattr(self.provider, "control" + self.path.replace("/", "_"))(json.loads(self.body()))
            self.say(200, "application/json", json.dumps(answer))
        except (AttributeError, KeyError, ValueError) as error:
            self.say(400, "application/json", json.dumps({"error": repr(error)}))


def serve(handler):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    return server


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--pki", required=True)
    options.add_argument("--endpoints", required=True)
    options.add_argument("--shift-s", type=int, default=0)
    given = options.parse_args()
    os.umask(0o027)
    provider = Handler.provider = Provider(Keys(given.pki), given.shift_s)
    gateway, control = serve(Gateway), serve(Control)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(f"{given.pki}/tls-server.crt", f"{given.pki}/tls-server.key")
    gateway.socket = context.wrap_socket(gateway.socket, server_side=True, do_handshake_on_connect=False)
    provider.url = f"https://127.0.0.1:{gateway.server_address[1]}"
    for server in (gateway, control):
        threading.Thread(target=server.serve_forever, daemon=True).start()
    with open(given.endpoints + ".new", "w", encoding="utf-8") as file:
        json.dump({"gateway": provider.url, "control": f"http://127.0.0.1:{control.server_address[1]}"}, file)
    os.rename(given.endpoints + ".new", given.endpoints)
    signal.sigwait((signal.SIGTERM, signal.SIGINT))


if __name__ == "__main__":
    signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGTERM, signal.SIGINT))
    main()
