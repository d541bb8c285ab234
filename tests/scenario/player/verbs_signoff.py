# SPDX-License-Identifier: Apache-2.0
"""Verbs of finance: a day is shown, prepared, signed or taken back."""

import hashlib
import json
import os
import subprocess
import tempfile
import zipfile

from .engine import verb
from .verbs_crash import ask
from .verbs_night import report_folder


def path_of(play, account, what="", day="today"):
    return f"/v1/reconciliation/days/{account}/{play.house.day(day).isoformat()}/signoff{what}"


def decide(play, account, what, body, client, status, comparisons):
    play.notes["signoffs"] = play.notes.get("signoffs", 0) + 1
    play.answer = play.house.call("POST", path_of(play, account, what), keyid=client, body=body,
                                  idempotency_key=f"signoff-{play.notes['signoffs']}")
    play.compare(play.answer, [f"status={status}", *comparisons])


@verb("show-day", "ACCOUNT", "client day status", free="comparisons")
def show_day(play, account, comparisons, *, client="finance", day="today", status="200"):
    """GET …/signoff: what there is to sign of that account's day; the hash of its text is what later verbs name."""
    play.answer = play.house.call("GET", path_of(play, account, day=day), keyid=client)
    play.compare(play.answer, [f"status={status}", *comparisons])
    play.notes["shown"] = (play.answer["body"] or {}).get("content_hash") or play.notes.get("shown")


@verb("read-report", "FILE ACCOUNT", "client day kind known status version within", free="comparisons")
def read_report(play, file, account, comparisons, *, client="finance", day="today", kind="", known="", status="200", version="1", within="0"):
    """A printed file of the account's newest run of a day, of that kind of bill: what lies in the reports folder, with its hash. known: that hash is named as
    if-none-match. Files are kept after they are printed."""
    more = {"headers": {"If-None-Match": play.notes["tag"]}} if known else {}
    date = play.house.day(day).isoformat()

    def seen():
        runs = play.house.call("GET", f"/v1/reconciliation/runs?account={account}&bill_kind={kind}&day={date}&limit=1", keyid="auditor")["body"]["runs"]
        play.answer = play.house.call("GET", f"/v1/reconciliation/runs/{runs[0]['id']}/reports/{file}", keyid=client, **more)
        return play.answer["status"] == int(status)
    play.wait_until(seen, within, lambda: f"expected {status}, saw {play.answer}")
    play.compare(play.answer, comparisons)
    if status != "200":
        return
    headers = play.answer["headers"]
    folder = report_folder(play, account, day, version, kind)
    path = f"{folder}/{file}"
    with open(path, "rb") as printed:
        content = printed.read()
    play.notes["tag"] = '"' + hashlib.sha256(content).hexdigest() + '"'
    wanted = {"etag": play.notes["tag"], "content-disposition": f'attachment; filename="{account}_{date}_{os.path.basename(folder)}_{file}"',
              "content-language": "en" if ".en." in file else "zh-CN", "content-length": str(len(content))}
    play.check(play.answer["text"].encode() == content, f"{file} is another text than {path}")
    play.check(wanted.items() <= headers.items(), f"{file} has the headers {headers}, not {wanted}")


@verb("leave-out", "FILE ACCOUNT")
def leave_out(play, file, account):
    """That file of the run that counts of the account's day is one that was too large to be printed."""
    run = f"(SELECT run_id FROM recon_current WHERE account = '{account}' AND kind = 'trade' AND bill_day = '{play.house.day('today').isoformat()}')"
    play.check(ask(play, f"WITH gone AS (DELETE FROM recon_report WHERE run_id = {run} AND name = '{file}' RETURNING run_id, name) "
                         "INSERT INTO recon_report_left_out SELECT run_id, name FROM gone RETURNING name", "tallygate_owner") == file,
               f"the run has no {file}")


@verb("prepare-day", "ACCOUNT", "client hash status", free="comparisons")
def prepare_day(play, account, comparisons, *, client="finance", hash="", status="200"):
    """Somebody puts the day as it was shown before somebody else."""
    decide(play, account, "", {"content_hash": hash or play.notes["shown"]}, client, status, comparisons)


