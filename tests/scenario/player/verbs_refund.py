# SPDX-License-Identifier: Apache-2.0
"""Verbs of those who give money back: the portal, finance, the policy, and what the provider's books say of it."""

import os

from .engine import Failed, PlayError, verb
from .providers import provider_of
from .verbs_order import attempt_of, fen, fetch, order_of


def refunds_of(play, order):
    answer = play.house.call("GET", f"/v1/refunds?payment={order.id}")
    if answer["status"] != 200:
        raise Failed(f"the refunds of {order.id} are answered with {answer['status']}: {answer['text']}")
    return answer["body"]["refunds"]


def refund_of(play, name, refund):
    """The order's refund number `refund`, counted from 1; 0 is the newest."""
    refunds = refunds_of(play, order_of(play, name))
    if len(refunds) < max(1, int(refund)):
        raise Failed(f"the payment has {len(refunds)} refunds, so there is no number {refund}")
    return refunds[int(refund) - 1]


@verb("refund", "NAME", "amount reason attempt currency client key status", free="comparisons")
def refund_new(play, name, comparisons, *, amount="", reason="order withdrawn", attempt="", currency="CNY",
               client="finance", key="", status="201"):
    """POST /v1/payments/{id}/refunds: the whole payment unless an amount is given."""
    order = order_of(play, name)
    order.asked = getattr(order, "asked", 0) + 1
    body = {"amount": fen(amount) if amount else order.body["amount"], "currency": currency, "reason": reason}
    if attempt:
        body["attempt_no"] = attempt_of(play, order, attempt)
    play.answer = play.house.call("POST", f"/v1/payments/{order.id}/refunds", body=body, keyid=client,
                                  idempotency_key=key or f"refund-{order.number}-{order.asked}")
    play.compare(play.answer, [f"status={status}", *comparisons])


def decide(play, what, name, refund, client, key, body, status, comparisons):
    one = refund_of(play, name, refund)
    order = order_of(play, name)
    order.decided = getattr(order, "decided", 0) + 1
    more = {"body": body} if body else {}
    play.answer = play.house.call("POST", f"/v1/refunds/{one['id']}/{what}", keyid=client,
                                  idempotency_key=key or f"{what}-{order.number}-{order.decided}", **more)
    play.compare(play.answer, [f"status={status}", *comparisons])


@verb("approve", "NAME", "refund amount client key status", free="comparisons")
def approve(play, name, comparisons, *, refund="0", amount="", client="checker", key="", status="200"):
    """Whoever did not ask for it approves it, naming its amount."""
    value = fen(amount) if amount else refund_of(play, name, refund)["amount"]
    decide(play, "approve", name, refund, client, key, {"amount": value, "currency": "CNY"}, status, comparisons)


@verb("reject", "NAME", "refund client key status", free="comparisons")
def reject(play, name, comparisons, *, refund="0", client="checker", key="", status="200"):
    """A refund is not to be."""
    decide(play, "reject", name, refund, client, key, None, status, comparisons)


@verb("withdraw", "NAME", "refund reason client status", free="comparisons")
def withdraw(play, name, comparisons, *, refund="0", reason="wrong order", client="finance", status="200"):
    """A refund that was approved is taken back before it is sent."""
    decide(play, "withdraw", name, refund, client, "", {"reason": reason}, status, comparisons)


@verb("confirm", "NAME", "refund client status", free="comparisons")
def confirm(play, name, comparisons, *, refund="0", client="finance", status="200"):
    """A proposal of the policy becomes a person's request."""
    decide(play, "confirm", name, refund, client, "", None, status, comparisons)


@verb("journal", "WHAT")
def journal(play, what):
    """journal damage: a byte of the journal of signed refunds becomes another one; journal away: an operator moves it away."""
    path = f"{play.house.var}/run/refunds.journal"
    if what == "away":
        os.rename(path, path + ".away")
    elif what == "damage":
        with open(path, "r+b") as file:
            byte = file.read(21)[20]
            file.seek(20)
            file.write(bytes([byte ^ 1]))
    else:
        raise PlayError(f"{what!r} is not damage or away")


@verb("get-refund", "NAME", "refund client", free="comparisons")
def get_refund(play, name, comparisons, *, refund="0", client="finance"):
    """GET /v1/refunds/{id}."""
    play.answer = play.house.call("GET", f"/v1/refunds/{refund_of(play, name, refund)['id']}", keyid=client)
    play.compare(play.answer, ["status=200", *comparisons])


