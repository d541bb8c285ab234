# SPDX-License-Identifier: Apache-2.0
"""After the kills: time passes, everybody asks once more, and then all books must say the same."""

import json
import subprocess

from player.engine import Failed
from player.providers import PROVIDERS
from player.verbs_audit import exported
from player.verbs_books import money_there
from player.verbs_crash import ask
from player.verbs_order import fen
from player.verbs_service import clock
from player.verbs_webhooks import receiver_of, sign

WITHIN_S = 90
RECEIVER = "crash"
UNDER_WAY = "SELECT count(*) FROM refund WHERE state NOT IN ('proposed', 'requested', 'rejected', 'succeeded', 'failed')"
SUCCESS = ("e.machine = 'attempt' AND e.effect = 'move' AND e.to_state IN ('paid', 'late_paid') "
           "AND e.from_state NOT IN ('paid', 'late_paid')")

ONE = "WHERE ctid = (SELECT min(ctid) FROM {table} WHERE {which})"

# Each of these statements counts what must not be.
OFFENCES = {
    "attempts that are paid with another number of success events than one":
        f"SELECT count(*) FROM attempt a WHERE (SELECT count(*) FROM event e WHERE e.slot = a.slot AND e.attempt_no = a.attempt_no "
        f"AND {SUCCESS}) <> (a.state IN ('paid', 'late_paid'))::int",
    "success events that the outbox does not tell, or tells twice":
        "SELECT count(*) FROM (SELECT count(o.*) FILTER (WHERE o.kind = 'payment.paid') AS paid, "
        "count(o.*) FILTER (WHERE o.kind IN ('payment.late_paid', 'payment.duplicate_paid')) AS other FROM event e "
        "LEFT JOIN outbox o ON o.slot = e.slot AND o.payment_no = e.payment_no AND o.seq = e.seq "
        f"WHERE {SUCCESS} GROUP BY e.slot, e.payment_no, e.seq) t WHERE paid + least(other, 1) <> 1",
    "outbox rows about success without such an event":
        "SELECT count(*) FROM outbox o WHERE o.kind IN ('payment.paid', 'payment.late_paid', 'payment.duplicate_paid') AND NOT EXISTS "
        f"(SELECT 1 FROM event e WHERE e.slot = o.slot AND e.payment_no = o.payment_no AND e.seq = o.seq AND {SUCCESS})",
    "orders that are told as paid twice":
        "SELECT count(*) FROM (SELECT p.order_no FROM outbox o JOIN payment p ON p.slot = o.slot AND p.payment_no = o.payment_no "
        "WHERE o.kind = 'payment.paid' GROUP BY p.owner, p.order_no HAVING count(*) > 1) t",
    "orders that miscount their successes":
        "SELECT count(*) FROM ca_order o WHERE o.success_count <> (SELECT count(*) FROM attempt a JOIN payment p ON p.slot = a.slot "
        "AND p.payment_no = a.payment_no WHERE p.slot = o.slot AND p.owner = o.owner AND p.order_no = o.order_no "
        "AND a.state IN ('paid', 'late_paid'))",
    "payments whose closing is not told exactly once":
        "SELECT count(*) FROM payment p WHERE (SELECT count(*) FROM event e WHERE e.slot = p.slot AND e.payment_no = p.payment_no AND "
        "e.machine = 'payment' AND e.to_state = 'closed') <> (SELECT count(*) FROM outbox o WHERE o.slot = p.slot AND "
        "o.payment_no = p.payment_no AND o.kind = 'payment.closed')",
    "payments whose state does not follow from their attempts":
        "SELECT count(*) FROM payment p WHERE (p.state = 'paid') <> EXISTS (SELECT 1 FROM attempt a WHERE a.slot = p.slot AND "
        "a.payment_no = p.payment_no AND a.state IN ('paid', 'late_paid'))",
    "payments whose events have gaps":
        "SELECT count(*) FROM payment p WHERE p.version <> (SELECT count(*) FROM event e WHERE e.slot = p.slot AND "
        "e.payment_no = p.payment_no AND e.seq BETWEEN 1 AND p.version)",
    "attempts that reserve or count other refunds than they have":
        "SELECT count(*) FROM attempt a WHERE (SELECT coalesce(sum(amount_fen), 0) FROM refund r WHERE r.slot = a.slot AND "
        "r.attempt_no = a.attempt_no AND r.state NOT IN ('rejected', 'failed')) <> a.refund_reserved_fen OR (SELECT "
        "coalesce(sum(amount_fen), 0) FROM refund r WHERE r.slot = a.slot AND r.attempt_no = a.attempt_no AND "
        "r.state = 'succeeded') <> a.refunded_fen",
    "attempts that give back more than came in": "SELECT count(*) FROM attempt a WHERE a.refund_reserved_fen > a.amount_fen OR "
        "(SELECT coalesce(sum(amount_fen), 0) FROM refund r WHERE r.slot = a.slot AND r.attempt_no = a.attempt_no AND "
        "r.state NOT IN ('rejected', 'failed')) > a.amount_fen",
    "refunds that are sent without a second person or a policy": "SELECT count(*) FROM refund WHERE send_count > 0 AND cause = 'asked' "
        "AND (approved_by IS NULL OR approved_by = requested_by)",
    "refunds whose end is not told exactly once":
        "SELECT count(*) FROM refund r WHERE (r.state IN ('succeeded', 'failed'))::int <> (SELECT count(*) FROM outbox o JOIN event e "
        "ON e.slot = o.slot AND e.payment_no = o.payment_no AND e.seq = o.seq WHERE e.slot = r.slot AND e.refund_no = r.refund_no "
        "AND o.kind = 'refund.' || r.state)",
    "sums that nobody expected and nobody decided about": "SELECT count(*) FROM surplus WHERE decision IS NULL",
    "idempotency keys in progress": "SELECT count(*) FROM idempotency WHERE state = 'in_progress'",
}

