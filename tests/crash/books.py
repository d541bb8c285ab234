# SPDX-License-Identifier: Apache-2.0
"""After the kills: time passes, everybody asks once more, and then all books must say the same."""

import subprocess

from player.engine import Failed
from player.providers import PROVIDERS
from player.verbs_audit import exported
from player.verbs_books import money_there
from player.verbs_crash import ask
from player.verbs_service import clock

WITHIN_S = 90
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


def converge(play, load):
    """Two minutes later: leases are over, the schedules come, notices that failed are sent again, clients repeat what they asked."""
    load.stop.clear()
    clock(play, "+2m")
    for method, path, key, body in load.later[:]:
        play.wait_until(lambda: load.insist(method, path, key, body) is not None, WITHIN_S, lambda: f"the key {key} stays busy")
    load.stop.set()
    for provider in PROVIDERS.values():
        play.house.control("POST", provider.path("release"), {})
        play.house.control("POST", provider.path("idle"), {})
    play.wait_until(lambda: not difference(play), WITHIN_S, lambda: f"number: (theirs, ours): {difference(play)}")
    play.wait_until(lambda: ask(play, OFFENCES["idempotency keys in progress"]) == "0", WITHIN_S,
                    lambda: "idempotency keys stay in progress")


def compare(play, load, kills):
    paid = there(play)
    play.check(len(paid) >= kills, f"only {len(paid)} payments: too few to prove anything")
    play.check(not difference(play), f"number: (theirs, ours): {difference(play)}")
    for what, sql in OFFENCES.items():
        count = ask(play, sql)
        play.check(count == "0", f"{count} {what}")
        play.check(int(spoiled(play, what)) > 0, f"the statement does not find {what}")
    twice = {key: ids for key, ids in load.ids.items() if len(ids) != 1}
    play.check(not twice, f"keys that were answered with more than one payment: {twice}")
    known = set(ask(play, "SELECT 'pay_' || payment_no FROM payment").splitlines())
    strange = {key: ids for key, ids in load.ids.items() if not ids <= known}
    play.check(not strange, f"keys that were answered with a payment that is not there: {strange}")
    status, said = exported(play)
    play.check(status == 0, f"the trail: {said}")
