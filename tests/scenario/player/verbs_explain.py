# SPDX-License-Identifier: Apache-2.0
"""A client that signs by itself, rightly or with a mistake. What is signed is written out here a second time; the gateway's
answer and `tallygate explain` must show the very same text and name the mistake."""

import base64
import hashlib
import hmac
import http.client
import json
import os
import secrets
import subprocess
import urllib.parse

from .engine import PlayError, verb

MISTAKES = {
    "none": lambda text, url: text,
    "no-query": lambda text, url: text.replace(url, url.partition("?")[0]),
    "https": lambda text, url: text.replace(url, url.replace("http:", "https:")),
    "newline": lambda text, url: text + "\n",
    "lower-case": lambda text, url: text.replace("POST", "post"),
    "nonsense": lambda text, url: "nothing of this request",
}


def client(play, keyid):
    return next(one for one in play.house.endpoints["clients"] if one["keyid"] == keyid)


def secret_of(play, keyid):
    with open(client(play, keyid)["secret_file"], "rb") as file:
        return file.read().rstrip(b"\n")


def base_text(url, body, parameters):
    digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
    return digest, (f'"@method": POST\n"@target-uri": {url}\n"content-digest": sha-256=:{digest}:\n'
                    f'"@signature-params": {parameters}')


def post(url, body, headers):
    parts = urllib.parse.urlsplit(url)
    line = http.client.HTTPConnection(parts.hostname, parts.port, timeout=20)
    try:
        line.request("POST", parts.path + "?" + parts.query, body, headers)
        answer = line.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        line.close()


def offline(play, arguments, body):
    path = f"{play.house.var}/run/explained-body"
    with open(path, "wb") as file:
        file.write(body)
    command = [f"{play.house.endpoints['build']}/tallygate", "-c", play.house.endpoints["configuration"], "--lang", "en",
               "--clock-shift-s", str(play.house.shift_s), "explain", *arguments, "--body", path]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False,
                          timeout=60)
    os.unlink(path)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


@verb("sign-by-hand", "MISTAKE", "code client component key")
def sign_by_hand(play, mistake, *, code="", component="", client="portal", key=""):
    """Sends a request signed over a text with this mistake, and asks tallygate explain about the same request. `code` is the
    difference that both must name; without one the signature is genuine. key=other: signed with another client's secret."""
    if mistake not in MISTAKES:
        raise PlayError(f"{mistake!r} is none of {', '.join(MISTAKES)}")
    url = play.house.endpoints["api"] + "/v1/payments/pay_1/refresh?a=b"
    body = b'{"max_wait_ms": 1000}'
    created = int(play.house.now().timestamp())
    parameters = (f'("@method" "@target-uri" "content-digest");created={created};nonce="{secrets.token_hex(8)}"'
                  f';keyid="{client}"')
    digest, text = base_text(url, body, parameters)
    secret = secret_of(play, "finance" if key == "other" else client)
    mac = base64.b64encode(hmac.new(secret, MISTAKES[mistake](text, url).encode(), hashlib.sha256).digest()).decode()
    headers = {"Content-Type": "application/json", "Content-Digest": f"sha-256=:{digest}:",
               "Signature-Input": f"sig={parameters}", "Signature": f"sig=:{mac}:", "Accept-Language": "en"}
    status, answer = post(url, body, headers)
    code_off, out, err = offline(play, ["--client", client, "--method", "POST", "--url", url, "--signature-input",
                                        headers["Signature-Input"], "--signature", headers["Signature"]], body)
    play.check(out == text, f"tallygate explain prints {out!r}, signed is {text!r}: {err}")
    if not code:
        play.check(status != 401, f"the gateway answers {answer}")
        play.check(code_off == 0, f"tallygate explain says {code_off}: {err}")
        return
    play.check(status == 401 and answer["code"] == "signature_invalid", f"the gateway answers {status} {answer}")
    play.check(answer["explain"]["signature_base"] == text, f"the gateway's text is {answer['explain']}")
    found = [(one["component"], one["code"]) for one in answer["explain"]["differences"]]
    play.check(found == [(component, code)], f"the gateway finds {found}")
    play.check(code_off == 1 and f"({code})" in err and component in err, f"tallygate explain says {code_off}: {err}")
    for said in (json.dumps(answer), out, err):
        play.check(secret.decode() not in said and mac not in said, "a secret or a signature is told")


@verb("explain-beforehand", "", "client")
def explain_beforehand(play, *, client="portal"):
    """tallygate explain proposes the headers and prints the text to sign; a request that is signed so is genuine."""
    url, body = play.house.endpoints["api"] + "/v1/payments/pay_1/refresh?a=b", b'{"max_wait_ms": 1000}'
    status, text, said = offline(play, ["--client", client, "--method", "POST", "--url", url, "--header",
                                        "Content-Type: application/json"], body)
    play.check(status == 0, f"tallygate explain says {status}: {said}")
    headers = {"Content-Type": "application/json"}
    for line in said.splitlines():
        name, _, value = line.removeprefix("tallygate: ").partition(": ")
        headers[name] = value
    mac = base64.b64encode(hmac.new(secret_of(play, client), text.encode(), hashlib.sha256).digest()).decode()
    headers["Signature"] = f"sig=:{mac}:"
    status, answer = post(url, body, headers)
    play.check(status not in (401, 403), f"the gateway answers {status} {answer}")


@verb("explained-at-most", "COUNT")
def explained_at_most(play, count):
    """Failed signatures one after the other: at most so many are explained by each worker, and some are."""
    workers = sum(1 for child in play.house.children() if child["role"] == "worker")
    told = 0
    for _ in range(int(count) * workers + 5):
        answer = play.house.call("GET", "/v1/payments/pay_1", keyid="operator", tamper="signature")
        play.check(answer["status"] == 401, f"the gateway answers {answer}")
        told += 1 if "explain" in answer["body"] else 0
    play.check(0 < told <= int(count) * workers, f"{told} failures were explained by {workers} workers")
