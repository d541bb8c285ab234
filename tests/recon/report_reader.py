# SPDX-License-Identifier: Apache-2.0
"""Reads the folder of a run's files as strangers do: Python's csv and zipfile, a strict XML parser. Adds up again what they say and
compares the files with each other. Ends with status 0 when all agree; says what does not, and ends with 1, otherwise.

    report_reader.py FOLDER ACCOUNT DAY VERSION [settlement] [edited] [form]     (of which kind, and what is to be said in every file)
"""
import csv
import io
import pathlib
import re
import sys
import xml.etree.ElementTree as tree
import zipfile
from decimal import Decimal

STEMS = ["sheet.txt", "balance.csv", "results.csv", "differences.csv", "duplicates.csv", "invoices.csv", "fees.csv", "report.html", "report.xlsx"]
CHINESE = re.compile("[一-鿿]")
AMOUNT = re.compile(r"-?\d+\.\d\d")
MARKS = {"edited": ("FILE_EDITED 人工上传无渠道证明", "FILE_EDITED uploaded by hand without proof"),
         "form": ("FILE_COLUMNS 表头格式漂移，经两人认可", "FILE_COLUMNS the header drifted and two people accepted it")}
LISTS = ["results", "differences", "duplicates", "invoices", "fees"]
SETTLEMENT_STEMS = ["sheet.txt", "results.csv", "differences.csv", "report.html", "report.xlsx"]
SETTLEMENT_LISTS = ["results", "differences"]
COUNTED = ["seq", "severity", "line_no"]  # what else than amounts is a number in a workbook
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def must(holds, *said):
    if not holds:
        sys.exit("report_reader: " + " ".join(map(str, said)))


def marked(name, marks):
    return "; ".join(MARKS[mark][".en." in name] for mark in marks)


def in_english(name):
    stem, ending = name.split(".")
    return f"{stem}.en.{ending}"


LONG = {True: ("。Δ > 0 为长款", "Δ < 0 为短款"), False: ("Δ > 0 is long (长款)", "Δ < 0 is short (短款)")}
SIDES = {False: "差额 Δ = 账单 b − 账簿 p", True: "差额 Δ = 银行到账 − 渠道结算"}  # whether it is of settlement


def read_csv(path):
    """Its records but the last, which says what long and short mean."""
    data = path.read_bytes()
    must(data.startswith(b"\xef\xbb\xbf"), path.name, "has no byte order mark")
    must(data.count(b"\n") == data.count(b"\r\n") and data.endswith(b"\r\n"), path.name, "ends its lines otherwise")
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True))
    for row in rows:
        must(len(row) == len(rows[0]), path.name, "has rows of different length")
        for cell in row:
            must(cell[:1] not in "=+-@" or cell == "" or AMOUNT.fullmatch(cell), path.name, "has a formula:", cell)
    definition = rows.pop()
    must(not any(definition[1:]), path.name, "says more than the definition in its last record:", definition)
    must(all(words in definition[0] for words in LONG[".en." not in path.name]), path.name, "does not define long:", definition[0])
    return rows


def read_list(path, marks):
    """Without the mark, which is the last title of a marked run and has no cells."""
    rows = read_csv(path)
    must("FILE_" not in rows[0][-1] if not marks else rows[0][-1] == marked(path.name, marks), path.name, "ends its titles with", rows[0][-1])
    must(not marks or not any(row[-1] for row in rows[1:]), path.name, "has cells under the mark")
    return [row[:-1] for row in rows] if marks else rows


def sums(rows):
    """Of each column that has an amount in it, by its English name."""
    found = {}
    for at, title in enumerate(rows[0]):
        name = title.split(" ")[-1]
        if name.endswith("_yuan"):
            found[name] = sum((Decimal(row[at]) for row in rows[1:] if row[at]), Decimal(0))
    return found


def check_results(rows, more, less):
    at = [title.split(" ")[-1] for title in rows[0]]
    for row in rows[1:]:
        more_yuan, less_yuan, delta = (Decimal(row[at.index(f"{n}_yuan")]) for n in (more, less, "delta"))
        must(more_yuan - less_yuan == delta, "results: one less the other is not delta", row)
        must((row[at.index("side")] == "") == (delta == 0), "results: a side without a delta", row)
        must(delta <= 0 or row[at.index("side")] == "长款", "results: more there is 长款", row)


