# SPDX-License-Identifier: Apache-2.0
"""The API's document, carried out: an operation of docs/openapi.yaml with its own example, and an answer of the same shape.
The document is read line by line; its layout is the one that tests/unit/openapi.c demands."""

import json
import os
import re

from .engine import Failed, PlayError, verb
from .verbs_order import order_of

DOCUMENT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../docs/openapi.yaml")
ORDER_NO = "CA-20260310-0001"
PORTAL = "https://portal.example.cn"
SHOWN = "9f2d7c5e0b1a48d36c7e9f0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e"  # hash of the text of a sign-off
ACCOUNT = "alipay-key"
UPLOAD = "5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef"  # the hash of the upload in the examples


def block(lines, start, indent):
    """The lines below lines[start] that are indented by at least `indent`."""
    end = start + 1
    while end < len(lines) and (not lines[end].strip() or lines[end].startswith(" " * indent)):
        end += 1
    return lines[start + 1:end]


def below(lines, head):
    """The block below a line, or what stands on it behind the colon."""
    for number, line in enumerate(lines):
        if line == head or line.startswith(head + " "):
            rest = line[len(head):].strip()
            return [rest] if rest else block(lines, number, len(head) - len(head.lstrip()) + 1)
    return []


def example_in(lines):
    for line in lines:
        match = re.fullmatch(r" +example: (\{.*\})", line)
        if match:
            return json.loads(match[1])
    return None


class Operation:
    """Where it is called, the example of its body, and the example of each answer."""

    def __init__(self, name):
        with open(DOCUMENT, encoding="utf-8") as file:
            self.lines = file.read().splitlines()
        mark = f"      operationId: {name}"
        if mark not in self.lines:
            raise PlayError(f"the document has no operation {name}")
        at = self.lines.index(mark)
        method = max(n for n in range(at) if re.fullmatch(r"    [a-z]+:", self.lines[n]))
        path = max(n for n in range(at) if re.fullmatch(r"  /\S*:", self.lines[n]))
        self.method, self.path = self.lines[method].strip(" :").upper(), self.lines[path].strip().rstrip(":")
        self.own = block(self.lines, method, 6)
        self.query = re.findall(r"- \{name: (\w+), in: query, required: true", "\n".join(self.own))
        self.keyed = any("parameters/IdempotencyKey" in line for line in self.own)
        body = self.referred(below(self.own, "      requestBody:"), "requestBodies")
        self.body = example_in(body)
        self.lines_of_json = any("application/x-ndjson:" in line for line in body)

    def referred(self, lines, kind):
        """The lines themselves, or those of the part of the document that they refer to."""
        match = re.search(rf'#/components/{kind}/(\w+)"', lines[0]) if lines else None
        if not match:
            return lines
        start = self.lines.index(f"  {kind}:")
        return below(block(self.lines, start, 4), f"    {match[1]}:")

    def optional(self, answer):
        """The members at the top that the answer's schema allows and does not require."""
        named = re.search(r'schema: \{\$ref: "#/components/schemas/(\w+)"', "\n".join(answer))
        if not named:
            return set()
        schema = below(block(self.lines, self.lines.index("  schemas:"), 4), f"    {named[1]}:")
        required = re.search(r"^      required: \[(.*)\]", "\n".join(schema), re.M)
        names = {line.strip().partition(":")[0] for line in below(schema, "      properties:") if line[8:9] != " "}
        return names - set(required[1].split(", ") if required else [])

    def answer(self, status):
        """The example of the answer, and which of its members may be absent."""
        responses = below(self.own, "      responses:")
        found = self.referred(below(responses, f'        "{status}":') or below(responses, "        default:"), "responses")
        example = example_in(found)
        if example is None and status == "200":  # the same body as when it was made
            example = example_in(below(responses, '        "201":'))
        if example is None:
            raise PlayError(f"{self.method} {self.path} has no example of an answer {status}")
        return example, self.optional(found)


def differences(seen, wanted, path=""):
    """Where two JSON values differ in shape. Null stands for a value that is not there in either."""
    if seen is None or wanted is None:
        return []
    if type(seen) is not type(wanted):
        return [f"{path or 'it'} is {seen!r}, the example has {wanted!r}"]
    if isinstance(wanted, dict):
        found = [f"{path}.{name} is only in one of both" for name in sorted(seen.keys() ^ wanted.keys())]
        for name in sorted(seen.keys() & wanted.keys()):
            found += differences(seen[name], wanted[name], f"{path}.{name}")
        return found
    if isinstance(wanted, list) and seen and wanted:
        return differences(seen[0], wanted[0], f"{path}[0]")
    return []


def fitted(play, order, text):
    text = text.replace(ORDER_NO, order.number).replace(PORTAL, play.house.endpoints["world"]["portal"])
    text = text.replace(SHOWN, play.notes.get("shown", SHOWN))
    return text.replace(UPLOAD, play.notes["upload"]["sha256"]) if "upload" in play.notes else text


@verb("documented", "OPERATION NAME", "status language key client", free="comparisons")
def documented(play, operation, name, comparisons, *, status="200", language="zh-CN", key="", client="portal"):
    """Calls an operation as the API's document shows it, about this order, or the difference that was found last, or the newest
    run that was listed, and expects the documented answer."""
    order, one = order_of(play, name), Operation(operation)
    path = one.path.replace("{order_no}", order.number).replace("{invoice_id}", f"INV-{name}").replace(
        "{number}", str(play.notes["upload"]["number"]) if operation.startswith("upload_") else "1")
    path = path.replace("{account}", ACCOUNT).replace("{day}", play.house.day("today").isoformat())
    path = path.replace("/runs/{id}", f"/runs/{play.notes.get('run')}").replace("{seq}", "1")
    if "{id}" in path:
        path = path.replace("{id}", play.difference if operation.startswith("difference_") else order.id)
    if "{digest}" in path:
        path = path.replace("{digest}", play.digest)
    if one.query:
        path += "?" + "&".join(f"{query}={order.number}" for query in one.query)
    more = {"language": language, "keyid": client}
    if one.keyed:
        more["idempotency_key"] = key or f"documented-{operation}-{name}"
    if one.body is not None:
        more["body"] = json.loads(fitted(play, order, json.dumps(one.body, ensure_ascii=False)))
    if one.lines_of_json:
        more["headers"] = {"Content-Type": "application/x-ndjson"}
    play.answer = play.house.call(one.method, path, **more)
    play.compare(play.answer, [f"status={status}"])
    example, optional = one.answer(status)
    seen = play.answer["body"] or {}
    shared = {name for name in optional if name not in seen or name not in example}
    found = differences({name: value for name, value in seen.items() if name not in shared},
                        {name: value for name, value in example.items() if name not in shared})
    if found:
        raise Failed(f"the answer of {operation} is not as documented: {'; '.join(found)}")
    play.check(play.answer["body"] is not None, f"{operation} answers no JSON: {play.answer['text']}")
    play.compare(play.answer, comparisons)
    play.notes["shown"] = seen.get("content_hash") or play.notes.get("shown", SHOWN)
    play.notes["run"] = seen["runs"][0]["id"] if seen.get("runs") else play.notes.get("run")
    if operation == "payment_create" and status in ("200", "201"):
        order.payment = play.answer["body"]
