# SPDX-License-Identifier: Apache-2.0
"""Verbs of bills that people bring."""

import glob
import gzip
import re

from .engine import verb
from .verbs_night import PLAYS


@verb("bill-by-hand", "FILE", "edited renamed")
def bill_by_hand(play, file, *, edited="no", renamed=""):
    """The archived bill that the last program named by its hash, unpacked as a browser does it, as a file of the house's folder;
    edited: with its first two lines changed over; renamed: with a column FROM=TO of its header."""
    named = re.search(r"[0-9a-f]{12,64}", play.output)
    found = glob.glob(f"{play.house.var}/archive/*/*/{named[0]}*") if named else []
    play.check(len(found) == 1, f"no archived bill is named in:\n{play.output}")
    with open(found[0], "rb") as source:
        content = source.read()
    if content.startswith(b"\x1f\x8b"):
        content = gzip.decompress(content)
    lines = content.splitlines(keepends=True)
    if edited != "no":
        lines[1], lines[2] = lines[2], lines[1]
    if renamed:
        before, after = (f",{name},".encode() for name in renamed.split("="))
        play.check(before in lines[0], f"the header has no {before.decode()}")
        lines[0] = lines[0].replace(before, after)
    with open(f"{play.house.var}/{file}", "wb") as target:
        target.write(b"".join(lines))


@verb("bank-lines", "FILE")
def bank_lines(play, file):
    """The bank's statement of today, as finance hands it in, as a file of the house's folder."""
    with open(f"{PLAYS}/deposits.csv", encoding="utf-8") as source:
        text = source.read()
    with open(f"{play.house.var}/{file}", "w", encoding="utf-8") as target:
        target.write(text.replace("{today}", play.house.day("today").isoformat()))


@verb("brought", free="comparisons")
def brought(play, comparisons):
    """The bill that waits is the one that was brought last; it is held against comparisons."""
    play.answer = play.house.call("GET", "/v1/reconciliation/uploads", keyid="finance")
    play.compare(play.answer, ["status=200", "body.uploads[0].state=waiting", *comparisons])
    play.notes["upload"] = play.answer["body"]["uploads"][0]


@verb("decide-brought", "HOW", "client status key", free="comparisons")
def decide_brought(play, how, comparisons, *, client, status="200", key=""):
    """Approves it, naming its hash, or rejects it; accept: approves it and names the hash of its header too."""
    upload = play.notes["upload"]
    body = {} if how == "reject" else {"sha256": upload["sha256"]}
    if how == "accept":
        how = "approve"
        body["header_sha256"] = upload["header"]["sha256"]
    play.answer = play.house.call("POST", f"/v1/reconciliation/uploads/{upload['number']}/{how}", keyid=client, body=body,
                                  idempotency_key=key or f"{how}-{upload['number']}-{client}")
    play.compare(play.answer, [f"status={status}", *comparisons])
