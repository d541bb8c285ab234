# SPDX-License-Identifier: Apache-2.0
"""Verbs of the outside world: faults, notices of every kind, clocks, bills."""

import json
import re

from .engine import Failed, PlayError, verb
from .providers import provider_of
from .verbs_order import attempt_of, fetch, order_of


def target(play, order, attempt):
    return {"out_trade_no": attempt_of(play, order_of(play, order), attempt)} if order else {}


def next_attempt(play, order):
    """An attempt's number is that of its payment and two digits."""
    return f"{order.id.removeprefix('pay_')}{len(fetch(play, order)['attempts']) + 1:02d}"


def who(play, order, provider):
    """The provider named, else that of the order, else Alipay."""
    if provider:
        return provider_of(provider)
    return order_of(play, order).provider if order else provider_of("alipay")


@verb("fault", "KIND", "order attempt times provider day call")
def fault(play, kind, *, order="", attempt="0", times="1", provider="", day="", call=""):
    """The provider misbehaves the next time(s), for one order, for a day's bill, for calls that are about no order, by
    name, or for whoever comes. attempt=next is the attempt that the order's payment will make next."""
    body = {"kind": kind, "times": int(times)}
    if attempt == "next":
        body["out_trade_no"] = next_attempt(play, order_of(play, order))
    else:
        body.update(target(play, order, attempt))
    if day:
        body["out_trade_no"] = f"{play.house.day(day):%m%d}"
    if call:
        body["out_trade_no"] = call
    play.house.control("POST", who(play, order, provider).path("faults"), body)


@verb("faults-clear", "", "provider")
def faults_clear(play, *, provider="alipay"):
    """The provider behaves again."""
    play.house.control("POST", provider_of(provider).path("faults/clear"), {})


@verb("notify", "NAME", "attempt forged amount resend probe reply status")
def notify(play, name, *, attempt="0", forged="", amount="", resend="", probe="", reply="", status=""):
    """Sends one notice now; the exact reply, or the status, is expected. forged=yes, or the kind of forgery."""
    provider = order_of(play, name).provider
    body = target(play, name, attempt)
    if forged:
        body["forged"] = forged == "yes" if forged in ("yes", "no") else forged
    if amount:
        body[provider.amount] = amount
    if resend:
        body["resend"] = resend == "yes"
    if probe:
        body["probe"] = probe
    if not reply and not status:
        raise PlayError("notify needs reply= or status=")
    seen = play.house.control("POST", provider.path("notify"), body)
    if reply:
        play.check(seen["reply"] == reply, f"expected the reply {reply!r}, saw {seen}")
    if status:
        play.check(str(seen["status"]) == status, f"expected status {status}, saw {seen}")


@verb("release-notices", "", "provider")
def release_notices(play, *, provider="alipay"):
    """Held notices and those due again are sent."""
    play.house.control("POST", provider_of(provider).path("release"), {})


@verb("rotate", "PROVIDER", free="words")
def rotate(play, provider, words):
    """The provider signs with its next key from now on; `announce`: it only shows the key."""
    play.house.control("POST", provider_of(provider).path("rotate"), {"announce": True} if "announce" in words else {})


@verb("expect-delivery", "NAME", "attempt outcome reply status count within")
def expect_delivery(play, name, *, attempt="0", outcome="answered", reply="", status="", count="1", within="10"):
    """So many notices of this order ended this way; answered ones as that provider wants it, unless said otherwise."""
    order = order_of(play, name)
    number = attempt_of(play, order, attempt)
    wanted = reply or (None if status else order.provider.reply)

    def mine():
        return [one for one in play.house.control("GET", order.provider.path("deliveries"))["deliveries"]
                if one["out_trade_no"] == number]

    def fits(one):
        return one["outcome"] == outcome and (outcome != "answered" or (
            (wanted is None or one["reply"] == wanted) and (not status or str(one["status"]) == status)))

    play.wait_until(lambda: sum(map(fits, mine())) == int(count), within,
                    lambda: f"expected {count} deliveries {outcome} {reply!r}, saw {mine()}")


