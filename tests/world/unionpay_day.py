#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A day at the played UnionPay, from the form to the settlement file: unionpay_day.py WORLD MAKE_PKI LAYOUT"""
import base64
import datetime
import html.parser
import io
import itertools
import json
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.parse
import zipfile
import zlib

from unionpay_client import Client, Control, Judge, Receiver, shared_signature

CHINA = datetime.timezone(datetime.timedelta(hours=8))
BACK = "/gateway/api/backTransReq.do"
QUERY = "/gateway/api/queryTrans.do"
FRONT = "/gateway/api/frontTransReq.do"
numbers = itertools.count(1)
house = {}


class Forms(html.parser.HTMLParser):
    """Every form of a page: where it goes and what it carries."""

    def __init__(self, page):
        super().__init__()
        self.forms, self.scripts = [], 0
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "script":
            self.scripts += 1
        elif tag == "form":
            self.forms.append((attrs["action"], {}))
        elif tag == "input":
            self.forms[-1][1][attrs["name"]] = attrs["value"]


def setUpModule():
    scratch = tempfile.TemporaryDirectory()
    folder = pathlib.Path(scratch.name)
    pki = folder / "pki"
    subprocess.run([sys.argv[2], str(pki)], check=True)
    world = subprocess.Popen([sys.argv[1], "--pki", str(pki), "--endpoints", str(folder / "endpoints")])
    house.update(scratch=scratch, world=world, receiver=Receiver(), judge=Judge(pki, folder))
    while not (folder / "endpoints").exists():
        assert world.poll() is None, "the world ended"
        time.sleep(0.02)
    endpoints = json.loads((folder / "endpoints").read_text())
    house.update(endpoints=endpoints, client=Client(pki, endpoints), control=Control(endpoints["control"]), pki=pki)
    house["layout"] = json.loads(pathlib.Path(sys.argv[3]).read_text())


def tearDownModule():
    house["receiver"].close()
    house["world"].send_signal(signal.SIGTERM)
    code = house["world"].wait(timeout=20)
    house["scratch"].cleanup()
    assert code == 0, f"the world ended with {code}"


def now():
    return datetime.datetime.fromisoformat(house["control"].get("/time")["now"].replace("Z", "+00:00")).astimezone(CHINA)


def stamp(when):
    return when.strftime("%Y%m%d%H%M%S")


def order_id(prefix="PO"):
    return f"{prefix}{next(numbers):08d}"


class Play(unittest.TestCase):
    def setUp(self):
        self.client, self.control, self.receiver = house["client"], house["control"], house["receiver"]
        self.judge = house["judge"]
        self.control("/clock", shift_s=0)
        self.control("/unionpay/faults/clear")
        self.receiver.status = 200

    def consume(self, client=None, **changes):
        fields = {"orderId": order_id(), "txnTime": stamp(now()), "txnAmt": "12345", "currencyCode": "156", "channelType": "07",
                  "bizType": "000201", "frontUrl": "http://127.0.0.1:1/return", "backUrl": self.receiver.url}
        fields.update(changes)
        return (client or self.client).message("01", "01", **fields)

    def open_page(self, message, client=None):
        status, body = (client or self.client).send(FRONT, message)
        self.assertEqual(status, 200)
        return body.decode()

    def paid(self, client=None, pay=None, **changes):
        message = self.consume(client, **changes)
        self.open_page(message, client)
        answer = self.control("/unionpay/pay", out_trade_no=message["orderId"], **(pay or {}))
        self.assertIn("trade_no", answer)
        self.control("/unionpay/idle")
        return message, answer

    def query(self, message, client=None, **changes):
        client = client or self.client
        fields = {"orderId": message["orderId"], "txnTime": message["txnTime"], **changes}
        return client.ask(QUERY, client.message("00", "00", **fields))

    def give_back(self, txn_type, query_id, amount, number=None, client=None):
        client = client or self.client
        message = client.message(txn_type, "00", orderId=number or order_id("RF"), txnTime=stamp(now()), txnAmt=str(amount),
                                 origQryId=query_id, channelType="07", backUrl=self.receiver.url)
        answer = client.ask(BACK, message)
        self.control("/unionpay/idle")
        return message, answer

    def file(self, day, client=None):
        client = client or self.client
        return client.ask("/", client.message("76", "01", settleDate=day.strftime("%m%d"), txnTime=stamp(now()), fileType="00"))

    def entries(self, answer):
        packed = base64.b64decode(answer["fileContent"], validate=True)
        with zipfile.ZipFile(io.BytesIO(zlib.decompress(packed))) as archive:
            return {info.filename: archive.read(info) for info in archive.infolist()}

    def rows(self, content, kind):
        lines = content.split(b"\r\n")
        self.assertEqual(lines.pop(), b"")
        width = {"zm": 607, "zme": 339}[kind]
        out = []
        for line in lines:
            self.assertEqual(len(line), width)
            out.append({column["name"]: line[column["offset"]:column["offset"] + column["width"]].decode("gbk")
                        for column in house["layout"][kind]})
        return out


