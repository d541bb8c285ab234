#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the seeds that are made from tests/vectors into tests/fuzz/corpus. The other files there were found by libFuzzer."""
import base64
import json
import pathlib

HERE = pathlib.Path(__file__).parent
VECTORS = HERE.parent / "vectors"


def put(target, name, data):
    folder = HERE / "corpus" / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(data)


def vectors(path):
    return json.loads((VECTORS / path).read_text(encoding="utf-8"))["vectors"]


def message(headers, body):
    return "".join(f"{name}: {value}\n" for name, value in headers).encode() + b"\n" + body


def alipay_callbacks():
    """What the mock provider signed verifies at the account of tests/fuzz/accounts/alipay."""
    for vector in vectors("alipay/notify_verify.json"):
        body = vector["wire_form"].encode()
        genuine = vector["expect_valid"] and vector["verify_with"] == "certs/mock_alipay_chain.crt"
        kind = "genuine_" if genuine else ""
        put("callback", f"alipay_{kind}{vector['id']}", message([("content-type", "application/x-www-form-urlencoded")], body))
        put("form", vector["id"], body)


# Signed by the mock provider, but no answer to a question that we ask.
NOT_READ = {"self-tricky-strings", "self-sign-first", "self-gbk-body", "self-gbk-trail-5c", "self-encrypted-body",
            "self-refund-repeat-fund-change-n"}


def alipay_answers():
    for vector in vectors("alipay/response_verify.json"):
        body = base64.b64decode(vector["body_b64"])
        genuine = (vector["expect_valid"] and vector["verify_with"] == "certs/mock_alipay_chain.crt"
                   and vector["id"] not in NOT_READ)
        kind = "genuine_" if genuine else ""
        order = "T20240506_0001"
        for number in ("T20240506_0002", "T20240506_0009"):
            order = number if number.encode() in body else order
        put("answer", f"alipay_{kind}{vector['id']}", message([("status", 200), ("order-no", order)], body))
        put("json", f"alipay_{vector['id']}", body)
        if vector["id"] == "self-precreate":
            # Once verified with backslashes in its address that nobody had signed.
            slipped = body.replace(b"\\/", b"\\\\/")
            put("answer", "alipay_slipped_backslash", message([("status", 200), ("order-no", order)], slipped))


def alipay_bills():
    for path in sorted((VECTORS / "alipay/bills").glob("*.zip")):
        put("bill", f"alipay_{path.stem}", path.read_bytes())
    details = sorted((VECTORS / "alipay/bills").glob("*.gbk.csv"))
    for path in details:
        put("bill_text", f"alipay_{path.stem}", b"\x1c" + path.name.encode() + b"\n" + path.read_bytes())
    both = b"".join(b"\x1c" + path.name.encode() + b"\n" + path.read_bytes() for path in details if path.name.startswith("trade"))
    put("bill_text", "alipay_trade_both", both)


def part(data, size=2):
    return len(data).to_bytes(size, "big") + data


def keys_messages():
    fields = [(b"app_id", b"2021000000000001"), (b"biz_content", b'{"out_trade_no":"T1","total_amount":"88.88"}')]
    body = len(fields).to_bytes(2, "big") + b"".join(part(name) + part(value) for name, value in fields)
    number = (7).to_bytes(8, "big")
    put("keys_message", "sign", b"\x01\x01" + number + b"\x01" + part(b"main") + body)
    put("keys_message", "check", b"\x01\x03" + number + b"\x02" + part(b"main") + part(b"signature") + body)
    put("keys_message", "open", b"\x01\x04" + number + b"\x00" + part(b"main") + body)
    put("keys_message", "webhook", b"\x01\x06" + number + b"\x00" + part(b"we_000102030405060708090a0b0c0d0e0f") + body)
    put("keys_message", "repeated", b"\x01\x01" + number + b"\x01" + part(b"main") + (2).to_bytes(2, "big")
        + 2 * (part(b"a") + part(b"b")))
    put("keys_message", "reply", b"\x01\x02" + number + b"\x00" + part(b"signature"))
    put("keys_message", "refused", b"\x01\x02" + number + b"\x01" + part(b""))


TEXTS = ["0", "0.01", "88.8", "88.88", "-0.05", "100000000.00", "92233720368547758.07", "92233720368547758.08", "-92233720368547758.08",
         "9223372036854775807", "-9223372036854775808", "2026-11-24T03:04:05.678Z", "2026-11-24T03:04:05+08:00",
         "9999-12-31T23:59:59.999999-23:59", "1970-01-01T00:00:00Z", "2024-02-29 23:59:59", "2024-05-05 10:00:10.123", "2023-02-29",
         "2024-02-29", "20240229", "9999-12-31", "1970-01-01"]

