# SPDX-License-Identifier: Apache-2.0
"""Opens the pack of a month as its receiver does: unzip and sha256sum of the system, then every day with report_reader.py. Ends with
status 0 when all is as the manual says.

    report_pack.py ZIP ACCOUNT MONTH over|running [DAYS]     (DAYS of settlement; none without)
"""
import json
import pathlib
import subprocess
import sys
import tempfile
import zipfile


def must(holds, *said):
    if not holds:
        sys.exit("report_pack: " + " ".join(map(str, said)))


READER = pathlib.Path(__file__).parent.parent / "recon/report_reader.py"


def check_sums(inputs):
    subprocess.run(["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"], check=True, cwd=inputs)


def check_settlement(folder, account, manifest, wanted):
    """The runs of settlement of the month, each with what it was made of."""
    must(len(manifest["settlement"]) == int(wanted), "other days of settlement:", [day["day"] for day in manifest["settlement"]])
    for day in manifest["settlement"]:
        must({"as_of", "program", "rules", "input_sha256"} <= day.keys(), "a day of settlement does not say what made it")
        inputs = folder / day["day"] / "settlement-inputs"
        must({"payouts.csv", "deposits.csv", "transfers.csv", "day.json"} <= {file.name for file in inputs.iterdir()}, "lacks an input", inputs)
        must(json.loads((inputs / "day.json").read_text())["input_hash"] == day["input_sha256"], "the day has another hash than its files")
        check_sums(inputs)
        subprocess.run([sys.executable, "-B", READER, folder / day["day"] / f"settlement-v{day['version']}", account, day["day"],
                        str(day["version"]), "settlement"], check=True)


def check_month(month, *lists):
    days = [day if isinstance(day, str) else day["day"] for days in lists for day in days]
    must(len(set(days)) == len(days) == 30 and all(day.startswith(month) for day in days), "the month has other days:", days)


def main(pack, account, month, over, settlement="0"):
    over = over == "over"
    subprocess.run(["unzip", "-tqq", pack], check=True)
    with zipfile.ZipFile(pack) as opened:
        members = opened.infolist()
    names = [member.filename for member in members]
    must(names[-2:] == ["manifest.json", "SHA256SUMS"] and len(set(names)) == len(names), "other members:", names)
    for member in members:
        must(member.date_time == (1980, 1, 1, 0, 0, 0), member.filename, "has a time of its own")
        must(member.external_attr >> 16 & 0o7777 == 0o644, member.filename, "has other rights")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        subprocess.run(["unzip", "-qq", pack, "-d", name], check=True)
        subprocess.run(["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"], check=True, cwd=name)
        sums = {line[66:]: line[:64] for line in (folder / "SHA256SUMS").read_text().splitlines()}
        manifest = json.loads((folder / "manifest.json").read_text())
        must((manifest["account"], manifest["month"]) == (account, month), "another month:", manifest["account"], manifest["month"])
        listed = {f["name"]: f["sha256"] for day in manifest["days"] + manifest["settlement"] for f in day["files"]}
        for stem in ("ageing", "postings"):
            files = manifest[stem] or []
            listed |= {f["name"]: f["sha256"] for f in files}
            must([f["name"] for f in files] == ([f"{stem}.csv", f"{stem}.en.csv"] if over else []), "other", stem, manifest[stem])
        must(listed.items() <= sums.items() and set(sums) - set(listed) == {"manifest.json"}, "manifest and sums differ")
        must(list(listed) + ["manifest.json", "SHA256SUMS"] == names, "members stand in another order than in the manifest")
        for day in manifest["days"]:
            must({"as_of", "program", "rules", "input_sha256", "edited", "header_accepted"} <= day.keys(), "a day does not say what made it")
            inputs = folder / day["day"] / "inputs"
            must([file.name for file in inputs.glob("bill-*")], "there is no bill of", day["day"])
            if (inputs / "day.json").exists():  # the run kept what it read
                check_sums(inputs)
            subprocess.run([sys.executable, "-B", READER,
                            folder / day["day"] / f"v{day['version']}", account, day["day"], str(day["version"]),
                            *(["edited"] if day["edited"] else []), *(["form"] if day["header_accepted"] else [])], check=True)
        check_settlement(folder, account, manifest, settlement)
        check_month(month, manifest["days"], manifest["days_without_run"])
        check_month(month, manifest["settlement"], manifest["days_without_settlement"])


main(*sys.argv[1:])