class Requests(Play):
    def refused(self, code, inner, **changes):
        answer = self.query(self.consume(), **changes)
        self.assertEqual(self.judge.fault(answer), "")
        self.assertEqual(answer["respCode"], code)
        self.assertIn(inner, answer["respMsg"])

    def test_wrong_requests_are_refused_by_code(self):
        self.refused("34", "[2600000]")
        self.refused("10", "version", version="5.0.0")
        self.refused("10", "orderId", orderId="PO_0001_x")
        self.refused("10", "orderId", orderId="PO1")
        self.refused("10", "reqReserved", reqReserved="")
        self.refused("10", "noSuchField", noSuchField="1")
        self.refused("10", "txnTime", txnTime="20261301000000")
        self.refused("13", "", orderId=None)
        self.refused("31", "", merId="777290000000099")
        self.refused("11", "[9100004]", certId="1")

    def test_an_altered_request_is_not_answered_with_its_order(self):
        message, _ = self.paid()
        query = self.client.message("00", "00", orderId=message["orderId"], txnTime=message["txnTime"])
        query["reqReserved"] = "altered"
        answer = self.client.ask(QUERY, query)
        self.assertEqual((answer["respCode"], "origRespCode" in answer), ("11", False))

    def test_repeated_and_badly_escaped_forms_are_no_messages(self):
        body = urllib.parse.urlencode(self.client.message("00", "00", orderId="PO00000000", txnTime=stamp(now())))
        url = house["endpoints"]["unionpay"] + QUERY
        self.assertEqual(self.client.post(url, body.encode())[0], 200)
        self.assertEqual(self.client.post(url, (body + "&version=5.1.0").encode())[0], 400)
        self.assertEqual(self.client.post(url, body.replace("%2", "%2f", 1).encode())[0], 400)

    def test_a_stale_form_and_a_repeated_one_get_an_error_page(self):
        stale = self.consume(txnTime=stamp(now() - datetime.timedelta(minutes=16)))
        self.assertIn("[6100030]", self.open_page(stale))
        message = self.consume()
        self.assertIn("确认付款", self.open_page(message))
        self.assertIn("[2010002]", self.open_page(message))

    def test_the_answer_is_laid_out_as_the_document_says(self):
        message, _ = self.paid()
        query = self.client.message("00", "00", orderId=message["orderId"], txnTime=message["txnTime"])
        _, body = self.client.send(QUERY, query)
        names = [pair.split("=", 1)[0] for pair in body.decode().split("&")]
        self.assertEqual(names[-3:], ["version", "signPubKeyCert", "signature"])
        self.assertEqual(names[:-3], sorted(names[:-3]))
        self.assertIn("respMsg=成功[0000000]", body.decode())


