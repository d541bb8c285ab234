# SPDX-License-Identifier: Apache-2.0
"""`tallygate certificate verify` on files that the openssl program signed, as they are and altered."""
import os
import subprocess
import tempfile
import unittest

SOURCE, BUILD = os.environ["TALLYGATE_SOURCE_DIR"], os.environ["TALLYGATE_BINARY_DIR"]
VECTORS = os.path.join(SOURCE, "tests/vectors")
ED25519, SM2 = os.path.join(VECTORS, "audit/public.pem"), os.path.join(VECTORS, "certificate/sm2_public.pem")


def certificate(name="ed25519.json"):
    with open(os.path.join(VECTORS, "certificate", name), "rb") as file:
        return file.read()


def verify(content, *words, key=ED25519, language="en"):
    """The exit status and what was said; there is no configuration and no database."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(content)
        file.flush()
        done = subprocess.run([os.path.join(BUILD, "tallygate"), "-c", "/none", "--lang", language, "certificate", "verify",
                               file.name, "--key", key, *words], capture_output=True, encoding="utf-8", timeout=60, check=False)
    return done.returncode, done.stdout + done.stderr


class Genuine(unittest.TestCase):
    def test_each_thing_that_was_checked_is_said(self):
        status, said = verify(certificate())
        self.assertEqual(status, 0, said)
        for words in ("ok    form: certificate of alipay-key 2026-03-10 version 2", "ok    equation: A = B, number 2 = 2, fen 8850 = 8850",
                      "ok    equation: C + M' = J + long + short, fen 8850 = 8850", "ok    UNEXPLAINED 0.00",
                      "ok    people: prepared by finance, signed by checker", "ok    key: d1e40bbd01f3dfc6", "ok    signature: genuine",
                      "bill: no file was given"):
            self.assertIn(words, said)
        self.assertNotIn("fail", said)

    def test_sm2(self):
        self.assertEqual(verify(certificate("sm2.json"), key=SM2)[0], 0)

    def test_the_bill_is_compared(self):
        with tempfile.NamedTemporaryFile() as bill:
            bill.write(b"the bill\n")
            bill.flush()
            status, said = verify(certificate(), "--bill", bill.name)
            self.assertEqual(status, 0, said)
            self.assertIn("ok    bill", said)
            bill.write(b"!")
            bill.flush()
            status, said = verify(certificate(), "--bill", bill.name)
        self.assertEqual(status, 1)
        self.assertIn("fail  bill", said)

    def test_chinese_comes_first(self):
        self.assertIn("签名：真实", verify(certificate(), language="zh")[1])


class Altered(unittest.TestCase):
    def test_a_byte_here_and_there(self):
        whole = certificate()
        for at in range(0, len(whole), 61):  # tests/unit/core_certificate.c alters every one
            with self.subTest(at=at):
                status, said = verify(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1:])
                self.assertEqual(status, 1, said)
                self.assertIn("fail", said)

    def test_another_sum_is_told_as_such(self):
        status, said = verify(certificate().replace(b'"trailer":[2,8850]', b'"trailer":[2,8851]'))
        self.assertEqual(status, 1)
        self.assertIn("fail  equation: A = B, number 2 = 2, fen 8851 = 8850", said)
        self.assertIn("fail  signature", said)

    def test_one_person_alone(self):
        status, said = verify(certificate().replace(b'"signed_by":"checker"', b'"signed_by":"finance"'))
        self.assertEqual(status, 1)
        self.assertIn("fail  people", said)

    def test_another_key_vouches_for_nothing(self):
        status, said = verify(certificate(), key=SM2)
        self.assertEqual(status, 1)
        self.assertIn("fail  key", said)
        self.assertIn("fail  signature", said)

    def test_what_is_no_certificate(self):
        for content in (b"", b"{}\n", certificate() + b"\n", certificate()[:-1]):
            self.assertEqual(verify(content)[0], 1)

    def test_no_key_is_trouble(self):
        self.assertEqual(verify(certificate(), key="/none")[0], 2)