# And each of these does what its statement must find.
SPOILS = {
    "attempts that are paid with another number of success events than one":
        "DELETE FROM event " + ONE.format(table="event e", which=SUCCESS),
    "success events that the outbox does not tell, or tells twice":
        "DELETE FROM outbox WHERE kind IN ('payment.paid', 'payment.late_paid', 'payment.duplicate_paid')",
    "outbox rows about success without such an event":
        "UPDATE outbox SET seq = seq + 1000 " + ONE.format(table="outbox", which="kind = 'payment.paid'"),
    "orders that are told as paid twice":
        "INSERT INTO outbox (slot, payment_no, seq, kind, attempt_no, at) SELECT slot, payment_no, seq + 1000, kind, attempt_no, at "
        "FROM outbox " + ONE.format(table="outbox", which="kind = 'payment.paid'"),
    "orders that miscount their successes": "UPDATE ca_order SET success_count = success_count + 1",
    "payments whose closing is not told exactly once":
        "INSERT INTO outbox (slot, payment_no, seq, kind, at) SELECT slot, payment_no, 1000, 'payment.closed', created_at FROM payment",
    "payments whose state does not follow from their attempts": "UPDATE payment SET state = 'open' WHERE state = 'paid'",
    "payments whose events have gaps": "DELETE FROM event " + ONE.format(table="event", which="true"),
    "attempts that reserve or count other refunds than they have":
        "DELETE FROM refund " + ONE.format(table="refund", which="state = 'succeeded'"),
    "attempts that give back more than came in":
        "ALTER TABLE refund DROP CONSTRAINT refund_moved; UPDATE refund SET amount_fen = amount_fen + 1, total_fen = total_fen + 1",
    "refunds that are sent without a second person or a policy":
        "ALTER TABLE refund DROP CONSTRAINT refund_two_people; UPDATE refund SET approved_by = requested_by "
        "WHERE cause = 'asked' AND send_count > 0",
    "refunds whose end is not told exactly once": "DELETE FROM outbox WHERE kind LIKE 'refund.%'",
    "sums that nobody expected and nobody decided about":
        "UPDATE surplus SET decision = NULL, decided_at = NULL, refund_no = NULL, due_at = found_at",
    "idempotency keys in progress": "UPDATE idempotency SET state = 'in_progress', status = NULL, body = NULL",
}


def spoiled(play, what):
    """What the statement counts once its offence has been done, in a transaction that is rolled back."""
    with open(f"{play.house.var}/pg/conninfo", encoding="utf-8") as file:
        server = file.read().strip()
    script = (f"SET session_replication_role = replica; SET search_path = tallygate; BEGIN; DROP INDEX payment_one_open; "
              f"{SPOILS[what]}; {OFFENCES[what]}; ROLLBACK;")
    done = subprocess.run(["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", f"{server} dbname=tallygate"],
                          encoding="utf-8", input=script, capture_output=True, timeout=60, check=False)
    if done.returncode != 0:
        raise Failed(f"{what}: {done.stderr}")
    return done.stdout.strip()


def there(play):
    found = {}
    for provider in PROVIDERS.values():
        found.update(money_there(play, provider))
    return found


def here(play):
    text = ask(play, "SELECT attempt_no || ' ' || amount_fen || ' ' || provider_trade_no FROM attempt "
                     "WHERE state IN ('paid', 'late_paid')")
    rows = (line.split(" ") for line in text.splitlines())
    return {number: (int(amount), trade) for number, amount, trade in rows}