class Payments(Play):
    def test_form_payment_notification_query_refund_and_refund_query(self):
        message = self.consume(reqReserved="b3JkZXItMQ==")
        page = Forms(self.open_page(message))
        self.assertEqual((len(page.forms), page.scripts), (2, 0))
        self.assertEqual(self.query(message)["origRespCode"], "05")
        action, hidden = page.forms[0]
        _, body = self.client.post(house["endpoints"]["unionpay"] + action,
                                   urllib.parse.urlencode({**hidden, "do": "pay"}).encode())
        self.control("/unionpay/idle")
        action, back = Forms(body.decode()).forms[0]
        self.assertEqual((action, back["respCode"], self.judge.fault(back)), ("http://127.0.0.1:1/return", "00", ""))
        (notice,) = self.receiver.fields(message["orderId"])
        self.assertEqual(self.judge.fault(notice), "")
        for name in ("merId", "orderId", "txnTime", "txnAmt", "currencyCode", "bizType", "reqReserved", "encoding"):
            self.assertEqual(notice[name], message[name])
        self.assertEqual((notice["respCode"], notice["payType"], notice["settleAmt"]), ("00", "0001", "12345"))
        self.assertEqual(notice["settleDate"], (now() + datetime.timedelta(hours=1)).strftime("%m%d"))
        self.assertEqual(notice["queryId"][2:14], message["txnTime"][2:])
        self.assertEqual(notice["queryId"][14:20], notice["traceNo"])
        answer = self.query(message)
        self.assertEqual(self.judge.fault(answer), "")
        self.assertEqual((answer["respCode"], answer["origRespCode"], answer["txnAmt"], answer["bizType"]),
                         ("00", "00", "12345", "000000"))
        self.assertEqual(self.query(message, txnTime=stamp(now() + datetime.timedelta(seconds=7)))["respCode"], "34")
        refund, answer = self.give_back("04", notice["queryId"], 345)
        self.assertEqual((answer["respCode"], answer["origQryId"], self.judge.fault(answer)), ("00", notice["queryId"], ""))
        (told,) = self.receiver.fields(refund["orderId"])
        self.assertEqual((told["respCode"], told["txnType"], self.judge.fault(told)), ("00", "04", ""))
        answer = self.query(refund)
        self.assertEqual((answer["txnType"], answer["origRespCode"], answer["txnAmt"]), ("04", "00", "345"))
        self.assertEqual(self.client.ask(BACK, refund)["respCode"], "12")
        self.assertEqual(self.give_back("04", notice["queryId"], 12001)[1]["respCode"], "36")
        self.assertEqual(self.give_back("04", notice["queryId"], 12000)[1]["respCode"], "00")
        self.assertEqual(self.give_back("04", notice["queryId"], 1)[1]["respCode"], "45")

    def test_a_refund_can_wait_and_fail_and_its_amount_is_free_again(self):
        message, paid = self.paid()
        number = order_id("RF")
        self.control("/unionpay/refund-result", out_refund_no=number, resp_code="05")
        refund, answer = self.give_back("04", paid["trade_no"], 12345, number)
        self.assertEqual((answer["respCode"], self.query(refund)["origRespCode"]), ("00", "05"))
        self.assertEqual(self.give_back("04", paid["trade_no"], 1)[1]["respCode"], "45")
        self.control("/unionpay/refund-result", out_refund_no=number, resp_code="64")
        self.control("/unionpay/idle")
        (told,) = self.receiver.fields(number)
        self.assertEqual((told["respCode"], self.query(refund)["origRespCode"]), ("64", "64"))
        self.assertNotIn("settleDate", told)
        self.assertEqual(self.control("/unionpay/refund-result", out_refund_no=number, resp_code="00")["status"], 409)
        self.assertEqual(self.give_back("04", paid["trade_no"], 12345)[1]["respCode"], "00")

    def test_a_declined_payer_may_try_again(self):
        message = self.consume()
        self.open_page(message)
        self.control("/unionpay/pay", out_trade_no=message["orderId"], resp_code="64")
        self.control("/unionpay/idle")
        self.assertEqual((self.query(message)["origRespCode"], self.receiver.fields(message["orderId"])), ("64", []))
        self.control("/unionpay/pay", out_trade_no=message["orderId"], resp_code="A6")
        self.control("/unionpay/idle")
        (notice,) = self.receiver.fields(message["orderId"])
        self.assertEqual((self.query(message)["origRespCode"], notice["respCode"]), ("A6", "A6"))
        self.assertEqual(self.control("/unionpay/pay", out_trade_no=message["orderId"])["error"], "35")

    def test_a_cancel_is_whole_and_of_the_same_clearing_day(self):
        _, paid = self.paid()
        self.assertEqual(self.give_back("31", paid["trade_no"], 1)[1]["respCode"], "36")
        self.assertEqual(self.give_back("31", paid["trade_no"], 12345)[1]["respCode"], "00")
        self.assertEqual(self.give_back("04", paid["trade_no"], 1)[1]["respCode"], "45")
        _, old = self.paid(pay={"at": (now() - datetime.timedelta(days=1)).isoformat()})
        self.assertEqual(self.give_back("31", old["trade_no"], 12345)[1]["respCode"], "35")

    def test_a_code_is_scanned_before_it_is_paid(self):
        message = self.client.message("01", "07", orderId=order_id("QR"), txnTime=stamp(now()), txnAmt="1", currencyCode="156",
                                      channelType="08", backUrl=self.receiver.url)
        answer = self.client.ask(BACK, message)
        self.assertTrue(answer["qrCode"].startswith("https://qr.95516.com/"))
        self.assertEqual(self.control("/unionpay/pay", out_trade_no=message["orderId"])["error"], "86")
        self.assertEqual(self.control("/unionpay/scan", qr_text=answer["qrCode"])["total_amount"], "0.01")
        self.control("/unionpay/pay", out_trade_no=message["orderId"])
        answer = self.query(message)
        self.assertEqual((answer["txnSubType"], answer["origRespCode"]), ("07", "00"))

    def test_shared_keys_sign_with_sha256_and_sm3(self):
        for mer_id, method in (("777290000000002", "11"), ("777290000000003", "12")):
            client = Client(house["pki"], house["endpoints"], mer_id, method)
            message, _ = self.paid(client)
            answer = self.query(message, client)
            (notice,) = self.receiver.fields(message["orderId"])
            for got in (answer, notice):
                self.assertEqual(got["signature"], shared_signature(got, method, client.shared))
                self.assertNotIn("signPubKeyCert", got)
            self.assertEqual(answer["origRespCode"], "00")

    def test_the_encryption_certificate_is_told(self):
        answer = self.client.ask(BACK, self.client.message("95", "00", orderId=order_id("EC"), txnTime=stamp(now()),
                                                           channelType="07", certType="01"))
        want = (house["pki"] / "unionpay-enc.crt").read_text().rstrip("\n").replace("\n", "\r\n")
        self.assertEqual((answer["respCode"], answer["encryptPubKeyCert"]), ("00", want))

    def test_late_money_of_a_net_bank_is_given_back_and_no_other_payment_is_late(self):
        limit = now() + datetime.timedelta(minutes=5)
        late = {"at": (limit + datetime.timedelta(seconds=1)).isoformat(), "refund_after_s": 0}
        message = self.consume(bizType="000201", payTimeout=stamp(limit))
        self.open_page(message)
        self.assertEqual(self.control("/unionpay/pay", out_trade_no=message["orderId"], **late)["error"], "69")
        read_as_42, _ = self.paid(bizType="000202", payTimeout=stamp(limit), pay=late)
        self.assertEqual((self.query(read_as_42)["origRespCode"], self.receiver.fields(read_as_42["orderId"])), ("42", []))
        message, paid = self.paid(bizType="000202", payTimeout=stamp(limit), pay={**late, "late_as": "00"})
        self.assertEqual((self.query(message)["origRespCode"], self.query(message)["payType"]), ("00", "0201"))
        self.assertEqual(len(self.receiver.fields(message["orderId"])), 1)
        self.control("/clock", shift_s=400)
        try:
            refunds = self.control.get("/unionpay/refunds")["refunds"]
            own = [refund for refund in refunds if refund["out_trade_no"] == message["orderId"]]
            self.assertEqual([(refund["automatic"], refund["refund_amount"]) for refund in own], [(True, "123.45")])
            self.assertEqual(self.give_back("04", paid["trade_no"], 1)[1]["respCode"], "45")
            self.control("/clock", shift_s=2 * 86400)
            parts = self.entries(self.file(datetime.date.fromisoformat(paid["settle_day"])))
        finally:
            self.control("/clock", shift_s=0)
        (content,) = [content for name, content in parts.items() if "ZM_" in name]
        money = [(row["txnType"], row["settleAmt"]) for row in self.rows(content, "zm")
                 if paid["trade_no"] in (row["queryId"], row["origQryId"])]
        self.assertEqual(money, [("01", "C000000012271"), ("04", "D000000012345")])
        self.assertNotIn(read_as_42["orderId"].encode(), content)

    def test_what_is_unpaid_at_its_timeout_has_failed(self):
        message = self.consume(payTimeout=stamp(now() + datetime.timedelta(minutes=5)))
        self.open_page(message)
        self.control("/clock", shift_s=301)
        self.assertEqual(self.query(message)["origRespCode"], "69")
        self.control("/clock", shift_s=0)


