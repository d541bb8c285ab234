# SPDX-License-Identifier: Apache-2.0
"""Verbs of the night: the operator's program, the sheet, the reports."""

import csv
import datetime
import glob
import json
import os
import re

from .engine import Failed, PlayError, verb
from .verbs_crash import ask, word
from .verbs_order import attempt_of, order_of


def report_folder(play, account, day, version, kind=""):
    run = ("settlement-" if kind == "deposits" else "") + f"v{version}"
    return f"{play.house.var}/reports/{account}/{play.house.day(day)}/{run}"


PLAYS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")


@verb("cli", "", "exit", free="words")
def cli(play, words, *, exit="0"):
    """Runs `tallygate`; today and tomorrow stand for those days, {month} and {last-month} for months, {difference} for the one that was found last, {var}
    for the house's folder, {plays} for that of the plays; exit=any: what it says counts."""
    days = ("yesterday", "today", "tomorrow")
    first = play.house.day("today").replace(day=1)
    marks = {"{var}": play.house.var, "{plays}": PLAYS, "{month}": first.isoformat()[:7],
             "{last-month}": (first - datetime.timedelta(days=1)).isoformat()[:7], "{difference}": getattr(play, "difference", "")}
    given = [play.house.day(word).isoformat() if word in days else word for word in words]
    for mark, text in marks.items():
        given = [word.replace(mark, text) for word in given]
    status, play.output = play.house.run(given)
    play.check(exit in (str(status), "any"), f"expected exit {exit}, saw {status} from tallygate {' '.join(given)}:\n{play.output}")


@verb("expect-output", free="words")
def expect_output(play, words):
    """The last program said each of these."""
    if not words:
        raise PlayError("expect-output needs a text")
    for word in words:
        play.check(word in play.output, f"expected {word!r} in:\n{play.output}")


@verb("expect-json", free="comparisons")
def expect_json(play, comparisons):
    """The JSON object that the last program printed, beside what it logged, is held against comparisons."""
    start = re.search(r"(?m)^\{", play.output)
    try:
        value, _ = json.JSONDecoder().raw_decode(play.output, start.start() if start else 0)
    except ValueError as error:
        raise Failed(f"no JSON: {error}:\n{play.output}") from error
    play.compare(value, comparisons)


@verb("expect-silence-on", free="words")
def expect_silence_on(play, words):
    """The last program said none of these."""
    if not words:
        raise PlayError("expect-silence-on needs a text")
    for word in words:
        play.check(word not in play.output, f"did not expect {word!r} in:\n{play.output}")


@verb("show-output")
def show_output(play):
    """Shows what the last program said; expects nothing."""
    print(play.output, flush=True)


@verb("expect-sheet", "LABEL VALUE")
def expect_sheet(play, label, value):
    """A line of the printed sheet begins with the label and holds the value as a word of its own."""
    lines = [line.strip() for line in play.output.splitlines()]
    mine = [line for line in lines if re.match(re.escape(label) + r"(\s|$)", line)]
    play.check(any(value in line.split() for line in mine), f"expected {label} … {value}, saw {mine or play.output}")


@verb("expect-reports", "ACCOUNT", "day version within")
def expect_reports(play, account, *, day="today", version="1", within="0"):
    """The newest version is this one, and its sheet, lists and workbook lie in the reports folder, which appears whole; the night prints
    after the day is done."""
    folder = report_folder(play, account, day, version)
    play.wait_until(lambda: os.path.isdir(folder), within, lambda: f"expected the folder {folder}")
    versions = sorted(os.path.basename(path) for path in glob.glob(os.path.dirname(folder) + "/*"))
    wanted = [f"v{number}" for number in range(1, int(version) + 1)]
    play.check(versions == wanted, f"expected the versions {wanted}, saw {versions} in {os.path.dirname(folder)}")
    for name, start in (("sheet.txt", b""), ("results.csv", b"\xef\xbb\xbf"), ("differences.csv", b"\xef\xbb\xbf"),
                        ("report.xlsx", b"PK\x03\x04")):
        try:
            with open(f"{folder}/{name}", "rb") as file:
                content = file.read()
        except OSError as error:
            raise Failed(str(error)) from error
        play.check(len(content) > 20 and content.startswith(start), f"{folder}/{name} begins with {content[:20]!r}")


