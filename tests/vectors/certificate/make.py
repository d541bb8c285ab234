#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the vectors of this folder from docs/decisions/0027-signoff.md, with json and the openssl program alone: signed.txt, the text of a
certificate; ed25519.json and sm2.json, files of it under the key of tests/vectors/audit and under an SM2 key that is kept here. Run by
hand; the signature of SM2 is another one each time, so its file is only made when it is missing."""
import hashlib
import json
import os
import subprocess
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
AUDIT = os.path.join(HERE, "../audit")


def openssl(*words):
    return subprocess.run(["openssl", *words], check=True, capture_output=True).stdout


def members():
    zero = [0, 0]
    return {
        "form": "tallygate tie-out certificate 1", "account": "alipay-key", "provider": "alipay", "kind": "trade", "day": "2026-03-10",
        "version": 2, "as_of": "2026-03-11T02:30:00.000Z", "zone_east_min": 480, "program": "0.1.0", "rules": 2,
        "bill_sha256": hashlib.sha256(b"the bill\n").hexdigest(), "bill_bytes": 9, "bill_origin": "download", "flow_sha256": None,
        "lines_sha256": "11" * 32, "population_sha256": "22" * 32, "refunds_sha256": "33" * 32, "results_sha256": "44" * 32,
        "input_hash": "55" * 32, "trailer": [2, 8850], "parsed": [2, 8850], "in_scope": [2, 8850], "ineffective": zero,
        "out_of_scope": zero, "matched": [1, 8800], "amount_bill": zero, "bill_only": [1, 50], "repeated": zero,
        "population": [1, 8800], "amount_books": zero, "book_only": zero, "in_transit": zero, "carried_in": zero,
        "delta_long": [1, 50], "delta_short": zero, "pay": [2, 8850], "refund": zero, "fee": [1, -53], "unexplained": 0,
        "prepared_by": "finance", "prepared_at": "2026-03-11T03:00:00.000Z", "signed_by": "checker",
        "signed_at": "2026-03-11T03:05:00.000Z", "signoff_sha256": "66" * 32}


def signed(text, private, *options):
    with tempfile.NamedTemporaryFile() as file:
        file.write(text)
        file.flush()
        return openssl("pkeyutl", "-sign", "-inkey", private, "-rawin", "-in", file.name, *options).hex()


def write(name, text, private, public, algorithm, *options):
    key = hashlib.sha256(openssl("pkey", "-pubin", "-in", public, "-pubout", "-outform", "DER")).hexdigest()[:16]
    with open(os.path.join(HERE, name), "wb") as file:
        file.write(b'{"certificate":' + text + f',"key":"{key}","algorithm":"{algorithm}","signature":"'.encode()
                   + signed(text, private, *options).encode() + b'"}\n')


def main():
    text = json.dumps(members(), separators=(",", ":")).encode()
    with open(os.path.join(HERE, "signed.txt"), "wb") as file:
        file.write(text)
    write("ed25519.json", text, os.path.join(AUDIT, "private.pem"), os.path.join(AUDIT, "public.pem"), "ed25519")
    private, public = os.path.join(HERE, "sm2_private.pem"), os.path.join(HERE, "sm2_public.pem")
    if not os.path.exists(private):
        openssl("genpkey", "-algorithm", "SM2", "-out", private)
        openssl("pkey", "-in", private, "-pubout", "-out", public)
    if not os.path.exists(os.path.join(HERE, "sm2.json")):
        write("sm2.json", text, private, public, "sm2-sm3", "-digest", "sm3", "-pkeyopt", "distid:1234567812345678")


main()