JSONS = [b'{"a":[1,-2,true,false,null,"x"],"b":{"c":"\\u4e2d\\ud83d\\ude00\\/"}}', b'{"a":1,"a":2}', b"[" * 17 + b"]" * 17,
         b"[" * 16 + b"]" * 16, b'{"n":1.5e3}', b'{"n":9223372036854775807}', b'{"n":92233720368547758070}', b'"text"', b'{"a":"\xff"}',
         b'{"order":{"invoice":{"tax_no":]}}}', b'{"a":"\\u0000"}']

FORMS = [b"a=1&b=%E4%B8%AD+%2B&c=", b"a=1&a=2", b"a=%", b"a=%0", b"a=%zz", b"=", b"&&", b"a", b"%61=%00", b"a=b=c"]

HEADERS = [b"GET /livez HTTP/1.1\r\nHost: h\r\n\r\n", b"POST /v1/payments HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n{}",
           b"GET / HTTP/1.1\nHost: h\n\n", b"GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n", b"GET / HTTP/1.1\r\nA: b\0c\r\n\r\n", b"\r\n\r\n",
           b"GET / HTTP/1.1\r\nA: b\rc\r\n\r\n", b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 64 + b"\r\n",
           b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 65 + b"\r\n",
           b"POST /v1/payments?a=%41&b HTTP/1.1\r\nHOST: h\r\nIdempotency-Key: k\r\nTransfer-Encoding: chunked\r\n\r\na=%E4%B8%AD",
           b"GET //h/ HTTP/1.1\r\nHost: h\r\n\r\n", b"PUT /%00 HTTP/1.1\r\nHost: h\r\n\r\n",
           b"DELETE / HTTP/1.1\r\nHost: h\r\n\r\n", b"GET / HTTP/1.1\r\nHost: h\r\nSignature: a\r\nsignature: b\r\n\r\n",
           b"GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"]

SIGNATURES = [
    ('sig1=("@method" "@target-uri" "content-digest");created=1768000000;keyid="portal";nonce="n-1";alg="hmac-sha256"', b"{}"),
    ('sig1=("@method" "@path" "@query");created=1768000000;expires=1768000300;keyid="portal";nonce="n-1"', b""),
    ('sig1=( "@authority"  "@method" );tag="a\\"b\\\\c";created=1', b""),
    ('sig1=("@method";req);created=1', b""),
    ('sig1=();created=1', b""),
]

WEBHOOKS = [
    "msg_2603100070000000019_3_3", "whd_2603100070000000019_3_3_000102030405060708090a0b0c0d0e0f",
    "https://portal.example.cn:8443/hooks?a=b", "https://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]:8443/a",
    "https://93.184.215.14/hooks", "https://2130706433/hooks", "Sun, 06 Nov 1994 08:50:37 GMT", "120",
]


DEPOSITS = [
    b"B1,2026-11-24,100.00,,deposit,W1", b"B1,20261124,100.00,0.50,return,W1 W2  W3", b"B-2,2026-11-26,0.01,0.00,deposit,",
    b"B1,2026-11-27,1,0.1,deposit,W1", b",2026-11-24,100.00,,deposit,W1", b"B1,2026-02-30,100.00,,deposit,W1",
    b"B1,2026-11-24,99999999999999999999.99,,deposit,W1", b"B1,2026-11-24,100.00,1E2,deposit,W1",
    b"B1,2026-11-24,100.00,,deposit,W1,W2",
    b"\"B1\",2026-11-24,\"100.00\", ,deposit,\"W1 W2\"\r\n\r\nB2,2026-11-24,1.00,,transfer,\n", b"B1,2026-11-24,100.00,,deposit,\"W1\nB2,",
]

