# SPDX-License-Identifier: Apache-2.0
"""The player must be able to fail: what a play expects and does not see, what it misspells, what it leaves out."""

import os
import tempfile
import unittest

from . import engine, verbs_books, verbs_documented, verbs_order  # noqa: F401 (they fill the table)


@engine.verb("say", "TEXT", "loud", free="comparisons")
def say(play, text, comparisons, *, loud=""):
    play.compare({"text": text, "n": 3, "list": [{"a": None}, {"a": True}]}, comparisons)


@engine.verb("need", "", "this")
def need(play, *, this):
    """An option without a default."""


class Fixed:
    endpoints = {"world": {"portal": "http://portal"}}


class Books:
    """A house in which the provider holds some payments and the gateway others."""

    night_s, endpoints = 0, Fixed.endpoints

    def __init__(self, there, here):
        self.there, self.here = there, here

    def control(self, _method, _path):
        return {"trades": [{"out_trade_no": number, "total": amount, "transaction_id": trade, "success_time": paid_at}
                           for number, amount, trade, paid_at in self.there]}

    def call(self, _method, _path):
        attempts = [{"attempt_no": number, "provider": "wechatpay", "state": state, "provider_trade_no": trade}
                    for number, state, trade in self.here]
        return {"status": 200, "body": {"id": "pay_1", "attempts": attempts}}


def compare_books(there, here, paid):
    play = engine.Play(Books(there, here))
    order = verbs_order.Order("ONE", {"order_no": "ONE", "amount": 200}, None)
    order.payment = {"id": "pay_1"}
    play.orders["ONE"] = order
    verbs_books.books_agree(play, "wechatpay", paid=paid)
    return play.expected


def perform(text):
    with tempfile.NamedTemporaryFile("w", suffix=".play", delete=False, encoding="utf-8") as file:
        file.write(text)
    try:
        play = engine.Play(Fixed())
        play.perform(engine.read(file.name), lambda step: None)
        return play.expected
    finally:
        os.unlink(file.name)


class PlayerTest(unittest.TestCase):
    def test_expectations_that_hold_are_counted(self):
        self.assertEqual(perform("say hello text=hello n>=3 n<=3 n!=4 text~ell list.count=2 list[-1].a=true list[0].a=null"), 8)

    def test_an_expectation_that_does_not_hold_names_its_line(self):
        with self.assertRaisesRegex(engine.Failed, r":3: say: expected text=bye, saw hello"):
            perform("# a remark\n\nsay hello text=bye\n")

    def test_comparisons_of_numbers_refuse_what_is_no_number(self):
        for wrong in ("n>=4", "n<=2", "n=4", "n!=3", "text>=0", "absent>=0", "text~x", "list[7].a=true"):
            with self.assertRaises(engine.Failed):
                perform(f"say hello {wrong}")

    def test_a_play_that_expects_nothing_fails(self):
        with self.assertRaisesRegex(engine.Failed, "expects nothing"):
            perform("say hello\n")

    def test_a_wrong_play_is_refused_before_it_begins(self):
        for wrong in ("shout hello", "say", "say hello quiet", "say hello loud", "need", "need that=1", 'say "hello',
                      "say hello \\"):
            with self.assertRaises(engine.PlayError):
                perform("say hello n=3\n" + wrong)

    def test_a_line_may_go_on(self):
        self.assertEqual(perform("say hello \\\n n=3 \\\n text=hello\n"), 2)

    def test_books_agree_when_they_hold_the_same_payments(self):
        there = [("101", "2.00", "T1", "12:00"), ("102", "2.00", "T2", None)]
        self.assertEqual(compare_books(there, [("101", "late_paid", "T1"), ("102", "unknown", None)], "1"), 2)

    def test_books_disagree_by_a_payment_an_amount_or_a_number(self):
        paid = [("101", "2.00", "T1", "12:00")]
        for there, here, count in (
                (paid, [("101", "pending", "T1")], "1"), ([], [("101", "paid", "T1")], "0"),
                ([("101", "2.01", "T1", "12:00")], [("101", "paid", "T1")], "1"),
                (paid, [("101", "paid", "T2")], "1"), (paid, [("101", "paid", "T1")], "2")):
            with self.assertRaises(engine.Failed):
                compare_books(there, here, count)

    def test_an_answer_of_another_shape_is_told(self):
        wanted = {"id": "pay_1", "at": None, "reasons": [{"code": "a", "blocks": True}]}
        same = verbs_documented.differences({"id": "pay_2", "at": "12:00", "reasons": []}, wanted)
        self.assertEqual(same, [])
        for seen in ({"id": 1, "at": None, "reasons": []}, {"id": "pay_2", "reasons": []},
                     {"id": "pay_2", "at": None, "reasons": [], "more": 1},
                     {"id": "pay_2", "at": None, "reasons": [{"code": "a", "blocks": "yes"}]}):
            self.assertNotEqual(verbs_documented.differences(seen, wanted), [], seen)

    def test_the_document_is_read(self):
        one = verbs_documented.Operation("order_refresh")
        self.assertEqual((one.method, one.path, one.keyed), ("POST", "/v1/orders/{order_no}/refresh", False))
        self.assertEqual(one.body, {"max_wait_ms": 3000})
        self.assertIn("reason", one.answer("200")[1])
        with self.assertRaises(engine.PlayError):
            verbs_documented.Operation("order_burn")


if __name__ == "__main__":
    unittest.main()
