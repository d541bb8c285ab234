# SPDX-License-Identifier: Apache-2.0
"""Verbs of a portal that is told by webhook: a receiver that behaves as it is told and keeps what it got. Signatures are
checked here with Python's own hmac, by the text of Standard Webhooks 1.0.0."""

import base64
import hashlib
import hmac
import http.server
import json
import os
import re
import signal as signals
import threading
import time

from .engine import COMPARISON, Failed, PlayError, holds, look_up, verb
from .verbs_order import order_of
from .verbs_service import processes

HANG_S = 40
SIGNED_AGE_S = 300


class Receiver:
    """One endpoint of the portal. `answers` are used up in turn; behind them it takes everything."""

    def __init__(self, name):
        self.name, self.id, self.secrets, self.previous = name, None, [], None
        self.got, self.answers, self.lock = [], [], threading.Lock()
        self.released = threading.Event()
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("content-length", "0")))
                receiver.answer(self, body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_port}/hooks/{self.name}"

    def answer(self, handler, body):
        headers = {name.lower(): value for name, value in handler.headers.items()}
        with self.lock:
            answer = self.answers.pop(0) if self.answers else "200"
            self.got.append({"answer": answer, "path": handler.path, "headers": headers, "body": body, "at": time.time()})
        if answer == "hang":
            self.released.wait(HANG_S)
            return
        status, _, more = answer.partition(":")
        handler.send_response(int(status))
        if status in ("301", "302", "307"):
            handler.send_header("Location", self.url + "/elsewhere")
        elif more:
            handler.send_header("Retry-After", more)
        content = b"x" * 200000 if more == "large" else b"thanks"
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        try:
            handler.wfile.write(content)
        except OSError:
            pass


def receiver_of(play, name):
    receivers = play.notes.setdefault("receivers", {})
    if name not in receivers:
        receivers[name] = Receiver(name)
    return receivers[name]


def sign(secret, message):
    """Standard Webhooks: HMAC-SHA256 over id.timestamp.body with what stands behind whsec_ in base64."""
    key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    headers = message["headers"]
    text = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + message["body"]
    return "v1," + base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()


def check_genuine(play, receiver, message, signatures):
    headers = message["headers"]
    secrets = [receiver.secrets[-1 - i] for i in range(signatures)]
    wanted = [sign(secret, message) for secret in secrets]
    play.check(headers["webhook-signature"].split(" ") == wanted,
               f"expected {signatures} signatures, saw {headers['webhook-signature']}")
    age_s = abs(int(headers["webhook-timestamp"]) - (message["at"] + play.house.shift_s))
    play.check(age_s < SIGNED_AGE_S, f"the timestamp is {age_s} s off")
    play.check(headers["content-type"] == "application/json", f"the content type is {headers['content-type']}")


def call(play, method, path, status, **more):
    play.answer = play.house.call(method, path, **more)
    play.check(str(play.answer["status"]) == status, f"expected status {status}, saw {play.answer}")
    return play.answer["body"]


@verb("receiver", "NAME", "kinds")
def receiver(play, name, *, kinds=""):
    """The portal registers an endpoint of its own; the secret is told once, and never by a repeated request."""
    one = receiver_of(play, name)
    body = {"url": one.url}
    if kinds:
        body["kinds"] = kinds.split(",")
    key = f"receiver-{name}"
    answer = call(play, "POST", "/v1/webhook_endpoints", "201", body=body, idempotency_key=key)
    one.id = answer["id"]
    one.secrets.append(answer["secret"])
    play.check(re.fullmatch(r"whsec_[A-Za-z0-9+/]{43}=", answer["secret"]) is not None, f"the secret is {answer['secret']!r}")
    again = call(play, "POST", "/v1/webhook_endpoints", "201", body=body, idempotency_key=key)
    play.check(again["id"] == one.id and again["secret"] is None, f"the repeated request is answered with {again}")


@verb("more-endpoints", "COUNT")
def more_endpoints(play, count):
    """So many endpoints that nobody answers at."""
    for number in range(int(count)):
        body = {"url": f"https://portal.example.cn/hooks/{number}"}
        call(play, "POST", "/v1/webhook_endpoints", "201", body=body, idempotency_key=f"more-{number}")