@verb("expect-trade", "NAME STATUS", "attempt")
def expect_trade(play, name, status, *, attempt="0"):
    """What the provider itself holds; status none: it knows no such trade."""
    number = attempt_of(play, order_of(play, name), attempt)
    trades = play.house.control("GET", order_of(play, name).provider.path("trades"))["trades"]
    seen = [one for one in trades if one["out_trade_no"] == number]
    play.check([one["status"] for one in seen] == ([] if status == "none" else [status]), f"the provider has {seen}")


@verb("notices-settle", "", "provider")
def notices_settle(play, *, provider="alipay"):
    """Waits until no notice is under way."""
    play.house.control("POST", provider_of(provider).path("idle"), {})


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


@verb("world-clock", "AHEAD")
def world_clock(play, ahead):
    """world-clock +270s: the world's clock is ahead of everybody else's by that, until morning."""
    match = re.fullmatch(r"\+([0-9]+)s", ahead)
    if not match:
        raise PlayError(f"{ahead!r} is no step such as +90s")
    play.house.control("POST", "/clock", {"shift_s": play.house.shift_s + int(match[1])})


MERCHANT = {"wechatpay": "mchid", "unionpay": "mer_id", "alipay": "app_id"}


def push_edits(play, provider, merchant, day, bill):
    body = {"day": play.house.day(day).isoformat(), "edits": play.bill_edits[provider.name, merchant, bill]}
    if bill:
        body["bill"] = bill
    if merchant:
        body[MERCHANT[provider.name]] = merchant
    play.house.control("POST", provider.path("bill-edits"), body)


@verb("bill-edit", "KIND", "order attempt amount fee by name at trade day column provider merchant bill")
def bill_edit(play, kind, *, order="", attempt="0", amount="", fee="", by="", name="", at="", trade="", day="today",
              column="", provider="", merchant="", bill=""):
    """Adds one edit to the day's bill of a provider's merchant (the first one unless named); `bill` names another than that of trades."""
    of = who(play, order, provider)
    edit = {"kind": kind, **target(play, order, attempt)}
    if amount:
        edit[of.amount] = amount
    if fee:
        edit["fee"] = fee
    if by:
        edit["by"] = int(by) if kind.endswith("_count") or kind == "reissue" else by
    if name:
        edit["out_trade_no"] = name
    if trade:
        edit[of.trade_no] = trade
    if at:
        edit["at"] = play.house.moment(at).isoformat()
    if column:
        edit["name"] = column
    play.bill_edits.setdefault((of.name, merchant, bill), []).append(edit)
    push_edits(play, of, merchant, day, bill)


@verb("bill-mend", "KIND", "day provider merchant bill")
def bill_mend(play, kind, *, day="today", provider="alipay", merchant="", bill=""):
    """The provider makes the bill anew without the edits of this kind."""
    of = provider_of(provider)
    made = play.bill_edits.get((of.name, merchant, bill), [])
    kept = [edit for edit in made if edit["kind"] != kind]
    if len(kept) == len(made):
        raise PlayError(f"no edit of kind {kind} was made")
    play.bill_edits[of.name, merchant, bill] = kept
    push_edits(play, of, merchant, day, bill)


@verb("call", "METHOD PATH", "client key text times body media tamper language status", free="comparisons")
def call(play, method, path, comparisons, *, client="portal", key="", text="", times="1", body="", media="", tamper="", language="zh-CN",
         status):
    """Any signed call of the portal; body is JSON, text goes as it stands, so many times a line of its own, of another media type if one is given. {order:NAME} and {payment:NAME} in the path
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
        more["text"] = "\n".join([text] * int(times))
    if media:
        more["headers"] = {"Content-Type": media}
    if tamper:
        more["tamper"] = tamper
    play.answer = play.house.call(method, play.fill(path), **more)
    if play.answer["status"] == 0 and status != "0":
        raise Failed(f"no answer: {play.answer}")
    play.compare(play.answer, [f"status={status}", *comparisons])
