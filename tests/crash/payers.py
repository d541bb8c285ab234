# SPDX-License-Identifier: Apache-2.0
"""The load: portals and payers who go on whatever happens, and ask again under the same key when they heard nothing."""

import threading
import urllib.parse

from player.engine import Failed
from player.providers import PROVIDERS
from player.verbs_order import CODE, PROFILE, UNIT
from player.web import Browser

WAYS = (("alipay", "page"), ("alipay", "qr"), ("wechatpay", "qr"), ("unionpay", "page"))
UNDECIDED = (0, 409, 429, 500, 502, 503, 504)  # the same request is sent again
PACE_S = 0.05
TRIES_MAX = 40
PATIENCE_S = 60


class Load:
    """What all payers share: the count of answers, and what has to come out in the end."""

    def __init__(self, house):
        self.house, self.stop = house, threading.Event()
        self.changed = threading.Condition()
        self.answers, self.undecided, self.paid = 0, 0, 0
        self.ids = {}    # idempotency key -> the payments that were answered under it
        self.later = []  # requests that are still to be answered: method, path, key, body, client

    def await_answers(self, count):
        """The event that a kill waits for: so many more answers."""
        with self.changed:
            goal = self.answers + count
            if not self.changed.wait_for(lambda: self.answers >= goal or self.stop.is_set(), PATIENCE_S):
                raise Failed(f"only {self.answers} of {goal} answers within {PATIENCE_S} s")

    def heard(self, answer):
        with self.changed:
            if answer["status"] in UNDECIDED:
                self.undecided += 1
            else:
                self.answers += 1
            self.changed.notify_all()

    def call(self, method, path, key="", body=None, client=""):
        """One try, by the portal or another client."""
        more = {"idempotency_key": key} if key else {}
        if client:
            more["keyid"] = client
        if body is not None:
            more["body"] = body
        answer = self.house.call(method, path, **more)
        self.heard(answer)
        if key and answer["status"] in (200, 201):
            with self.changed:
                self.ids.setdefault(key, set()).add(answer["body"]["id"])
        return answer

    def insist(self, method, path, key, body=None, client=""):
        """Sends the same request until it is decided. None: a dead owner still holds the key, so it is left for later."""
        for _ in range(TRIES_MAX):
            answer = self.call(method, path, key, body, client)
            if answer["status"] not in UNDECIDED:
                return answer
            if answer["status"] == 409 and answer["body"]["code"] != "idempotency_in_progress":
                return answer
            self.stop.wait(PACE_S)
        with self.changed:
            self.later.append((method, path, key, body, client))
        return None


class Payer(threading.Thread):
    """Orders, pays, closes, refreshes, has money given back; one order after the other until the load ends. The first order is paid
    twice and the second given back whatever is drawn, so that there is something of each kind in every run."""

    def __init__(self, load, number, choice):
        super().__init__(daemon=True)
        self.load, self.number, self.choice, self.failure = load, number, choice, None

    def run(self):
        count = 0
        try:
            while not self.load.stop.is_set():
                count += 1
                self.one_order(f"CRASH-{self.number}-{count}")
        except Exception as failure:  # handed to whoever joins
            self.failure = failure
            self.load.stop.set()

    def one_order(self, number):
        count = int(number.rpartition("-")[2])
        certain = count <= 2
        twice = count == 1 or self.choice.random() < 0.2
        asked = [self.ask(number, ordinal) for ordinal in ((1, 2) if twice else (1,))]
        for one in asked:
            self.pay_perhaps(one, certain)
        payment = next((one[1]["id"] for one in asked if one is not None), None)
        if payment is None:
            return
        fate = self.choice.random()
        if fate < 0.15 and not certain:
            self.load.insist("POST", f"/v1/payments/{payment}/close", f"{number}-close")
        self.load.call("POST", f"/v1/orders/{number}/refresh")
        if fate > 0.85:
            self.pay_perhaps(self.ask(number, 3), False)
        if 0.3 < fate < 0.7 or count == 2:
            self.give_back(number, payment)

    def give_back(self, number, payment):
        """Finance asks, and a second person approves. What was not paid, or has gone back already, is refused."""
        asked = self.load.insist("POST", f"/v1/payments/{payment}/refunds", f"{number}-refund",
                                 {"amount": 1, "currency": "CNY", "reason": "order withdrawn"}, "finance")
        if asked is not None and asked["status"] == 201:
            self.load.insist("POST", f"/v1/refunds/{asked['body']['id']}/approve", f"{number}-approve",
                             {"amount": 1, "currency": "CNY"}, "checker")

    def ask(self, number, ordinal):
        """Makes the payment, or another attempt of it: the provider and the answer."""
        provider, method = self.choice.choice(WAYS)
        body = {"order": self.order(number), "provider": provider, "method": method,
                "return_url": f"{self.load.house.endpoints['world']['portal']}/orders/{number}"}
        answer = self.load.insist("POST", "/v1/payments", f"{number}-{ordinal}", body)
        return (provider, answer["body"]) if answer is not None and answer["status"] in (200, 201) else None

    def pay_perhaps(self, asked, certain):
        """Pays what can be paid: certainly, or in two of three cases."""
        pays = self.choice.random() < 0.67 or certain
        if pays and asked is not None and "action" in asked[1]:
            self.pay(asked[0], asked[1]["action"])

    def pay(self, provider, action):
        """A payer whose trade was closed meanwhile is refused by the provider: then nothing is paid, which the books tell."""
        house, of = self.load.house, PROVIDERS[provider]
        try:
            if action["type"] == "qr":
                house.control("POST", of.path("scan"), {"qr_text": action["qr_text"]})
            else:
                Browser(house.endpoints["tls_roots"]).go("POST", action["url"], urllib.parse.urlencode(action["fields"]))
            house.control("POST", of.path("pay"), {"out_trade_no": action["attempt_no"]})
        except Failed:
            return
        with self.load.changed:
            self.load.paid += 1

    @staticmethod
    def order(number):
        return {"order_no": number, "kind": "change", "applicant": "supplier", "unit_name": UNIT, "uscc": CODE, "quantity": 1,
                "unit_fee": 1, "amount": 1, "currency": "CNY", "invoice": PROFILE}
