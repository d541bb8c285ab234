# SPDX-License-Identifier: Apache-2.0
"""Verbs of the outside world: faults, notices of every kind, clocks, bills."""

import json

from .engine import Failed, PlayError, verb
from .verbs_order import attempt_of, order_of


def target(play, order, attempt):
    return {"out_trade_no": attempt_of(play, order_of(play, order), attempt)} if order else {}


@verb("fault", "KIND", "order attempt times")
def fault(play, kind, *, order="", attempt="0", times="1"):
    """The provider misbehaves the next time(s), for one order or for whoever comes."""
    play.house.control("POST", "/alipay/faults", {"kind": kind, "times": int(times), **target(play, order, attempt)})


@verb("faults-clear")
def faults_clear(play):
    """The provider behaves again."""
    play.house.control("POST", "/alipay/faults/clear", {})


@verb("notify", "NAME", "attempt forged amount resend reply status")
def notify(play, name, *, attempt="0", forged="", amount="", resend="", reply, status=""):
    """Sends one notice now; the exact reply is expected."""
    body = target(play, name, attempt)
    if forged:
        body["forged"] = forged == "yes"
    if amount:
        body["total_amount"] = amount
    if resend:
        body["resend"] = resend == "yes"
    seen = play.house.control("POST", "/alipay/notify", body)
    play.check(seen["reply"] == reply, f"expected the reply {reply!r}, saw {seen}")
    if status:
        play.check(str(seen["status"]) == status, f"expected status {status}, saw {seen}")


@verb("release-notices")
def release_notices(play):
    """Held notices and those due again are sent."""
    play.house.control("POST", "/alipay/release", {})


@verb("expect-delivery", "NAME", "attempt outcome reply count within")
def expect_delivery(play, name, *, attempt="0", outcome="answered", reply="success", count="1", within="10"):
    """So many notices of this order ended this way."""
    number = attempt_of(play, order_of(play, name), attempt)

    def mine():
        return [one for one in play.house.control("GET", "/alipay/deliveries")["deliveries"]
                if one["out_trade_no"] == number]

    def fits(one):
        return one["outcome"] == outcome and (outcome != "answered" or one["reply"] == reply)

    play.wait_until(lambda: sum(map(fits, mine())) == int(count), within,
                    lambda: f"expected {count} deliveries {outcome} {reply!r}, saw {mine()}")


@verb("expect-trade", "NAME STATUS", "attempt")
def expect_trade(play, name, status, *, attempt="0"):
    """What the provider itself holds; status none: it knows no such trade."""
    number = attempt_of(play, order_of(play, name), attempt)
    seen = [one for one in play.house.control("GET", "/alipay/trades")["trades"] if one["out_trade_no"] == number]
    play.check([one["status"] for one in seen] == ([] if status == "none" else [status]), f"the provider has {seen}")


@verb("notices-settle")
def notices_settle(play):
    """Waits until no notice is under way."""
    play.house.control("POST", "/alipay/idle", {})


@verb("night", free="words")
def night(play, words):
    """night +1d 10:30: the world's clock and that of the operator's programs stand at that time."""
    ahead = play.house.moment(" ".join(words)) - play.house.now()
    play.house.night_s = round(ahead.total_seconds())
    play.house.control("POST", "/clock", {"shift_s": play.house.shift_s + play.house.night_s})


@verb("morning")
def morning(play):
    """The clocks stand as they did when the house was started."""
    play.house.night_s = 0
    play.house.control("POST", "/clock", {"shift_s": play.house.shift_s})


def push_edits(play, day):
    play.house.control("POST", "/alipay/bill-edits", {"day": play.house.day(day).isoformat(), "edits": play.bill_edits})


@verb("bill-edit", "KIND", "order attempt amount fee by name at trade day column")
def bill_edit(play, kind, *, order="", attempt="0", amount="", fee="", by="", name="", at="", trade="", day="today",
              column=""):
    """Adds one edit to the day's bill."""
    edit = {"kind": kind, **target(play, order, attempt)}
    if amount:
        edit["total_amount"] = amount
    if fee:
        edit["fee"] = fee
    if by:
        edit["by"] = int(by) if kind == "trailer_count" else by
    if name:
        edit["out_trade_no"] = name
    if trade:
        edit["trade_no"] = trade
    if at:
        edit["at"] = play.house.moment(at).isoformat()
    if column:
        edit["name"] = column
    play.bill_edits.append(edit)
    push_edits(play, day)


@verb("bill-mend", "KIND", "day")
def bill_mend(play, kind, *, day="today"):
    """The provider makes the bill anew without the edits of this kind."""
    kept = [edit for edit in play.bill_edits if edit["kind"] != kind]
    if len(kept) == len(play.bill_edits):
        raise PlayError(f"no edit of kind {kind} was made")
    play.bill_edits = kept
    push_edits(play, day)


@verb("call", "METHOD PATH", "client key text body tamper language status", free="comparisons")
def call(play, method, path, comparisons, *, client="portal", key="", text="", body="", tamper="", language="zh-CN",
         status):
    """Any signed call of the portal; body is JSON, text goes as it stands. {order:NAME} and {payment:NAME} in the path
    stand for that order's numbers."""
    more = {"keyid": client, "language": language}
    if key:
        more["idempotency_key"] = key
    if body:
        try:
            more["body"] = json.loads(play.fill(body))
        except ValueError as error:
            raise PlayError(f"the body is not JSON: {error}") from error
    if text:
        more["text"] = text
    if tamper:
        more["tamper"] = tamper
    play.answer = play.house.call(method, play.fill(path), **more)
    if play.answer["status"] == 0:
        raise Failed(f"no answer: {play.answer}")
    play.compare(play.answer, [f"status={status}", *comparisons])
