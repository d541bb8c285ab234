# SPDX-License-Identifier: Apache-2.0
"""The last word of a play about a provider's misbehaviour: no money is lost, and none is invented."""

from .engine import verb
from .providers import provider_of
from .verbs_order import fen, fetch, yuan


def money_there(play, provider):
    """What was paid by the provider's own books: number -> (fen, provider's number)."""
    trades = play.house.control("GET", provider.path("trades"))["trades"]
    return {one["out_trade_no"]: (fen(one[provider.amount]), one[provider.trade_no])
            for one in trades if one[provider.paid_at] is not None}


def money_here(play, provider):
    """What the gateway takes for paid, over all orders of the play."""
    return {attempt["attempt_no"]: (order.body["amount"], attempt["provider_trade_no"])
            for order in play.orders.values() if order.payment is not None
            for attempt in fetch(play, order)["attempts"]
            if attempt["provider"] == provider.name and attempt["state"] in ("paid", "late_paid")}


@verb("books-agree", "PROVIDER", "paid")
def books_agree(play, provider, *, paid):
    """Every payment in the provider's books is in ours with its amount and number, and no other; there are `paid`."""
    of = provider_of(provider)
    there, here = money_there(play, of), money_here(play, of)
    only_there = {number: there[number] for number in there if here.get(number) != there[number]}
    only_here = {number: here[number] for number in here if there.get(number) != here[number]}
    play.check(not only_there and not only_here,
               f"{provider} has {only_there} that we do not have, we have {only_here} that it does not have")
    play.check(len(there) == int(paid), f"expected {paid} payments at {provider}, saw {len(there)} of "
                                        f"{yuan(sum(amount for amount, _ in there.values()))}: {there}")
