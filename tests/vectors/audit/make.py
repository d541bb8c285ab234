#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the vectors of this folder from docs/decisions/0014-audit-chain.md, with hashlib and the openssl program alone:
trail.jsonl, an exported trail of two payments under two checkpoints, and the key pair that signed them. Run by hand; the
key pair is kept, so the same files come out again (Ed25519 is deterministic)."""
import hashlib
import json
import os
import subprocess
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
PRIVATE, PUBLIC = (os.path.join(HERE, name) for name in ("private.pem", "public.pem"))
AT = 1773108001000000


def openssl(*words):
    return subprocess.run(["openssl", *words], check=True, capture_output=True).stdout


def key():
    if not os.path.exists(PRIVATE):
        openssl("genpkey", "-algorithm", "ED25519", "-out", PRIVATE)
        openssl("pkey", "-in", PRIVATE, "-pubout", "-out", PUBLIC)
    der = openssl("pkey", "-pubin", "-in", PUBLIC, "-pubout", "-outform", "DER")
    return hashlib.sha256(der).hexdigest()[:16]


def sign(text):
    with tempfile.NamedTemporaryFile() as file:
        file.write(text)
        file.flush()
        return openssl("pkeyutl", "-sign", "-inkey", PRIVATE, "-rawin", "-in", file.name)


def chain(slot, payment_no, steps):
    events, previous = [], b""
    for seq, step in enumerate(steps, 1):
        event = {"kind": "event", "slot": slot, "payment_no": payment_no, "seq": seq, **step, "at": AT + seq}
        text = "|".join(str(event.get(name, "")) for name in (
            "slot", "payment_no", "seq", "attempt_no", "refund_no", "machine", "from_state", "event", "to_state", "effect",
            "evidence_digest", "actor", "at"))
        previous = hashlib.sha256(previous + text.encode()).digest()
        event["hash"] = previous.hex()
        events.append(event)
    return events


def checkpoint(number, previous, heads, key_id):
    lines = "".join(f"{e['slot']} {e['payment_no']} {e['seq']} {e['hash']}\n" for e in heads)
    text = f"tallygate checkpoint|{number}|{previous}|{AT + number}|{hashlib.sha256(lines.encode()).hexdigest()}".encode()
    return {"kind": "checkpoint", "number": number, "previous": previous, "sealed_at": AT + number, "heads": lines,
            "hash": hashlib.sha256(text).hexdigest(), "key_id": key_id, "signature": sign(text).hex()}


def main():
    key_id = key()
    one, two = "2603100070000000011", "2603100090000000015"
    attempt = {"machine": "attempt", "attempt_no": one + "01"}
    digest = hashlib.sha256(b"paid words").hexdigest()
    a = chain(7, one, [
        {**attempt, "from_state": "created", "event": "sent", "to_state": "pending", "effect": "move"},
        {**attempt, "from_state": "pending", "event": "paid", "to_state": "paid", "effect": "move", "evidence_digest": digest},
        {"machine": "refund", "attempt_no": one + "01", "refund_no": one + "01R01", "from_state": "requested",
         "event": "approve", "to_state": "approved", "effect": "move", "actor": "finance-checker"}])
    b = chain(9, two, [
        {"machine": "payment", "from_state": "open", "event": "closed", "to_state": "closed", "effect": "move"}])
    first = checkpoint(1, "00" * 32, [a[0]], key_id)
    second = checkpoint(2, first["hash"], [a[1], b[0]], key_id)
    lines = [first, second, *a, *b, {"kind": "end", "checkpoints": 2, "events": 4}]
    with open(os.path.join(HERE, "trail.jsonl"), "w", encoding="utf-8") as file:
        file.writelines(json.dumps(line, separators=(",", ":")) + "\n" for line in lines)


main()