class Lies(Play):
    def test_forged_notifications_fail_where_they_should(self):
        message, _ = self.paid()
        for forged, want in (("key", "signature"), ("selfsigned", "chain"), ("merchant-cert", "owner"), ("expired", "validity")):
            self.assertEqual(self.control("/unionpay/notify", out_trade_no=message["orderId"], forged=forged)["status"], 200)
            self.assertEqual(self.judge.fault(self.receiver.fields(message["orderId"])[-1]), want)
        self.control("/unionpay/notify", out_trade_no=message["orderId"], total_amount="0.01")
        lie = self.receiver.fields(message["orderId"])[-1]
        self.assertEqual((lie["txnAmt"], self.judge.fault(lie)), ("1", ""))
        self.control("/unionpay/notify", out_trade_no=message["orderId"], resend=True)
        self.assertEqual(self.receiver.fields(message["orderId"])[-1], self.receiver.fields(message["orderId"])[0])

    def test_notifications_are_dropped_held_doubled_and_sent_again(self):
        for kind, before, after in (("notify_drop", 0, 0), ("notify_hold", 0, 1), ("notify_twice", 2, 2)):
            message = self.consume()
            self.open_page(message)
            self.control("/unionpay/faults", kind=kind, out_trade_no=message["orderId"])
            self.control("/unionpay/pay", out_trade_no=message["orderId"])
            self.control("/unionpay/idle")
            self.assertEqual(len(self.receiver.fields(message["orderId"])), before)
            self.control("/unionpay/release")
            self.control("/unionpay/idle")
            self.assertEqual(len(self.receiver.fields(message["orderId"])), after)

    def test_an_unanswered_notification_comes_five_times(self):
        self.receiver.status = 500
        message, _ = self.paid()
        shift = 0
        for minutes in (1, 2, 4, 5, 60):
            shift += minutes * 60 + 1
            self.control("/clock", shift_s=shift)
            self.control("/unionpay/release")
            self.control("/unionpay/idle")
        self.control("/clock", shift_s=0)
        self.assertEqual(len(self.receiver.fields(message["orderId"])), 5)
        outcomes = [d for d in self.control.get("/unionpay/deliveries")["deliveries"] if d["out_trade_no"] == message["orderId"]]
        self.assertEqual([(d["outcome"], d["status"]) for d in outcomes], [("answered", 500)] * 5)

    def with_fault(self, kind, message):
        self.control("/unionpay/faults", kind=kind, out_trade_no=message["orderId"])
        query = self.client.message("00", "00", orderId=message["orderId"], txnTime=message["txnTime"])
        return self.client.send(QUERY, query, timeout=2)

    def test_answers_can_be_missing_or_no_message(self):
        message, _ = self.paid()
        self.assertEqual(self.with_fault("answer_hang", message)[0], 0)
        self.assertEqual(self.with_fault("answer_slow", message)[0], 0)
        self.assertEqual(self.with_fault("answer_500", message)[0], 500)
        status, body = self.with_fault("answer_html", message)
        self.assertEqual((status, b"<html" in body), (502, True))
        status, body = self.with_fault("answer_cut", message)
        self.assertEqual((status, b"signature=" in body), (200, False))
        self.assertEqual(self.query(message)["origRespCode"], "00")

    def test_answers_can_lie(self):
        message, _ = self.paid()
        for kind, want in (("answer_forged", "signature"), ("answer_foreign", "chain"), ("answer_merchant", "owner"),
                           ("answer_expired", "validity")):
            self.control("/unionpay/faults", kind=kind, out_trade_no=message["orderId"])
            self.assertEqual(self.judge.fault(self.query(message)), want)
        for kind, name, want in (("answer_unpaid", "origRespCode", "05"), ("answer_orig_missing", "origRespCode", None),
                                 ("answer_amount", "txnAmt", "12346"), ("answer_rate", "respCode", "37"),
                                 ("answer_error", "respCode", "99")):
            self.control("/unionpay/faults", kind=kind, out_trade_no=message["orderId"])
            answer = self.query(message)
            self.assertEqual((answer.get(name), self.judge.fault(answer)), (want, ""))

    def test_the_signer_changes_without_notice(self):
        message, _ = self.paid()
        before = self.query(message)
        self.control("/unionpay/rotate")
        after = self.query(message)
        self.assertNotEqual(before["signPubKeyCert"], after["signPubKeyCert"])
        self.assertEqual((self.judge.fault(before), self.judge.fault(after)), ("", ""))


