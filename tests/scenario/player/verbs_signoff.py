# SPDX-License-Identifier: Apache-2.0
"""Verbs of finance: a day is shown, prepared, signed or taken back."""

from .engine import verb


def path_of(play, account, what=""):
    return f"/v1/reconciliation/days/{account}/{play.house.day('today').isoformat()}/signoff{what}"


def decide(play, account, what, body, client, status, comparisons):
    play.notes["signoffs"] = play.notes.get("signoffs", 0) + 1
    play.answer = play.house.call("POST", path_of(play, account, what), keyid=client, body=body,
                                  idempotency_key=f"signoff-{play.notes['signoffs']}")
    play.compare(play.answer, [f"status={status}", *comparisons])


@verb("show-day", "ACCOUNT", "client status", free="comparisons")
def show_day(play, account, comparisons, *, client="finance", status="200"):
    """GET …/signoff: what there is to sign of that account's day; the hash of its text is what later verbs name."""
    play.answer = play.house.call("GET", path_of(play, account), keyid=client)
    play.compare(play.answer, [f"status={status}", *comparisons])
    play.notes["shown"] = (play.answer["body"] or {}).get("content_hash") or play.notes.get("shown")


@verb("prepare-day", "ACCOUNT", "client hash status", free="comparisons")
def prepare_day(play, account, comparisons, *, client="finance", hash="", status="200"):
    """Somebody puts the day as it was shown before somebody else."""
    decide(play, account, "", {"content_hash": hash or play.notes["shown"]}, client, status, comparisons)


@verb("sign-day", "ACCOUNT", "client hash status", free="comparisons")
def sign_day(play, account, comparisons, *, client="checker", hash="", status="200"):
    """Somebody else signs the day as it was shown."""
    decide(play, account, "/sign", {"content_hash": hash or play.notes["shown"]}, client, status, comparisons)


@verb("withdraw-day", "ACCOUNT", "client reason status", free="comparisons")
def withdraw_day(play, account, comparisons, *, client="finance", reason="another look", status="200"):
    """It is not to be signed yet."""
    decide(play, account, "/withdraw", {"reason": reason}, client, status, comparisons)