@verb("await-refund", "NAME", "state refund within")
def await_refund(play, name, *, state, refund="0", within="20"):
    """A refund reaches a state without anybody asking for it; state=none: there is none."""
    seen = []

    def reached():
        seen[:] = refunds_of(play, order_of(play, name))
        if state == "none":
            return not seen
        return len(seen) >= max(1, int(refund)) and seen[int(refund) - 1]["state"] == state

    play.wait_until(reached, within, lambda: f"expected refund {refund} {state}, saw {seen}")


@verb("refund-result", "NAME", "refund status resp-code")
def refund_result(play, name, *, refund="0", status="", resp_code=""):
    """How the provider ends the refund that waits there, or the one to come under the next number (refund=next)."""
    order = order_of(play, name)
    if refund == "next":
        number = f"{attempt_of(play, order, '0')}R{len(refunds_of(play, order)) + 1:02d}"
    else:
        number = refund_of(play, name, refund)["id"].removeprefix("rfd_")
    body = {"out_refund_no": number, **({"status": status} if status else {"resp_code": resp_code})}
    play.house.control("POST", order.provider.path("refund-result"), body)


BY_HAND = "console-"


def refunds_there(play, provider):
    """What went back by the provider's own books, but for what the play gave back by hand: our number -> fen."""
    refunds = play.house.control("GET", provider.path("refunds"))["refunds"]
    return {one["out_refund_no"]: fen(one[provider.refund_amount]) for one in refunds
            if one["status"] == "SUCCESS" and not one["out_refund_no"].startswith(BY_HAND)}


def refunds_here(play, provider):
    return {one["id"].removeprefix("rfd_"): one["amount"]
            for order in play.orders.values() if order.payment is not None
            for one in refunds_of(play, order)
            if one["provider"] == provider.name and one["state"] == "succeeded"}


@verb("refunds-agree", "PROVIDER", "count amount")
def refunds_agree(play, provider, *, count, amount):
    """Every refund in the provider's books is in ours with its amount, and no other; so many, so much; and what each payment
    says has gone back is the sum of its own."""
    of = provider_of(provider)
    there, here = refunds_there(play, of), refunds_here(play, of)
    play.check(there == here, f"{provider} gave back {there}, we say {here}")
    play.check(len(there) == int(count) and sum(there.values()) == fen(amount), f"expected {count} of {amount}: {there}")
    for order in play.orders.values():
        if order.payment is not None:
            said = fetch(play, order)["refunded"]
            own = sum(one["amount"] for one in refunds_of(play, order) if one["state"] == "succeeded")
            play.check(said == own, f"{order.name} says {said} went back, its refunds {own}")
            play.check(own <= order.payment["refund_reserved"], f"{order.name}: more went back than was reserved")


@verb("same-refund", "NAME", "refund times")
def same_refund(play, name, *, refund="0", times):
    """The refund was sent so many times, each time under the same number."""
    number = refund_of(play, name, refund)["id"].removeprefix("rfd_")
    answer = play.house.call("GET", f"/v1/payments/{order_of(play, name).id}/timeline")
    sent = [one for one in answer["body"]["events"] if one["machine"] == "refund" and one["event"] == "send"]
    mine = [one for one in sent if one["refund_no"] == number]
    if not times.isdigit():
        raise PlayError("times is a number")
    play.check(len(mine) == int(times), f"{number} was sent {len(mine)} times: {sent}")


@verb("refresh-refund", "NAME", "refund client status", free="comparisons")
def refresh_refund(play, name, comparisons, *, refund="0", client="finance", status="200"):
    """POST /v1/refunds/{id}/refresh: the provider is asked now."""
    play.answer = play.house.call("POST", f"/v1/refunds/{refund_of(play, name, refund)['id']}/refresh", keyid=client)
    play.compare(play.answer, [f"status={status}", *comparisons])


@verb("refund-fault", "NAME KIND", "times")
def refund_fault(play, name, kind, *, times="1"):
    """The provider misbehaves about the order's next refund. UnionPay knows a refund by its own number, others by the order's."""
    order = order_of(play, name)
    attempt = attempt_of(play, order, "0")
    number = f"{attempt}R{len(refunds_of(play, order)) + 1:02d}" if order.provider.name == "unionpay" else attempt
    play.house.control("POST", order.provider.path("faults"), {"kind": kind, "times": int(times), "out_trade_no": number})