@verb("receiver-rotates", "NAME")
def receiver_rotates(play, name):
    """The endpoint gets a new secret; for a while both sign."""
    one = receiver_of(play, name)
    key = f"rotate-{name}-{len(one.secrets)}"
    answer = call(play, "POST", f"/v1/webhook_endpoints/{one.id}/rotate", "200", idempotency_key=key)
    play.check(answer["secret"] not in (None, *one.secrets), f"the answer is {answer}")
    one.secrets.append(answer["secret"])
    again = call(play, "POST", f"/v1/webhook_endpoints/{one.id}/rotate", "200", idempotency_key=key)
    play.check(again["secret"] is None, f"the repeated request is answered with {again}")


@verb("receiver-answers", "NAME", free="words")
def receiver_answers(play, name, words):
    """What it answers the next times: a status, 429:SECONDS with Retry-After, 200:large, or hang; then 200 again."""
    one = receiver_of(play, name)
    with one.lock:
        one.answers = list(words)


def sent_to(receiver, kind, number):
    with receiver.lock:
        found = list(receiver.got)
    return [one for one in found if (body := json.loads(one["body"]))["type"] == kind and body["data"].get("order_no") == number]


@verb("expect-message", "NAME KIND ORDER", "count signatures within", free="comparisons")
def expect_message(play, name, kind, order, comparisons, *, count="1", signatures="1", within="15"):
    """So many tries of this message have come, all with one id and the same bytes, and the newest is genuine."""
    one, number = receiver_of(play, name), order_of(play, order).number
    play.wait_until(lambda: len(sent_to(one, kind, number)) >= int(count), within,
                    lambda: f"expected {count} tries of {kind}, saw {len(sent_to(one, kind, number))} of {len(one.got)}")
    tries = sent_to(one, kind, number)
    play.check(len(tries) == int(count), f"expected {count} tries of {kind}, saw {len(tries)}")
    play.check(len({message["headers"]["webhook-id"] for message in tries}) == 1, "one message has several ids")
    play.check(len({message["body"] for message in tries}) == 1, "one message has several bodies")
    check_genuine(play, one, tries[-1], int(signatures))
    play.notes["pushed", kind, number] = json.loads(tries[-1]["body"])
    play.compare(json.loads(tries[-1]["body"]), comparisons)


@verb("expect-day-message", "NAME KIND ACCOUNT", "day within", free="comparisons")
def expect_day_message(play, name, kind, account, comparisons, *, day="today", within="15"):
    """One message about the account's day has come, once, and is genuine."""
    one, wanted = receiver_of(play, name), (kind, account, play.house.day(day).isoformat())

    def seen():
        with one.lock:
            found = list(one.got)
        bodies = [(message, json.loads(message["body"])) for message in found]
        return [message for message, body in bodies
                if (body["type"], body["data"].get("account"), body["data"].get("day")) == wanted]
    play.wait_until(lambda: len(seen()) > 0, within, lambda: f"no message {wanted} among {len(one.got)}")
    play.check(len(seen()) == 1, f"expected one message {wanted}, saw {len(seen())}")
    check_genuine(play, one, seen()[0], 1)
    play.compare(json.loads(seen()[0]["body"]), comparisons)


@verb("expect-no-message", "NAME KIND ORDER")
def expect_no_message(play, name, kind, order):
    """None of this kind has come."""
    seen = sent_to(receiver_of(play, name), kind, order_of(play, order).number)
    play.check(not seen, f"came: {seen}")


def deliveries(play, name, state):
    path = f"/v1/webhook_endpoints/{receiver_of(play, name).id}/deliveries?state={state}"
    return call(play, "GET", path, "200")["deliveries"]


@verb("expect-deliveries", "NAME STATE COUNT", "within", free="comparisons")
def expect_deliveries(play, name, state, count, comparisons, *, within="20"):
    """GET …/deliveries?state= comes to list so many, the newest of them as it is compared."""
    wanted = [COMPARISON.fullmatch(one).groups() for one in comparisons]

    def fits():
        found = deliveries(play, name, state)
        return len(found) == int(count) and all(holds(look_up(found[0], path), operator, value)
                                                for path, operator, value in wanted)

    play.wait_until(fits, within, lambda: f"expected {count} {state} {comparisons}, saw {deliveries(play, name, state)}")


