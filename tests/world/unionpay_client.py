# SPDX-License-Identifier: Apache-2.0
"""A merchant of UnionPay 5.1.0 for the world's own test: signs and checks with the openssl command, so that neither the world nor
the gateway judges itself. One Client speaks for one merchant; a Receiver takes its notifications."""
import hashlib
import http.server
import json
import ssl
import subprocess
import threading
import urllib.error
import urllib.parse
import urllib.request

OWNER = "中国银联股份有限公司"


def openssl(*arguments, data=None):
    done = subprocess.run(["openssl", *arguments], input=data, capture_output=True, check=False)
    return done.returncode, done.stdout


def must(*arguments, data=None):
    code, out = openssl(*arguments, data=data)
    assert code == 0, arguments
    return out


def signed_text(fields):
    return "&".join(f"{name}={fields[name]}" for name in sorted(fields) if name != "signature").encode()


def parse_raw(body):
    """A synchronous answer: pairs as they are, nothing decoded."""
    return dict(pair.split("=", 1) for pair in body.decode().split("&"))


def shared_signature(fields, method, key):
    def digest(data):
        if method == "11":
            return hashlib.sha256(data).hexdigest()
        return must("dgst", "-sm3", "-r", data=data).split()[0].decode()

    return digest(signed_text(fields) + b"&" + digest(key.encode()).encode())


class Judge:
    """What a careful receiver finds wrong with a message: "" when nothing is."""

    def __init__(self, pki, scratch):
        self.pki = pki
        self.scratch = scratch

    def fault(self, fields):
        pem = fields["signPubKeyCert"]
        if "\r\n" not in pem or not pem.endswith("-----") or "\n" in pem.replace("\r\n", ""):
            return "line ends"
        leaf = self.scratch / "leaf.pem"
        leaf.write_text(pem + "\r\n", newline="")
        signature = self.scratch / "signature"
        signature.write_bytes(must("base64", "-d", "-A", data=fields["signature"].encode()))
        public = self.scratch / "public.pem"
        public.write_bytes(must("x509", "-in", str(leaf), "-pubkey", "-noout"))
        letters = hashlib.sha256(signed_text(fields)).hexdigest().encode()
        if openssl("dgst", "-sha256", "-verify", str(public), "-signature", str(signature), data=letters)[0] != 0:
            return "signature"
        chain = ["verify", "-CAfile", f"{self.pki}/unionpay-root.crt", "-untrusted", f"{self.pki}/unionpay-middle.crt"]
        if openssl(*chain, "-no_check_time", str(leaf))[0] != 0:
            return "chain"
        if openssl(*chain, str(leaf))[0] != 0:
            return "validity"
        subject = must("x509", "-in", str(leaf), "-noout", "-subject", "-nameopt", "utf8,sep_multiline").decode()
        name = [line.strip()[3:] for line in subject.splitlines() if line.strip().startswith("CN=")]
        return "" if len(name) == 1 and name[0].split("@")[2] == OWNER else "owner"


class Client:
    def __init__(self, pki, endpoints, mer_id="777290000000001", method="01"):
        self.pki = pki
        self.endpoints = endpoints
        self.mer_id = mer_id
        self.method = method
        self.context = ssl.create_default_context(cafile=f"{pki}/tls-root.crt")
        serial = must("x509", "-in", f"{pki}/unionpay-merchant.crt", "-noout", "-serial").decode().strip().split("=")[1]
        self.cert_id = str(int(serial, 16))
        with open(f"{pki}/unionpay-shared.secret", encoding="ascii") as file:
            self.shared = file.read().strip()

    def sign(self, fields):
        if self.method != "01":
            return shared_signature(fields, self.method, self.shared)
        letters = hashlib.sha256(signed_text(fields)).hexdigest().encode()
        raw = must("dgst", "-sha256", "-sign", f"{self.pki}/unionpay-merchant.key", data=letters)
        return must("base64", "-A", data=raw).decode()

    def message(self, txn_type, sub_type, **fields):
        out = {"version": "5.1.0", "encoding": "UTF-8", "signMethod": self.method, "txnType": txn_type, "txnSubType": sub_type,
               "bizType": "000000", "accessType": "0", "merId": self.mer_id}
        if self.method == "01":
            out["certId"] = self.cert_id
        out.update({name: value for name, value in fields.items() if value is not None})
        out["signature"] = self.sign(out)
        return out

    def post(self, url, body, timeout=20):
        """Status and body; a status of 0 is no answer."""
        request = urllib.request.Request(url, data=body, method="POST", headers={
            "Content-Type": "application/x-www-form-urlencoded;charset=UTF-8"})
        try:
            with urllib.request.urlopen(request, timeout=timeout, context=self.context) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()
        except (TimeoutError, urllib.error.URLError):
            return 0, b""

    def send(self, path, message, timeout=20):
        base = self.endpoints["unionpay_files"] if path == "/" else self.endpoints["unionpay"] + path
        body = urllib.parse.urlencode(message, quote_via=urllib.parse.quote, safe="").encode()
        return self.post(base, body, timeout)

    def ask(self, path, message):
        status, body = self.send(path, message)
        assert status == 200, (status, body)
        return parse_raw(body)


class Receiver:
    """The backUrl: keeps what comes and answers with the status it is told."""

    def __init__(self):
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.got.append((self.headers["Content-Type"], body))
                self.send_response(receiver.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.got = []
        self.status = 200
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/back"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def fields(self, order_id):
        """The notifications of one transaction, decoded once."""
        decoded = [dict(urllib.parse.parse_qsl(body.decode(), strict_parsing=True)) for _, body in self.got]
        return [fields for fields in decoded if fields["orderId"] == order_id]

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Control:
    def __init__(self, base):
        self.base = base

    def __call__(self, path, **body):
        request = urllib.request.Request(self.base + path, data=json.dumps(body).encode(), method="POST")
        return self.open(request)

    def get(self, path):
        return self.open(urllib.request.Request(self.base + path))

    @staticmethod
    def open(request):
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            return {"status": error.code, **json.load(error)}
