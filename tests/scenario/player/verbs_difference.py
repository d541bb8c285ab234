# SPDX-License-Identifier: Apache-2.0
"""Verbs of those who look after differences: find one, and do something about it."""

from urllib.parse import urlencode

from .engine import Failed, verb
from .verbs_order import fen, order_of


def listed(play, client="finance", **filters):
    answer = play.house.call("GET", "/v1/reconciliation/differences?" + urlencode(filters), keyid=client)
    if answer["status"] != 200:
        raise Failed(f"the differences are answered with {answer['status']}: {answer['text']}")
    return answer["body"]["differences"]


def read(play, client="finance"):
    return play.house.call("GET", f"/v1/reconciliation/differences/{play.difference}", keyid=client)


@verb("expect-differences", "COUNT", "state severity day account bill_kind assignee age client")
def expect_differences(play, count, *, client="finance", **filters):
    """So many differences stand under the filters."""
    if "day" in filters:
        filters["day"] = play.house.day(filters["day"]).isoformat()
    seen = listed(play, client, limit=200, **filters)
    play.check(len(seen) == int(count), f"expected {count}, saw {[(one['code'], one['state']) for one in seen]}")


@verb("find-difference", "CODE", "order client", free="comparisons")
def find_difference(play, code, comparisons, *, order="", client="finance"):
    """The difference of this code (and this order) is the one that the next verbs are about."""
    number = order_of(play, order).number if order else None
    found = [one for one in listed(play, client, limit=200) if one["code"] == code and number in (None, one["order_no"])]
    play.check(len(found) == 1, f"expected one {code}, saw {found}")
    play.difference = found[0]["id"]
    play.answer = read(play, client)
    play.compare(play.answer, ["status=200", *comparisons])


@verb("difference", "WHAT", "assignee note reason kind amount contract reverses name content client key status", free="comparisons")
def difference(play, what, comparisons, *, amount="", client="finance", key="", status="200", **body):
    """POST /v1/reconciliation/differences/{id}/WHAT about the difference that was found last."""
    if amount:
        body.update(amount=fen(amount), currency="CNY")
    if "reverses" in body:
        body["reverses"] = int(body["reverses"])
    play.acts = getattr(play, "acts", 0) + 1
    play.answer = play.house.call("POST", f"/v1/reconciliation/differences/{play.difference}/{what}", keyid=client, body=body,
                                  idempotency_key=key or f"difference-{play.acts}")
    play.compare(play.answer, [f"status={status}", *comparisons])


@verb("read-difference", "", "client status", free="comparisons")
def read_difference(play, comparisons, *, client="finance", status="200"):
    """GET of the difference that was found last; what was attached last is remembered."""
    play.answer = read(play, client)
    play.compare(play.answer, [f"status={status}", *comparisons])
    for event in play.answer["body"].get("history", []):
        if event["event"] == "attach":
            play.digest = event["detail"]["digest"]


@verb("await-difference", "", "state event within")
def await_difference(play, *, state, event="", within="20"):
    """The difference that was found last reaches a state, and that event is its last one, without anybody doing anything."""
    seen = []

    def reached():
        body = read(play)["body"]
        seen[:] = [body["state"], body["history"][-1]["event"]]
        return seen == [state, event or seen[1]]

    play.wait_until(reached, within, lambda: f"expected {state} {event}, saw {seen}")
