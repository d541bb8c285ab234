# SPDX-License-Identifier: Apache-2.0
"""Verbs that end a worker at a chosen point of its work. The point is chosen from outside, by a lock in the database that
the worker comes to wait for; then it is killed with SIGKILL, and what it had asked the database for is ended with it."""

import os
import select
import signal as signals
import subprocess

from .engine import Failed, PlayError, verb
from .verbs_order import order_of
from .verbs_service import processes

PATIENCE_S = 20


def psql(play, user, *more):
    database = play.house.endpoints["database"].replace("//tallygate_app@", f"//{user}@")
    return ["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", *more, database]


def ask(play, sql, user="tallygate_app"):
    """The one value that a statement gives, as text."""
    done = subprocess.run(psql(play, user, "-c", f"SET search_path = tallygate; {sql}"), stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False, timeout=30)
    if done.returncode != 0:
        raise Failed(f"{sql}: {done.stderr.decode('utf-8', 'replace')}")
    return done.stdout.decode("utf-8").strip()


class Hold:
    """A transaction of the schema's owner that keeps a lock until it is let go."""

    def __init__(self, play, sql):
        self.psql = subprocess.Popen(psql(play, "tallygate_owner"), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                     stderr=subprocess.STDOUT)
        self.psql.stdin.write(f"SET search_path = tallygate; BEGIN; {sql}; SELECT 'held';\n".encode())
        self.psql.stdin.flush()
        said = b""
        while not said.strip().endswith(b"held"):
            if not select.select([self.psql.stdout], [], [], PATIENCE_S)[0]:
                raise Failed(f"{sql}: nothing was said within {PATIENCE_S} s")
            more = os.read(self.psql.stdout.fileno(), 4096)
            said += more
            if not more:
                raise Failed(f"{sql}: {said.decode('utf-8', 'replace')}")

    def end(self):
        self.psql.communicate(timeout=PATIENCE_S)


def word(text):
    if not text.replace("-", "").isalnum():
        raise PlayError(f"{text!r} is not made of letters, digits and dashes")
    return text


@verb("hold", "WHAT NAME")
def hold(play, what, name):
    """hold payments NAME: nobody writes a payment until let-go NAME, hold endpoints NAME the same, hold runs NAME: nobody the
    lines of a reconciliation, hold transfers NAME and hold differences NAME: nobody those. hold key NAME: nobody ends this idempotency key."""
    statements = {"payments": "LOCK TABLE payment IN SHARE MODE",
                  "runs": "LOCK TABLE bill_line IN SHARE MODE",
                  "transfers": "LOCK TABLE manual_payment IN SHARE MODE",
                  "differences": "LOCK TABLE difference IN SHARE MODE",
                  "endpoints": "LOCK TABLE webhook_endpoint IN SHARE MODE",
                  "key": f"SELECT state FROM idempotency WHERE key = '{word(name)}' FOR UPDATE"}
    if what not in statements:
        raise PlayError(f"{what!r} is not payments, endpoints, runs, transfers, differences or key")
    play.notes["hold", what, name] = Hold(play, statements[what])


@verb("let-go", "WHAT NAME")
def let_go(play, what, name):
    """Ends a hold; whoever waited goes on."""
    play.notes.pop(("hold", what, name)).end()


@verb("await-key", "KEY", "state within")
def await_key(play, key, *, state, within="20"):
    """The idempotency key comes to a state: in_progress, done, or gone."""
    def seen():
        return ask(play, f"SELECT coalesce((SELECT state FROM idempotency WHERE key = '{word(key)}'), 'gone')")
    play.wait_until(lambda: seen() == state, within, lambda: f"expected the key {state}, it is {seen()}")


@verb("await-waiting", "STATEMENT", "within")
def await_waiting(play, statement, *, within="20"):
    """Somebody of the service or its night waits for a lock in a statement that begins with these words."""
    sql = ("SELECT count(*) FROM pg_stat_activity WHERE usename IN ('tallygate_app', 'tallygate_recon') AND "
           "wait_event_type = 'Lock' AND "
           f"regexp_replace(query, '^(--[^\\n]*\\n)+', '') LIKE '{statement}%'")
    play.wait_until(lambda: ask(play, sql, "postgres") != "0", within, lambda: f"nobody waits in {statement!r}")


@verb("cut-off", "", "within finish")
def cut_off(play, *, within="30", finish=""):
    """kill -9 of every worker; then the database ends what they were waiting in, as if it had never been asked for.
    finish=yes: the database goes on with it and finds nobody to answer."""
    before = processes(play, "worker")
    for pid in before:
        os.kill(pid, signals.SIGKILL)
    end = "pid" if finish == "yes" else "pg_terminate_backend(pid, 5000)"
    ended = ask(play, f"SELECT count({end}) FROM pg_stat_activity "
                      "WHERE usename = 'tallygate_app' AND wait_event_type = 'Lock'")
    play.check(ended != "0", "no worker was waiting in the database")
    play.wait_until(lambda: len(processes(play, "worker")) == len(before)
                    and not set(before) & set(processes(play, "worker")), within,
                    lambda: f"the children are {play.house.children()}, {before} were killed")


@verb("expect-payments", "NAME COUNT")
def expect_payments(play, name, count):
    """So many payments of this order lie in the database; the newest is the order's from now on."""
    order = order_of(play, name)
    seen = ask(play, f"SELECT count(*) FROM payment WHERE order_no = '{order.number}'")
    play.check(seen == count, f"expected {count} payments of {order.number}, saw {seen}")
    if count != "0":
        answer = play.house.call("GET", f"/v1/payments?order_no={order.number}")
        play.check(answer["status"] == 200, f"its payment is answered with {answer['status']}: {answer['text']}")
        order.payment = answer["body"]