def difference(play):
    theirs, ours = there(play), here(play)
    return {number: (theirs.get(number), ours.get(number)) for number in {*theirs, *ours}
            if theirs.get(number) != ours.get(number)}


def refunds_there(play):
    """Number and fen of each refund in the providers' books, as often as it stands there."""
    return sorted((one["out_refund_no"], fen(one[provider.refund_amount])) for provider in PROVIDERS.values()
                  for one in play.house.control("GET", provider.path("refunds"))["refunds"] if one["status"] == "SUCCESS")


def refunds_here(play):
    rows = ask(play, "SELECT refund_no || ' ' || amount_fen FROM refund WHERE state = 'succeeded'").splitlines()
    return sorted((number, int(amount)) for number, amount in (row.split(" ") for row in rows))


def told(play):
    """What the portal took by webhook: kind, payment, number of the event."""
    one = receiver_of(play, RECEIVER)
    found = set()
    with one.lock:
        got = list(one.got)
    for message in got:
        play.check(message["headers"]["webhook-signature"] == sign(one.secrets[0], message), "a webhook has another's signature")
        body = json.loads(message["body"])
        found.add((body["type"], body["data"]["payment_id"], body["data"]["event_seq"]))
    return found


def to_tell(play):
    rows = ask(play, "SELECT kind || ' pay_' || payment_no || ' ' || seq FROM outbox").splitlines()
    return {(kind, payment, int(seq)) for kind, payment, seq in (row.split(" ") for row in rows)}


def settle_refunds(play):
    """Refunds take the providers' time: it passes, a minute at a look."""
    clock(play, "+1m")
    for provider in PROVIDERS.values():
        play.house.control("POST", provider.path("release"), {})
    return ask(play, UNDER_WAY) == "0" and refunds_there(play) == refunds_here(play)


def converge(play, load):
    """Two minutes later: leases are over, the schedules come, notices that failed are sent again, clients repeat what they asked."""
    load.stop.clear()
    clock(play, "+2m")
    for method, path, key, body, client in load.later[:]:
        play.wait_until(lambda: load.insist(method, path, key, body, client) is not None, WITHIN_S, lambda: f"the key {key} stays busy")
    load.stop.set()
    for provider in PROVIDERS.values():
        play.house.control("POST", provider.path("release"), {})
        play.house.control("POST", provider.path("idle"), {})
    play.wait_until(lambda: not difference(play), WITHIN_S, lambda: f"number: (theirs, ours): {difference(play)}")
    play.wait_until(lambda: ask(play, OFFENCES["idempotency keys in progress"]) == "0", WITHIN_S,
                    lambda: "idempotency keys stay in progress")
    play.wait_until(lambda: ask(play, OFFENCES["sums that nobody expected and nobody decided about"]) == "0", WITHIN_S,
                    lambda: "nobody decides about money that nobody expected")
    play.wait_until(lambda: settle_refunds(play), WITHIN_S,
                    lambda: f"under way {ask(play, UNDER_WAY)}, theirs {refunds_there(play)}, ours {refunds_here(play)}")
    play.wait_until(lambda: told(play) >= to_tell(play), WITHIN_S, lambda: f"not told by webhook: {to_tell(play) - told(play)}")


def compare(play, load, kills):
    paid = there(play)
    play.check(len(paid) >= kills, f"only {len(paid)} payments: too few to prove anything")
    play.check(not difference(play), f"number: (theirs, ours): {difference(play)}")
    back = refunds_here(play)
    play.check(refunds_there(play) == back, f"theirs {refunds_there(play)}, ours {back}")
    play.check(told(play) == to_tell(play), f"told and in no outbox: {told(play) - to_tell(play)}")
    by_people = int(ask(play, "SELECT count(*) FROM refund WHERE state = 'succeeded' AND cause = 'asked'"))
    print(f"  {by_people} refunds by people, {len(back) - by_people} by policy, {len(told(play))} webhooks", flush=True)
    play.check(0 < by_people < len(back), "no refund by people, or none by policy: nothing is proved")
    for what, sql in OFFENCES.items():
        count = ask(play, sql)
        play.check(count == "0", f"{count} {what}")
        play.check(int(spoiled(play, what)) > 0, f"the statement does not find {what}")
    twice = {key: ids for key, ids in load.ids.items() if len(ids) != 1}
    play.check(not twice, f"keys that were answered with more than one payment: {twice}")
    known = set(ask(play, "SELECT 'pay_' || payment_no FROM payment UNION SELECT 'rfd_' || refund_no FROM refund").splitlines())
    strange = {key: ids for key, ids in load.ids.items() if not ids <= known}
    play.check(not strange, f"keys that were answered with a payment that is not there: {strange}")
    status, said = exported(play)
    play.check(status == 0, f"the trail: {said}")