def check_lists(folder, marks, lists, numbers):
    read = {}
    for stem in lists:
        chinese, english = (read_list(folder / name, marks) for name in (f"{stem}.csv", f"{stem}.en.csv"))
        must(all(CHINESE.search(title) for title in chinese[0]), stem, "has a title without Chinese")
        must(not any(CHINESE.search(title) for title in english[0]), stem, "has a Chinese title in English")
        must([title.split(" ")[-1] for title in chinese[0]] == english[0], stem, "has other columns in English")
        must(len(chinese) == len(english) and sums(chinese) == sums(english), stem, "says something else in English")
        for at in (at for at, title in enumerate(english[0]) if title == "name"):
            must(not any(CHINESE.search(row[at]) for row in english[1:]), stem, "names a class in Chinese")
        for at in map(english[0].index, numbers):
            must(all(row[at] == "" or row[at].startswith("\t") for row in chinese[1:]), stem, "shows a name as a number")
        read[stem] = chinese
    for stem in lists[1:]:
        must({row[0] for row in read[stem][1:]} <= {row[0] for row in read["results"][1:]}, stem, "has a row of its own")
    return read


def check_fees(rows):
    at = [title.split(" ")[-1] for title in rows[0]]
    for row in rows[1:]:
        due, charged, off = (Decimal(row[at.index(f"fee{n}_yuan")]) for n in ("_due", "", "_off"))
        must(charged - due == off, "fees: charged less due is not the difference", row)


def check_balance(folder, marks):
    for name in ("balance.csv", "balance.en.csv"):
        rows = read_list(folder / name, marks)[1:]
        totals = []
        for side in dict.fromkeys(row[0] for row in rows):
            amounts = [Decimal(row[3]) for row in rows if row[0] == side]
            must(sum(amounts[:-1]) == amounts[-1], name, "does not add up:", side)
            totals.append(amounts[-1])
        must(len(totals) == 2 and totals[0] == totals[1], name, "ends differently:", totals)


def check_page(path, title, differences, marks):
    text = path.read_text(encoding="utf-8")
    must(text.startswith("<!DOCTYPE html>\n"), path.name, "has no document type")
    page = tree.fromstring(text)
    must(page.find("head/title").text.endswith(title), path.name, "has the title", page.find("head/title").text)
    for element in page.iter():
        must(element.tag not in ("script", "link", "img", "iframe", "object", "form"), path.name, "has", element.tag)
        for name in element.attrib:
            must(not name.startswith("on") and name not in ("src", "href", "style"), path.name, "has", name)
    must("@import" not in text and "url(" not in text, path.name, "takes something from elsewhere")
    must("长款" in text and "Δ" in text, path.name, "does not define 长款")
    for table in page.iter("table"):
        must(len(table.findall("thead/tr/th")) > 0, path.name, "has a table without titles")
        width = len(table.findall("thead/tr/th"))
        for row in table.findall("tbody/tr"):
            must(len(row) == width, path.name, "has a row of other width")
            for cell in row:
                right = AMOUNT.fullmatch(cell.text or "")
                must(not right or cell.get("class") == "n", path.name, "has an amount to the left:", cell.text)
    must(len(page.findall("body/section")) == differences, path.name, "has other differences")
    said = [element.text for element in page.findall("body/p[@class='mark']")]
    must(said == ([marked(path.name, marks)] if marks else []), path.name, "has the marks", said)


OF_ORDER = ("order_yuan", "invoiced_yuan")  # stand with each row of an order, and are its money once


APART = ("delta_yuan", "fee_off_yuan")  # differences, whose totals are two: above and below zero


def check_apart(path, stem, rows, totals, titles):
    """Behind the totals of a list with differences two rows say what is above zero and what is below; its own row says nothing of them."""
    at = [title.split(" ")[-1] for title in rows[0]]
    wanted = {title: [Decimal(row[at.index(title)] or 0) for row in rows[1:]] for title in APART if title in at}
    for total, keeps in zip(totals[1:], (lambda fen: fen > 0, lambda fen: fen < 0)):
        said = {titles[column]: value for column, value in total.items()}
        must(said == {title: sum(filter(keeps, all_of), Decimal(0)) for title, all_of in wanted.items()}, path.name, stem, "has other totals apart:", said)
    must(not {titles[column] for column in totals[0]} & set(APART), path.name, stem, "nets its differences")


def firsts_of_orders(rows):
    """At which places, titles apart, an order stands first."""
    at = [title.split(" ")[-1] for title in rows[0]]
    if "order_yuan" not in at:
        return set()
    orders = [(row[at.index("owner")], row[at.index("order_no")]) for row in rows[1:]]
    return {place for place, order in enumerate(orders) if orders.index(order) == place}


def column_of(reference):
    return re.match("[A-Z]+", reference).group()