@verb("endpoint", "NAME CALL", "status", free="comparisons")
def endpoint(play, name, what, comparisons, *, status="200"):
    """get, enable or delete, of this receiver's endpoint."""
    path = f"/v1/webhook_endpoints/{receiver_of(play, name).id}"
    ways = {"get": ("GET", path), "enable": ("POST", path + "/enable"), "delete": ("DELETE", path)}
    if what not in ways:
        raise PlayError(f"{what!r} is none of {', '.join(ways)}")
    call(play, *ways[what], status)
    play.compare(play.answer, comparisons)


@verb("resend", "NAME STATE", "status by code")
def resend(play, name, state, *, status="202", by="api", code=""):
    """Sends the newest delivery of this state again, by the API or the operator's program."""
    found = deliveries(play, name, state)
    if not found:
        raise Failed(f"{name} has no delivery that is {state}")
    if by == "cli":
        exit_status, play.output = play.house.run(["webhooks", "resend", "--delivery", found[0]["id"]])
        play.check(exit_status == 0, f"tallygate webhooks resend: {play.output}")
        return
    call(play, "POST", f"/v1/webhook_deliveries/{found[0]['id']}/resend", status)
    if code:
        play.compare(play.answer, [f"body.code={code}"])


@verb("replay", "NAME", "begin end by status", free="comparisons")
def replay(play, name, comparisons, *, begin, end, by="api", status="202"):
    """Sends everything of a span of time again: times as +HOURSh or -HOURSh from now."""
    def moment(text):
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + play.house.shift_s + int(text.rstrip("h")) * 3600))

    one = receiver_of(play, name)
    if by == "cli":
        words = ["webhooks", "replay", "--endpoint", one.id, "--from", moment(begin), "--to", moment(end)]
        exit_status, play.output = play.house.run(words)
        play.check(exit_status == 0, f"tallygate {' '.join(words)}: {play.output}")
        return
    body = {"from": moment(begin), "to": moment(end)}
    call(play, "POST", f"/v1/webhook_endpoints/{one.id}/replay", status, body=body)
    play.compare(play.answer, comparisons)


@verb("pull-events", "", "limit", free="words")
def pull_events(play, words, *, limit="2"):
    """Reads the whole feed in small steps: each message once, in order, with the very body that was pushed, where one was. The
    words are the kinds that are expected among them."""
    after, seen = "0", []
    while True:
        page = call(play, "GET", f"/v1/events?after={after}&limit={limit}", "200")
        seen += page["events"]
        after = page["next"]
        if not page["events"]:
            break
    places = [int(one["cursor"]) for one in seen]
    play.check(places == sorted(set(places)), f"the places are {places}")
    play.check(len({one["id"] for one in seen}) == len(seen), "a message came twice")
    kinds = [one["event"]["type"] for one in seen]
    for word in words:
        play.check(word in kinds, f"no {word} among {kinds}")
    for (mark, kind, number), body in [(key, value) for key, value in play.notes.items() if key[0] == "pushed"]:
        same = [one["event"] for one in seen if one["event"]["type"] == kind and one["event"]["data"].get("order_no") == number]
        play.check(same == [body], f"{mark} {kind} of {number} was {body}, pulled {same}")


@verb("webhooks-set-up", "STATE")
def webhooks_set_up(play, state):
    """on or off: the configuration has a master secret, or none; the service reads it anew."""
    path = play.house.endpoints["configuration"]
    with open(path, encoding="utf-8") as file:
        text, count = re.subn(r"(?m)^#?(master_secret = .*)$", r"\1" if state == "on" else r"#\1", file.read())
    if count != 1 or state not in ("on", "off"):
        raise PlayError(f"{path} has {count} master secrets; {state!r} is on or off")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    before = {child["pid"] for child in play.house.children()}
    os.kill(processes(play, "parent")[0], signals.SIGHUP)
    play.wait_until(lambda: not before & {child["pid"] for child in play.house.children()}, 60,
                    lambda: f"children of the old time are left: {before} of {play.house.children()}")