@verb("expect-repeated", "ACCOUNT FOLDER", "day kind version")
def expect_repeated(play, account, folder, *, day="today", kind="", version="1"):
    """Below that folder of the house lie the files of the published report, the same byte for byte."""
    published = report_folder(play, account, day, version, kind)
    repeated = published.replace(f"{play.house.var}/reports/", f"{play.house.var}/{folder}/")
    names = sorted(os.listdir(published))
    play.check(len(names) >= 5 and os.path.isdir(repeated) and sorted(os.listdir(repeated)) == names, f"{repeated} has not the files {names}")
    for name in names:
        with open(f"{published}/{name}", "rb") as one, open(f"{repeated}/{name}", "rb") as other:
            play.check(one.read() == other.read(), f"{repeated}/{name} is another file")


@verb("expect-no-reports", "ACCOUNT", "day")
def expect_no_reports(play, account, *, day="today"):
    """Nothing was published for the day."""
    seen = glob.glob(os.path.dirname(report_folder(play, account, day, 1)) + "/*")
    play.check(not seen, f"published: {seen}")


def results(play, account, day, version):
    """The folder appears whole, some time after the day is done."""
    folder = report_folder(play, account, day, version)
    play.wait_until(lambda: os.path.isdir(folder), 30, lambda: f"expected the folder {folder}")
    try:
        with open(f"{folder}/results.csv", encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))[:-1]  # the last record says what long and short mean
    except OSError as error:
        raise Failed(str(error)) from error
    # A heading is Chinese and English; the last word is the column's name. Texts stand behind a TAB or an apostrophe.
    return [{name.split()[-1]: (value or "").strip("\t'") for name, value in row.items() if name} for row in rows]


@verb("expect-code", "NAME CODE", "attempt account day version trade", free="comparisons")
def expect_code(play, name, code, comparisons, *, attempt="", account, day="today", version="1", trade=""):
    """A result of this order (of one attempt of it, when given) has the code as its class or among its findings.
    `trade` names a line nobody knows by its merchant number."""
    if trade:
        key, wanted = "merchant_order_no", trade
    elif attempt:
        key, wanted = "attempt_no", attempt_of(play, order_of(play, name), attempt)
    else:
        key, wanted = "order_no", order_of(play, name).number
    rows = [row for row in results(play, account, day, version) if row.get(key) == wanted]
    seen = [[row["code"], *re.split(r"[\s;,|]+", row["findings"])] for row in rows]
    held = [row for row, codes in zip(rows, seen) if code in codes]
    play.check(bool(held), f"expected {code} on {key} {wanted}, saw {seen}")
    for row in held:
        play.compare(row, comparisons)


@verb("expect-rows", "COUNT", "account day version code")
def expect_rows(play, count, *, account, day="today", version="1", code=""):
    """The results have so many rows (of one class)."""
    rows = [row for row in results(play, account, day, version) if code in ("", row["code"])]
    play.check(len(rows) == int(count), f"expected {count} rows, saw {len(rows)}: {[row['code'] for row in rows]}")


@verb("await-day", "ACCOUNT STATE", "day within")
def await_day(play, account, state, *, day="today", within="30"):
    """The day comes to stand so in the night's calendar: waiting, late, stale, done, lacking (done, and a bill of it is still asked for), blocked,
    or unknown."""
    sql = ("SELECT coalesce((SELECT CASE WHEN state = 'done' AND next_at IS NOT NULL THEN 'lacking' "
           "WHEN state = 'waiting' AND late_at IS NOT NULL THEN 'late' ELSE state END FROM recon_day "
           f"WHERE account = '{word(account)}' AND bill_day = '{play.house.day(day)}'), 'unknown')")
    play.wait_until(lambda: ask(play, sql) == state, within,
                    lambda: f"expected the day of {account} {state}, it is {ask(play, sql)}")


@verb("expect-night", "ACCOUNT", "day files runs")
def expect_night(play, account, *, day="today", files="1", runs="1"):
    """So many times was a bill of the day fetched, and was it reconciled, over all nodes."""
    of = f"account = '{word(account)}' AND bill_day = '{play.house.day(day)}'"
    seen = ask(play, f"SELECT (SELECT count(*) FROM bill_fetch WHERE sha256 IS NOT NULL AND {of}) || ' ' || "
                     f"(SELECT count(*) FROM recon_run WHERE {of})")
    play.check(seen == f"{files} {runs}", f"expected {files} files and {runs} runs of {account}, saw {seen}")