class Settlement(Play):
    """A clearing day whose file is there whatever the time is."""

    @classmethod
    def setUpClass(cls):
        play = cls("test_rows_and_report_agree")
        cls.day = (now() - datetime.timedelta(days=3)).date()
        play.setUp()
        noon = datetime.datetime.combine(cls.day, datetime.time(12), CHINA)
        at = {"at": noon.isoformat()}
        cls.message, cls.paid_answer = play.paid(txnAmt="1250000", reqReserved="SU5WLVJFUS0wMDAx", pay=at)
        cls.bank, _ = play.paid(txnAmt="9988800", bizType="000202", pay=at)
        cls.small, _ = play.paid(txnAmt="125", pay=at)
        cls.edge, _ = play.paid(txnAmt="77", pay={"at": noon.replace(hour=23).isoformat()})

    def setUp(self):
        super().setUp()
        self.edit()

    def edit(self, *edits):
        answer = self.control("/unionpay/bill-edits", day=self.day.isoformat(), edits=list(edits))
        self.assertEqual(answer, {})

    def parts(self, *edits):
        self.edit(*edits)
        return self.entries(self.file(self.day))

    def names(self):
        tail = f"{self.day:%y%m%d}", self.client.mer_id
        return "INN{}88ZM_{}".format(*tail), "INN{}88ZME_{}".format(*tail), "RD2010{}01_{}".format(*tail)

    def zm(self, *edits):
        return self.rows(self.parts(*edits)[self.names()[0]], "zm")

    def test_rows_and_report_agree(self):
        answer = self.file(self.day)
        self.assertEqual((answer["respCode"], self.judge.fault(answer)), ("00", ""))
        self.assertEqual(answer["fileName"], f"{self.client.mer_id}_{self.day:%Y%m%d}.zip")
        self.assertEqual(self.file(self.day)["fileContent"], answer["fileContent"])
        parts = self.entries(answer)
        self.assertEqual(tuple(parts), self.names())
        rows = self.rows(parts[self.names()[0]], "zm")
        money = [(row["orderId"].strip(), row["txnAmt"], row["merFee"], row["settleAmt"], row["payType"]) for row in rows]
        # 0.60 % half up: 7500.00 of 1250000, 59932.80 of 9988800, 0.75 of 125.
        self.assertEqual(money, [
            (self.message["orderId"], "000001250000", "D000000007500", "C000001242500", "0001"),
            (self.bank["orderId"], "000009988800", "D000000059933", "C000009928867", "0201"),
            (self.small["orderId"], "000000000125", "D000000000001", "C000000000124", "0001")])
        self.assertEqual((rows[0]["queryId"], rows[0]["merReserved"].strip()), (self.paid_answer["trade_no"], "SU5WLVJFUS0wMDAx"))
        self.assertEqual((rows[0]["splitAmt"], rows[0]["txnType"], rows[1]["bizType"]), (" 000000000000", "01", "000202"))
        self.assertTrue(all(row["subMerAbbr"].strip() == "数字证书服务" for row in rows))
        report = parts[self.names()[2]].decode("gbk")
        self.assertIn("合计  笔数：3  交易金额：112389.25  手续费：674.34  清算金额：111714.91\r\n", report)
        self.assertEqual(parts[self.names()[1]], b"")

    def test_a_clearing_day_ends_at_23(self):
        entries = self.entries(self.file(self.day + datetime.timedelta(days=1)))
        (content,) = [content for name, content in entries.items() if "ZM_" in name]
        self.assertEqual([row["orderId"].strip() for row in self.rows(content, "zm")], [self.edge["orderId"]])

    def test_no_file_of_a_day_without_rows_or_before_nine(self):
        self.assertEqual(self.file(self.day - datetime.timedelta(days=30))["respCode"], "98")
        self.assertEqual(self.file(now().date())["respCode"], "98")
        self.edit({"kind": "not_ready"})
        self.assertEqual(self.file(self.day)["respCode"], "98")

    def test_a_file_answer_can_be_forged_by_its_day(self):
        self.control("/unionpay/faults", kind="answer_forged", out_trade_no=f"{self.day:%m%d}")
        self.assertEqual(self.judge.fault(self.file(self.day)), "signature")
        self.assertEqual(self.judge.fault(self.file(self.day)), "")

    def test_refund_and_cancel_rows_name_their_payment(self):
        message, paid = self.paid(txnAmt="10000")
        refund, _ = self.give_back("04", paid["trade_no"], 4000)
        other, other_paid = self.paid(txnAmt="8800")
        cancel, _ = self.give_back("31", other_paid["trade_no"], 8800)
        day = datetime.date.fromisoformat(paid["settle_day"])
        self.control("/clock", shift_s=2 * 86400)
        parts = self.entries(self.file(day))
        self.control("/clock", shift_s=0)
        (content,) = [content for name, content in parts.items() if "ZM_" in name]
        rows = {row["orderId"].strip(): row for row in self.rows(content, "zm")}
        names = ("txnType", "txnAmt", "merFee", "settleAmt", "origQryId")
        self.assertEqual([rows[refund["orderId"]][name] for name in names],
                         ["04", "000000004000", " 000000000000", "D000000004000", paid["trade_no"]])
        self.assertEqual([rows[cancel["orderId"]][name] for name in names],
                         ["31", "000000008800", "C000000000053", "D000000008747", other_paid["trade_no"]])
        self.assertEqual(rows[refund["orderId"]]["origOrderId"].strip(), message["orderId"])
        self.assertEqual(rows[cancel["orderId"]]["origOrderId"].strip(), other["orderId"])

    def test_rows_can_be_omitted_changed_added_and_repeated(self):
        number = self.small["orderId"]
        self.assertEqual(len(self.zm({"kind": "omit", "out_trade_no": number})), 2)
        self.assertEqual(len(self.zm({"kind": "repeat", "out_trade_no": number})), 4)
        row = self.zm({"kind": "amount", "out_trade_no": number, "total_amount": "10.00"})[2]
        self.assertEqual((row["txnAmt"], row["merFee"], row["settleAmt"]), ("000000001000", "D000000000006", "C000000000994"))
        row = self.zm({"kind": "fee", "out_trade_no": number, "fee": "-0.05"})[2]
        self.assertEqual((row["txnAmt"], row["merFee"], row["settleAmt"]), ("000000000125", "D000000000005", "C000000000120"))
        row = self.zm({"kind": "add", "out_trade_no": "STRANGER1", "trade_no": "412601131422333100028", "total_amount": "1.00",
                       "at": f"{self.day}T10:00:00+08:00"})[3]
        self.assertEqual((row["orderId"].strip(), row["queryId"], row["settleAmt"]),
                         ("STRANGER1", "412601131422333100028", "C000000000099"))

    def test_a_dispute_names_the_payment_by_trace_and_time(self):
        parts = self.parts({"kind": "zme_add", "out_trade_no": self.small["orderId"], "total_amount": "1.25"})
        (row,) = self.rows(parts[self.names()[1]], "zme")
        (trade,) = [trade for trade in self.control.get("/unionpay/trades")["trades"]
                    if trade["out_trade_no"] == self.small["orderId"]]
        self.assertEqual((row["prevTraceNo"], row["prevTxnTime"], row["prevSettleDate"], row["prevTxnAmt"], row["settleAmt"]),
                         (trade["trace_no"], trade["trace_time"], f"{self.day:%m%d}", "000000000125", "D000000000125"))
        self.assertIn("差错调整  笔数：1  交易金额：-1.25", parts[self.names()[2]].decode("gbk"))

    def test_the_file_itself_can_be_wrong(self):
        detail, _, report = self.names()
        true = self.parts()
        cut = self.parts({"kind": "cut"})[detail]
        self.assertTrue(true[detail].startswith(cut) and len(cut) == len(true[detail]) - 300)
        drifted = self.parts({"kind": "width"})[detail]
        self.assertEqual(len(drifted), len(true[detail]))
        self.assertNotEqual(drifted[:607], true[detail][:607])
        self.assertEqual(drifted[607:], true[detail][607:])
        self.assertIn("笔数：4  交易金额：112389.25", self.parts({"kind": "rd_count", "by": 1})[report].decode("gbk"))
        self.assertIn("笔数：3  交易金额：112390.25", self.parts({"kind": "rd_sum", "by": "1.00"})[report].decode("gbk"))
        self.assertEqual(self.parts({"kind": "empty"})[detail], b"")
        self.edit({"kind": "wrong_day"})
        self.assertIn(f"{self.day - datetime.timedelta(days=1):%Y%m%d}.zip", self.file(self.day)["fileName"])
        self.edit({"kind": "wrong_merchant"})
        self.assertNotIn(self.client.mer_id, self.file(self.day)["fileName"])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
