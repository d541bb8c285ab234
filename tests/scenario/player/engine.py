# SPDX-License-Identifier: Apache-2.0
"""Reads a play, looks each word up in the table of verbs, and keeps count of what was expected."""

import inspect
import re
import shlex
import threading
import time

VERBS = {}
COMPARISON = re.compile(r"([A-Za-z0-9_.\[\]-]+?)(!=|<=|>=|~|=)(.*)", re.S)


class Failed(Exception):
    """An expectation that did not hold, or a step that could not be done."""


class PlayError(Exception):
    """The play itself is wrong."""


class Verb:
    def __init__(self, function, names, options, free):
        self.function, self.names, self.options, self.free = function, names, options, free
        self.needed = [name for name, parameter in inspect.signature(function).parameters.items()
                       if parameter.kind is parameter.KEYWORD_ONLY and parameter.default is parameter.empty]


def verb(name, positional="", options="", free=""):
    """Adds a row to the table. `positional` words are required; `options` are the names allowed in key=value
    (keyword-only parameters, needed when they have no default); `free`: the rest are "comparisons", or plain "words"."""
    def add(function):
        if name in VERBS:
            raise PlayError(f"two verbs are called {name}: {VERBS[name].function.__module__} and {function.__module__}")
        VERBS[name] = Verb(function, positional.split(), options.split(), free)
        return function
    return add


class Step:
    """One line of the play."""

    def __init__(self, place, words):
        self.place, self.word = place, words[0]
        if self.word not in VERBS:
            raise PlayError(f"{place}: there is no verb {self.word!r}; known: {', '.join(sorted(VERBS))}")
        self.verb = VERBS[self.word]
        self.arguments, self.options, self.rest = [], {}, []
        rest = words[1:]
        self.arguments, rest = rest[:len(self.verb.names)], rest[len(self.verb.names):]
        if len(self.arguments) < len(self.verb.names):
            raise PlayError(f"{place}: {self.word} needs {' '.join(self.verb.names)}")
        for word in rest:
            name, is_option, value = word.partition("=")
            if is_option and name in self.verb.options:
                self.options[name.replace("-", "_")] = value
            elif self.verb.free == "comparisons" and COMPARISON.fullmatch(word) or self.verb.free == "words":
                self.rest.append(word)
            else:
                raise PlayError(f"{place}: {self.word} does not take {word!r}")
        for name in self.verb.needed:
            if name not in self.options:
                raise PlayError(f"{place}: {self.word} needs {name}=")

    def run(self, play):
        rest = [self.rest] if self.verb.free else []
        self.verb.function(play, *self.arguments, *rest, **self.options)


class Meanwhile(threading.Thread):
    """A step that runs beside the others; `join` waits for it and fails with it."""

    def __init__(self, play, step):
        super().__init__(daemon=True)
        self.play, self.step, self.failure = play, step, None

    def run(self):
        try:
            self.step.run(self.play)
        except Exception as failure:  # handed to join
            self.failure = failure


def read(path):
    """Every step of a play. A line ending in a backslash goes on in the next one."""
    steps, pending, first = [], "", 0
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            text = line.strip()
            if not pending:
                first = number
            if text.startswith("#") or not text and not pending:
                continue
            pending += text
            if pending.endswith("\\"):
                pending = pending[:-1]
                continue
            try:
                steps.append(Step(f"{path}:{first}", shlex.split(pending)))
            except ValueError as error:
                raise PlayError(f"{path}:{first}: {error}") from error
            pending = ""
    if pending:
        raise PlayError(f"{path}:{first}: the last line goes on nowhere")
    return steps


def look_up(value, path):
    """`a.b[0].c` within JSON; a missing part reads as None, `.count` is the length of a list."""
    for part in re.findall(r"[^.\[\]]+", path):
        if isinstance(value, list) and part == "count":
            value = len(value)
        elif isinstance(value, list) and part.lstrip("-").isdigit():
            value = value[int(part)] if -len(value) <= int(part) < len(value) else None
        elif isinstance(value, dict):
            value = value.get(part)
        else:
            return None
    return value


def as_text(value):
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def holds(seen, operator, wanted):
    if operator == "~":
        return wanted in as_text(seen)
    if operator in ("<=", ">="):
        if not re.fullmatch(r"-?[0-9]+", as_text(seen)):
            return False
        return int(seen) <= int(wanted) if operator == "<=" else int(seen) >= int(wanted)
    return (as_text(seen) == wanted) == (operator == "=")


class Play:
    """What the steps share: the house, the people, the last answer, and the count of expectations."""

    def __init__(self, house):
        self.house, self.expected = house, 0
        self.orders, self.answer, self.output = {}, None, ""
        self.marks, self.bill_edits, self.notes, self.others = {}, {}, {}, []

    def check(self, held, message):
        """An expectation."""
        self.expected += 1
        if not held:
            raise Failed(message)

    def fill(self, text):
        """{order:NAME} and {payment:NAME} stand for that order's numbers, {endpoint:NAME} for a receiver's, {portal} for the
        portal's address."""
        text = text.replace("{portal}", self.house.endpoints["world"]["portal"])
        for name, order in self.orders.items():
            text = text.replace(f"{{order:{name}}}", order.number)
            if order.payment:
                text = text.replace(f"{{payment:{name}}}", order.payment["id"])
        for name, one in self.notes.get("receivers", {}).items():
            text = text.replace(f"{{endpoint:{name}}}", one.id or "")
        return text

    def compare(self, value, comparisons):
        for comparison in comparisons:
            path, operator, wanted = COMPARISON.fullmatch(self.fill(comparison)).groups()
            seen = look_up(value, path)
            self.check(holds(seen, operator, wanted), f"expected {comparison}, saw {as_text(seen)}; all of it: {value}")

    def wait_until(self, seen, within_s, message):
        """Looks again until `seen()` is true; each look asks the running house, so there is no event to wait for."""
        deadline = time.monotonic() + float(within_s)
        while True:
            if seen():
                self.check(True, "")
                return
            if time.monotonic() > deadline:
                self.check(False, f"{message()} (waited {within_s} s)")
            time.sleep(0.05)

    def perform(self, steps, progress):
        """The number of steps done, or an exception that names the line."""
        for step in steps:
            progress(step)
            try:
                step.run(self)
            except Failed as error:
                raise Failed(f"{step.place}: {step.word}: {error}") from error
        if self.expected == 0:
            raise Failed("the play expects nothing, so it proves nothing")
