#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A client of the Tallygate API in the standard library of Python 3.9 and later.

  tallygate.py create ORDER.json KEY     asks for the money of an order (POST /v1/payments); KEY is the Idempotency-Key
  tallygate.py refresh PAYMENT_ID        刷新支付状态
  tallygate.py verify-webhook BODY ID TIMESTAMP SIGNATURE

TALLYGATE_URL, TALLYGATE_KEYID, TALLYGATE_KEY_FILE say who asks whom; TALLYGATE_WEBHOOK_SECRET (whsec_…) is for webhooks.
Only hmac-sha256: the standard library has no Ed25519."""

import base64
import hashlib
import hmac
import os
import secrets
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

TOLERANCE_S = 300


def now():
    """TALLYGATE_CLOCK_SHIFT_S is for a development gateway, which may live at another time."""
    return int(time.time()) + int(os.environ.get("TALLYGATE_CLOCK_SHIFT_S", "0"))


def signed_headers(method, url, body, keyid, secret):
    """RFC 9421 over the method, path, query and, with a body, its RFC 9530 digest."""
    parts = urllib.parse.urlsplit(url)
    lines = [("@method", method), ("@path", parts.path), ("@query", "?" + parts.query)]
    headers = {}
    if body:
        digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
        headers["Content-Digest"] = f"sha-256=:{digest}:"
        lines.append(("content-digest", headers["Content-Digest"]))
    names = " ".join(f'"{name}"' for name, _ in lines)
    parameters = f'({names});created={now()};nonce="{secrets.token_hex(16)}";keyid="{keyid}"'
    base = "".join(f'"{name}": {value}\n' for name, value in lines) + f'"@signature-params": {parameters}'
    signature = hmac.new(secret, base.encode(), hashlib.sha256).digest()
    headers["Signature-Input"] = f"sig={parameters}"
    headers["Signature"] = f"sig=:{base64.b64encode(signature).decode()}:"
    return headers


def call(method, path, body=b"", idempotency_key=None):
    """(status, text). After a time-out send the same request with the same key again: it is done once."""
    url = os.environ["TALLYGATE_URL"] + path
    with open(os.environ["TALLYGATE_KEY_FILE"], "rb") as file:
        secret = file.read().rstrip(b"\n")
    headers = signed_headers(method, url, body, os.environ["TALLYGATE_KEYID"], secret)
    headers["Accept-Language"] = "en"
    if body:
        headers["Content-Type"] = "application/json"
    if idempotency_key:
        headers["Idempotency-Key"] = idempotency_key
    request = urllib.request.Request(url, body or None, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as problem:  # application/problem+json
        return problem.code, problem.read().decode()


def verify_webhook(secret, body, message_id, timestamp, signatures):
    """Standard Webhooks: one of the signatures is HMAC-SHA256 over id.timestamp.body, and the time is near."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    text = f"{message_id}.{timestamp}.".encode() + body
    wanted = "v1," + base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()
    near = timestamp.isdigit() and abs(now() - int(timestamp)) <= TOLERANCE_S
    return near and any([hmac.compare_digest(wanted.encode(), one.encode()) for one in signatures.split(" ")])


def main(words):
    if words[:1] == ["create"] and len(words) == 3:
        with open(words[1], "rb") as file:
            status, text = call("POST", "/v1/payments", file.read(), words[2])
    elif words[:1] == ["refresh"] and len(words) == 2:
        status, text = call("POST", f"/v1/payments/{words[1]}/refresh", b"{}")
    elif words[:1] == ["verify-webhook"] and len(words) == 5:
        with open(words[1], "rb") as file:
            good = verify_webhook(os.environ["TALLYGATE_WEBHOOK_SECRET"], file.read(), *words[2:])
        print("genuine" if good else "not genuine")
        return 0 if good else 1
    else:
        print(__doc__, file=sys.stderr)
        return 2
    print(text)
    return 0 if status < 300 else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