# The first byte tells which list, or the day.
PACKS = [
    "0attempt_no,provider_trade_no,owner,order_no,state,amount_fen,method,paid_at,created_at,counted,carried_in,denied\r\n"
    "261123007000000001101,T1,portal,\"A, \"\"1\"\"\",paid,28000,qr,2026-11-23T04:00:00.123456Z,,true,false,false\r\n"
    "2,,o, b ,closed,-1,,1969-12-31T23:59:59.9995Z,,true,true,true",
    "1refund_no,attempt_no,owner,order_no,state,amount_fen,approved,sent_at,taken_at,counted,carried_in\n"
    "R1,N1,portal,A-1,succeeded,100,true,2026-11-23T04:00:00+08:00,,true,true\n",
    "2owner,order_no,unit_name,status,stage,kind,amount_fen,unit_fee_fen,quantity,issued_quantity,title,tax_no,invoice_kind,said_kind,"
    "said_quantity,said_unit_fee_fen,said_amount_fen,said_refunded_fen,like_paid,invoiced_fen\r\n"
    "portal,A-1,甲,issued,paid,new,28000,14000,2,2,\"甲\r\n司\",91X,special,change,1,2,3,4,true,28000\r\n",
    "5owner,order_no,number,out,confirmed,self,attached,amount_fen,deposit_fen,received_on,recorded_on,decided_on,voucher,payer_name\r\n"
    "portal,A-1,1,true,true,true,true,28000,27999,2026-11-22,,20261124,V1,甲\r\n",
    "6owner,invoice_id,reported_under,number,name,quantity,taxed,rate_ppm,net_fen,tax_fen,total_fen\r\n"
    "portal,I1,A-1,1,数字证书,1.5,by_rate,60000,100,6,106\r\n",
    "7number,refund,provider_trade_no,merchant_order_no,refund_no,fen,at,pending,raw\r\n"
    "7,true,T1,N1,N1R01,-100,2026-11-23T15:59:59.000000Z,true,\"`a,`b\"\r\n",
    "d{\"rules\":14,\"program\":\"1\",\"account\":\"a\",\"provider\":\"alipay\",\"merchant\":\"m\",\"application\":\"x\",\"other_numbers\":\"\","
    "\"other_applications\":\"\",\"fee_rate_ppm\":6000,\"fee_rounding_max_fen\":0,\"fees\":[{\"card\":\"any\",\"from\":\"2026-01-01\","
    "\"until\":null,\"rate_ppm\":1,\"cap_fen\":0,\"rounding\":\"up\"}],\"kind\":\"trade\",\"day\":\"2026-11-23\",\"version\":1,"
    "\"as_of\":\"2026-11-24T00:00:00Z\",\"tariffs\":[{\"kind\":\"new\",\"unit_fee_fen\":1}],\"manual_backdate_days\":3,"
    "\"closed_days\":\"2026-11-20 2026-11-22\",\"late_bills\":\"2026-11-20 ab\",\"fee_rounding_before_fen\":0,\"closed_before_known\":false,\"closed_before_fen\":0,\"edited\":false,\"accepted_headers\":[{\"kind\":\"trade\",\"came\":\"a,b\",\"read_as\":\"a,c\"}],"
    "\"bill_sha256\":null,\"flow_bill_sha256\":null,\"lists\":{\"books.csv\":\"\",\"refunds.csv\":\"\",\"orders.csv\":\"\","
    "\"payments.csv\":\"\",\"invoices.csv\":\"\",\"manual_payments.csv\":\"\",\"carried_lines.csv\":\"\"},\"result_hash\":\"\",\"input_hash\":\"\"}",
    "8reference,day,fen,banked_fen,moved,moved_fen,returned\r\nW1,2026-11-22,10000,-5,true,9995,true\r\nW2,,1,0,false,0,false\r\n",
    "9deposit_no,day,fen,fee_fen,returned,transfer,references,carried_in,sha256\r\nB1,2026-11-23,9990,10,true,false,\"W1 W2\",true,00ab\r\n"
    "B2,2026-11-23,1,0,false,true,,false,\r\n",
    ":voucher,fen\r\nB2,28000\r\n",
    "d{\"rules\":14,\"program\":\"1\",\"account\":\"a\",\"provider\":\"alipay\",\"settle_days\":3,\"kind\":\"deposits\",\"day\":\"2026-11-23\","
    "\"version\":1,\"as_of\":\"2026-11-24T00:00:00Z\",\"lists\":{\"payouts.csv\":\"\",\"deposits.csv\":\"\",\"transfers.csv\":\"\"},"
    "\"result_hash\":\"\",\"input_hash\":\"\"}",
]


def hand_made():
    for i, text in enumerate(PACKS):
        put("pack", f"file_{i:02}", text.encode())
    for i, text in enumerate(TEXTS):
        put("text", f"text_{i:02}", text.encode())
    for i, text in enumerate(JSONS):
        put("json", f"json_{i:02}", text)
    for i, text in enumerate(FORMS):
        put("form", f"form_{i:02}", text)
    for i, line in enumerate(DEPOSITS):
        put("deposit", f"line_{i:02}", line)
    for i, text in enumerate(HEADERS):
        put("scanner", f"headers_{i:02}", text)
        put("admission", f"request_{i:02}", text)
    for i, (field, body) in enumerate(SIGNATURES):
        headers = [("signature-input", field), ("signature", "sig1=:" + base64.b64encode(b"0123456789abcdef0123456789abcdef").decode() + ":")]
        if body:
            headers.append(("content-digest", "sha-256=:RBNvo1WzZ4oRRq0W9+hknpT7T8If536DEMBg9hyq/4o=:"))
        put("signature", f"signature_{i}", message(headers, body))
    for i, text in enumerate(WEBHOOKS):
        put("webhook", f"webhook_{i}", text.encode())
    put("certificate", "no_certificate", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    put("private_key", "no_key", b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n")
    put("pkcs12", "no_file", bytes.fromhex("3080020103"))


alipay_callbacks()
alipay_answers()
alipay_bills()
keys_messages()
hand_made()
