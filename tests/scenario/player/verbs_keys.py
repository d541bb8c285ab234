# SPDX-License-Identifier: Apache-2.0
"""Verbs of Alipay's own house: its certificates, its console, the order in which its notices come."""

import re

from .engine import Failed, verb
from .verbs_order import attempt_of, order_of


def number_of(play, name, attempt):
    return attempt_of(play, order_of(play, name), attempt)


@verb("alipay-rotate")
def alipay_rotate(play):
    """From now on Alipay signs with its next certificate."""
    play.house.control("POST", "/alipay/rotate", {})


@verb("notify-foreign", "NAME", "attempt reply")
def notify_foreign(play, name, *, attempt="0", reply):
    """A notice signed in Alipay's name by a certificate of another root, which it names."""
    seen = play.house.control("POST", "/alipay/notify", {"out_trade_no": number_of(play, name, attempt), "forged": "foreign"})
    play.check(seen["reply"] == reply, f"expected the reply {reply!r}, saw {seen}")


@verb("notify-until-taken", "NAME", "attempt within times")
def notify_until_taken(play, name, *, attempt="0", within="20", times="1"):
    """Alipay sends its last notice of this order again and again, byte for byte, until it is acknowledged, so many `times` in a
    row: by then every worker that may get it understands it."""
    number, last, row = number_of(play, name, attempt), {}, [0]

    def taken():
        last.update(play.house.control("POST", "/alipay/notify", {"out_trade_no": number, "resend": True}))
        row[0] = row[0] + 1 if last["status"] == 200 and last["reply"] == "success" else 0
        return row[0] == int(times)

    play.wait_until(taken, within, lambda: f"expected success, saw {last}")


@verb("alipay-page", "NAME BUTTON")
def alipay_page(play, name, button):
    """On Alipay's own page the payer presses pay, or cancel, and goes where it leads."""
    browser = order_of(play, name).browser
    form = browser.page.forms[0]
    form.fields = [(field, value) for field, value in form.fields if field != "do"] + [("do", button)]
    browser.submit(form)


@verb("expect-log", "EVENT", "within", free="words")
def expect_log(play, event, words, *, within="10"):
    """The service has said so: one line of its log is that event and has these words; {attempt:NAME} stands for the number
    of that order's newest attempt."""
    words = [re.sub(r"\{attempt:([^}]+)\}", lambda match: number_of(play, match[1], "0"), word) for word in words]

    def said():
        with open(f"{play.house.var}/log/gateway.log", encoding="utf-8", errors="replace") as log:
            return any(f"event={event} " in f"{line.strip()} " and all(word in line for word in words) for line in log)
    play.wait_until(said, within, lambda: f"the log has no {event} with {words}")


@verb("release-newest", "COUNT")
def release_newest(play, count):
    """So many held notices are sent, the newest first, and have arrived when this step ends."""
    sent = play.house.control("POST", "/alipay/release", {"newest_first": True, "count": int(count)})["sent"]
    play.check(sent == int(count), f"expected {count} notices to be sent, saw {sent}")
    play.house.control("POST", "/alipay/idle", {})


@verb("refund-by-hand", "NAME NUMBER", "attempt amount")
def refund_by_hand(play, name, number, *, attempt="0", amount):
    """The merchant gives money back in Alipay's own console, past the gateway."""
    order = number_of(play, name, attempt)
    play.house.control("POST", "/alipay/refund", {"out_trade_no": order, "out_request_no": number, "refund_amount": amount})
    if not any(one["out_refund_no"] == number and one["out_trade_no"] == order and one["refund_amount"] == amount
               for one in play.house.control("GET", "/alipay/refunds")["refunds"]):
        raise Failed(f"Alipay does not know the refund {number} of {name}")
