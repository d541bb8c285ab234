# SPDX-License-Identifier: Apache-2.0
"""Verbs of the provider in this folder."""

from player import qr
from player.engine import verb
from player.providers import PROVIDERS, Provider
from player.verbs_order import attempt_of, fen, order_of

# So that `create` and `choose` can name it.
PROVIDERS["testpay"] = Provider("testpay", "测试付", "Testpay", "amount", "trade_no", "paid_at", "got it\n", "sign")


def tell(play, path, body):
    return play.house.control("POST", path, body, world="addition")


def number(play, name):
    return attempt_of(play, order_of(play, name), "0")


@verb("testpay-pays", "NAME", "scan")
def testpay_pays(play, name, *, scan="no"):
    """The payer confirms, after scanning the code on the page before it if so said. No callback is sent."""
    order = order_of(play, name)
    code = {"qr": qr.scan(order.browser.page.body)} if scan == "yes" else {}
    seen = tell(play, "/pay", {"order_no": number(play, name), **code})
    play.check(fen(seen["amount"]) == order.body["amount"], f"the payer paid {seen['amount']}")


@verb("testpay-calls-back", "NAME", "forged old-s amount reply status")
def testpay_calls_back(play, name, *, forged="no", old_s="0", amount="", reply, status):
    """One callback is sent now; forged by another key, made some seconds ago, or with another amount. Its reply is expected."""
    how = {"forged": forged == "yes", "old_s": int(old_s), **({"amount": amount} if amount else {})}
    seen = tell(play, "/call_back", {"order_no": number(play, name), **how})
    play.check(seen == {"status": int(status), "reply": reply + "\n"}, f"expected {status} {reply!r}, saw {seen}")


@verb("testpay-state", "NAME STATE")
def testpay_state(play, name, state):
    """What the provider itself holds; none: it knows no such order."""
    seen = tell(play, "/state", {"order_no": number(play, name)})
    play.check(seen["state"] == state, f"expected {state}, saw {seen}")


@verb("testpay-bill", "FILE", "shop lines")
def testpay_bill(play, file, *, shop, lines=""):
    """Writes the day's bill into the house's folder, or its first lines only."""
    text = tell(play, "/bill", {"day": play.house.day("today").isoformat(), "shop": shop})["text"]
    kept = text.splitlines(keepends=True)[:int(lines or 1000)]
    with open(f"{play.house.var}/{file}", "w", encoding="utf-8") as out:
        out.write("".join(kept))