def check_book(path, read, marks, sheets, first):
    """`first`: the sheet of the first list."""
    with zipfile.ZipFile(path) as book:
        must(book.testzip() is None, path.name, "is damaged")
        for name in book.namelist():
            if name.endswith((".xml", ".rels")):
                tree.fromstring(book.read(name))
        must(len([name for name in book.namelist() if name.startswith("xl/worksheets/sheet")]) == sheets, path.name, "has other sheets")
        for number in range(1, sheets + 1):
            sheet = tree.fromstring(book.read(f"xl/worksheets/sheet{number}.xml"))
            said = [text.text for text in sheet.iter(f"{MAIN}t") if "FILE_" in text.text]
            must(said == ([marked(path.name, marks)] if marks else []), path.name, number, "has the marks", said)
        for number, stem in enumerate(read, start=first):
            sheet = tree.fromstring(book.read(f"xl/worksheets/sheet{number}.xml"))
            pane = sheet.find(f".//{MAIN}pane")
            must(pane is not None and pane.get("state") == "frozen", path.name, stem, "has no frozen title")
            must(sheet.find(f".//{MAIN}f") is None, path.name, stem, "has a formula")
            rows = sheet.findall(f".//{MAIN}row")
            apart = len(rows) - len(read[stem]) == 3
            must(apart or len(rows) == len(read[stem]) + 1, path.name, stem, "has other rows")
            numbers = [{column_of(c.get("r")): Decimal(c.find(f"{MAIN}v").text).quantize(Decimal("0.01"))
                        for c in row if c.find(f"{MAIN}v") is not None} for row in rows]
            titles = {column_of(c.get("r")): c.find(f"{MAIN}is/{MAIN}t").text.split(" ")[-1] for c in rows[0]}
            for title in {titles[column] for row in numbers for column in row}:
                must(title in COUNTED or title.endswith("_yuan"), path.name, stem, "has as a number what is none:", title)
            totals, numbers = numbers[len(read[stem]):], numbers[:len(read[stem])]
            if apart:
                check_apart(path, stem, read[stem], totals, titles)
            once = firsts_of_orders(read[stem])
            for column, total in totals[0].items():
                counted = [row for at, row in enumerate(numbers[1:]) if titles[column] not in OF_ORDER or at in once]
                must(sum(row.get(column, 0) for row in counted) == total, path.name, stem, "has a wrong total in", titles[column])
            of_rows = {title: total for title, total in sums(read[stem]).items() if title not in OF_ORDER + (APART if apart else ())}
            must({titles[column]: total for column, total in totals[0].items() if titles[column] not in OF_ORDER} == of_rows,
                 path.name, stem, "has other totals")


def cells_of(book, number):
    """The cells of a sheet by their reference: numbers as Decimal, words as text."""
    found = {}
    for cell in tree.fromstring(book.read(f"xl/worksheets/sheet{number}.xml")).iter(f"{MAIN}c"):
        value, text = cell.find(f"{MAIN}v"), cell.find(f"{MAIN}is/{MAIN}t")
        found[cell.get("r")] = Decimal(value.text).quantize(Decimal("0.01")) if value is not None else text.text
    return found


BUCKETS = {"平账": "MATCHED", "金额不符": "AMOUNT", "长款": "LONG", "短款": "SHORT", "重复行": "DUP", "在途": "TRANSIT", "非本业务": "SCOPE"}


def own_day(results):
    """What the trend has to say of the day itself, counted and added up from the list of results: counts by bucket, long and short apart,
    net and fees."""
    titles = [title.split(" ")[-1] for title in results[0]]
    rows = [dict(zip(titles, row)) for row in results[1:]]
    for row in rows:
        row["bucket"] = BUCKETS.get(row["bucket"], row["bucket"])
    counts = [sum(row["bucket"] == bucket for row in rows) for bucket in ("MATCHED", "AMOUNT", "LONG", "SHORT", "DUP", "TRANSIT")]
    deltas = [Decimal(row["delta_yuan"]) for row in rows]
    return counts + [sum((d for d in deltas if d > 0), Decimal(0)), sum((d for d in deltas if d < 0), Decimal(0)),
                     sum((Decimal(row["bill_yuan"]) for row in rows), Decimal(0)),
                     sum((Decimal(row["fee_yuan"] or 0) for row in rows if row["bucket"] != "SCOPE"), Decimal(0))]


CHART = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
CHARTED = {False: ["CDEFGH", "IJ", "KL"],  # counts; long and short; net and fees
           True: ["CDEF", "GH", "IJK"]}  # of settlement: counts; what is open when the day ends; what moved, with the bank's fees