@verb("sign-day", "ACCOUNT", "client hash status", free="comparisons")
def sign_day(play, account, comparisons, *, client="checker", hash="", status="200"):
    """Somebody else signs the day as it was shown."""
    decide(play, account, "/sign", {"content_hash": hash or play.notes["shown"]}, client, status, comparisons)


@verb("reopen-day", "ACCOUNT", "client reason hash status", free="comparisons")
def reopen_day(play, account, comparisons, *, client="finance", reason="another bill", hash="", status="200"):
    """Somebody asks that the day, signed as it was shown, be opened again."""
    decide(play, account, "/reopen", {"content_hash": hash or play.notes["shown"], "reason": reason}, client, status, comparisons)


@verb("open-day", "ACCOUNT", "client hash status", free="comparisons")
def open_day(play, account, comparisons, *, client="checker", hash="", status="200"):
    """Somebody else opens it."""
    decide(play, account, "/open", {"content_hash": hash or play.notes["shown"]}, client, status, comparisons)


@verb("withdraw-day", "ACCOUNT", "client reason status", free="comparisons")
def withdraw_day(play, account, comparisons, *, client="finance", reason="another look", status="200"):
    """It is not to be signed yet."""
    decide(play, account, "/withdraw", {"reason": reason}, client, status, comparisons)


def openssl_verifies(play, content):
    """The signature over the certificate as it stands in the file, judged by the openssl program."""
    text = content[len('{"certificate":'):content.index(',"key":"')]
    with tempfile.NamedTemporaryFile() as signed, tempfile.NamedTemporaryFile() as signature:
        signed.write(text.encode())
        signed.flush()
        signature.write(bytes.fromhex(json.loads(content)["signature"]))
        signature.flush()
        return subprocess.run(["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", f"{play.house.var}/pki/audit.pub", "-rawin",
                               "-in", signed.name, "-sigfile", signature.name], capture_output=True, check=False).returncode == 0


@verb("certificate", "ACCOUNT FILE", "same-as of", free="comparisons")
def certificate(play, account, file, comparisons, *, same_as="", of=""):
    """Exports the tie-out certificate of today's run, the one that counts or version `of`; openssl and `tallygate certificate verify` find it genuine. With `same-as` it has
    the bytes of that file."""
    path = f"{play.house.var}/{file}"
    with open(path, "w", encoding="utf-8") as out:
        status = play.house.run_to(["certificate", "export", "--account", account, "--day", play.house.day("today").isoformat(),
                                    *(["--version", of] if of else [])], out)
    play.check(status == 0, f"tallygate certificate export ended with {status}")
    with open(path, encoding="utf-8") as written:
        content = written.read()
    play.check(openssl_verifies(play, content), f"openssl does not verify {content}")
    status, play.output = play.house.run(["--lang", "en", "certificate", "verify", path, "--key", f"{play.house.var}/pki/audit.pub"])
    play.check(status == 0, play.output)
    play.compare(json.loads(content)["certificate"], comparisons)
    if same_as:
        with open(f"{play.house.var}/{same_as}", encoding="utf-8") as other:
            play.check(other.read() == content, f"{same_as} and {file} differ")


@verb("expect-pack", "ZIP FILE", "day")
def expect_pack(play, pack, file, *, day="today"):
    """That pack of a month has the text that two people signed of the day, and its certificate as it was exported into FILE."""
    with zipfile.ZipFile(f"{play.house.var}/{pack}") as opened, open(f"{play.house.var}/{file}", "rb") as exported:
        certificate = opened.read(f"{play.house.day(day).isoformat()}/certificate.json")
        text = opened.read(f"{play.house.day(day).isoformat()}/signoff.txt")
        play.check(certificate == exported.read(), f"{pack} has another certificate: {certificate}")
        play.check(hashlib.sha256(text).hexdigest() == json.loads(certificate)["certificate"]["signoff_sha256"], f"{pack} has another text: {text}")