def own_settlement(folder):
    """The same of settlement, from the printed sheet: payouts, lines, what of both is carried out, the bank's fees."""
    lines = (folder / "sheet.en.txt").read_text(encoding="utf-8").splitlines()
    cells = {}
    for name, mark in (("paid", "S2 "), ("lines", "B2 "), ("open", "S4 "), ("loose", "B4 "), ("fee", "of it the bank's fees")):
        found = [line.split()[-2:] for line in lines if line.strip().startswith(mark) and " = " not in line]
        must(len(found) == 1, "sheet.en.txt has not one line", mark)
        cells[name] = [Decimal(part) for part in found[0]]
    return [cells[name][0] for name in ("paid", "lines", "open", "loose")] + [cells[name][1] for name in ("open", "loose", "paid", "lines", "fee")]


def check_trend(path, sheet, day, version, charted, own):
    """Every series names cells that are there: all days, in one column, under its title."""
    name = "Trend" if path.name.endswith(".en.xlsx") else "趋势"
    with zipfile.ZipFile(path) as book:
        cells = cells_of(book, sheet)
        last = max(int(re.search(r"\d+", reference).group()) for reference in cells)
        days = [cells[f"A{row}"] for row in range(2, last + 1)]
        must(days == sorted(set(days)) and days[-1] == day, path.name, "has other days:", days)
        must(cells[f"B{last}"] == int(version), path.name, "tells another version of the day")
        told = [cells[f"{column}{last}"] for column in "".join(charted)]
        must(told == own, path.name, "tells another trend of the day:", told, own)

        def days_of(column):
            return f"{name}!${column}$2" + (f":${column}${last}" if last > 2 else "")
        for number, wanted in enumerate(charted, start=1):
            chart = tree.fromstring(book.read(f"xl/charts/chart{number}.xml"))
            series = [[part.text.replace("'", "") for part in one.iter(f"{CHART}f")] for one in chart.iter(f"{CHART}ser")]
            must(series == [[f"{name}!${c}$1", days_of("A"), days_of(c)] for c in wanted], path.name, "has other series:", series)
            for column in wanted:
                must(isinstance(cells[f"{column}1"], str), path.name, "has no title over", column)
                must(all(isinstance(cells[f"{column}{row}"], Decimal) for row in range(2, last + 1)), path.name, "lacks a value in", column)


def check_bill(folder, account, day, version, marks):
    read = check_lists(folder, marks, LISTS, ["order_no"])
    check_results(read["results"], "bill", "books")
    check_fees(read["fees"])
    check_balance(folder, marks)
    for name in ("report.html", "report.en.html"):
        check_page(folder / name, f" {account} {day} v{version}", len(read["differences"]) - 1, marks)
    for name in ("report.xlsx", "report.en.xlsx"):
        check_book(folder / name, read, marks, 3 + len(LISTS), 3)  # with the sheet, the balances and the trend
        check_trend(folder / name, 3 + len(LISTS), day, version, CHARTED[False], own_day(read["results"]))


def check_settlement(folder, account, day, version, marks):
    read = check_lists(folder, marks, SETTLEMENT_LISTS, ["payout_no", "deposit_no"])
    check_results(read["results"], "banked", "settled")
    for name in ("report.html", "report.en.html"):
        check_page(folder / name, f" {account} {day} v{version}", 0, marks)
    for name in ("report.xlsx", "report.en.xlsx"):
        check_book(folder / name, read, marks, 2 + len(SETTLEMENT_LISTS), 2)  # without balances
        check_trend(folder / name, 2 + len(SETTLEMENT_LISTS), day, version, CHARTED[True], own_settlement(folder))


def main(folder, account, day, version, *marks):
    folder = pathlib.Path(folder)
    settlement = "settlement" in marks
    marks = [mark for mark in marks if mark != "settlement"]
    stems = SETTLEMENT_STEMS if settlement else STEMS
    wanted = sorted(stems + [in_english(name) for name in stems])
    must(sorted(path.name for path in folder.iterdir()) == wanted, "other files:", sorted(p.name for p in folder.iterdir()))
    (check_settlement if settlement else check_bill)(folder, account, day, version, marks)
    for name in ("results.csv", "differences.csv"):
        must(SIDES[settlement] in (folder / name).read_text(encoding="utf-8-sig"), name, "defines another delta")
    for name in ("sheet.txt", "sheet.en.txt"):
        text = (folder / name).read_text(encoding="utf-8")
        must(text.endswith("\nUNEXPLAINED 0.00\n"), name, "has another end")
        must(text.count("FILE_") == len(marks) and (not marks or f"\n{marked(name, marks)}\n" in text), name, "is not marked as it should be")


main(*sys.argv[1:])
