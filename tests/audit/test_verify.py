# SPDX-License-Identifier: Apache-2.0
"""`tallygate audit verify` on an exported trail as it is, and after each thing that somebody could do to it."""
import hashlib
import json
import os
import subprocess
import tempfile
import unittest

SOURCE, BUILD = os.environ["TALLYGATE_SOURCE_DIR"], os.environ["TALLYGATE_BINARY_DIR"]
VECTORS = os.path.join(SOURCE, "tests/vectors/audit")
PUBLIC = os.path.join(VECTORS, "public.pem")
FIRST, SECOND, SENT, PAID, APPROVED, CLOSED, END = range(7)  # the lines of trail.jsonl
NEWEST = "2:1cfd1df11e991a4cb5c0b165125f774841da900eeab2b27b6bf0a6a43c9c05a5"


def trail():
    with open(os.path.join(VECTORS, "trail.jsonl"), encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def verify(lines, *words, key=PUBLIC, language="en"):
    """The exit status, the answer and what was said of the trail."""
    with tempfile.NamedTemporaryFile("w", encoding="utf-8") as file:
        file.write("".join(line if isinstance(line, str) else json.dumps(line) + "\n" for line in lines))
        file.flush()
        done = subprocess.run([os.path.join(BUILD, "tallygate"), "--lang", language, "audit", "verify", file.name, "--key", key,
                               *words], capture_output=True, encoding="utf-8", timeout=60, check=False)
    return done.returncode, json.loads(done.stdout or "null"), done.stderr


def rehash(events):
    """What a forger without the key can do: every hash from here on fits again."""
    previous = b""
    for event in events:
        text = "|".join(str(event.get(name, "")) for name in (
            "slot", "payment_no", "seq", "attempt_no", "refund_no", "machine", "from_state", "event", "to_state", "effect",
            "evidence_digest", "actor", "at"))
        previous = hashlib.sha256(previous + text.encode()).digest()
        event["hash"] = previous.hex()


class Whole(unittest.TestCase):
    def test_the_trail_as_it_was_exported(self):
        status, answer, said = verify(trail())
        self.assertEqual((status, said), (0, ""))
        self.assertEqual(answer, {"verdict": "whole", "checkpoints": 2, "events": 4, "unsealed": 1, "faults": 0})

    def test_a_checkpoint_that_was_seen_before_is_there(self):
        self.assertEqual(verify(trail(), "--seen", NEWEST)[0], 0)

    def test_the_history_of_a_difference_stands_behind_all_slots_and_is_hashed_in_slot_0(self):
        lines = trail()
        event = {"kind": "event", "slot": 0, "payment_no": "0123456789abcdef" * 2, "seq": 1, "machine": "difference",
                 "from_state": "none", "event": "find", "to_state": "open", "effect": "move", "evidence_digest": "ab" * 32,
                 "actor": "run:1", "at": 1773108000000000}
        rehash([event])
        lines[END:] = [{**event, "slot": 1000}, {**lines[END], "events": 5}]
        self.assertEqual(verify(lines)[:2],
                         (0, {"verdict": "whole", "checkpoints": 2, "events": 5, "unsealed": 2, "faults": 0}))
        lines[END]["slot"] = 0
        self.assertIn("event_order", verify(lines)[2])
        lines[END]["slot"] = 1001
        self.assertEqual(verify(lines)[0], 1)

    def test_an_empty_trail_is_whole(self):
        self.assertEqual(verify([{"kind": "end", "checkpoints": 0, "events": 0}])[0], 0)


class Broken(unittest.TestCase):
    def expect(self, lines, *faults, words=(), counted=True):
        """Exactly these faults are found, each of them named."""
        events = [line for line in lines if line["kind"] == "event"]
        if counted and lines[-1]["kind"] == "end":
            lines[-1] = {"kind": "end", "checkpoints": sum(line["kind"] == "checkpoint" for line in lines), "events": len(events)}
        status, answer, said = verify(lines, *words)
        self.assertEqual(status, 1, said)
        self.assertEqual(answer["verdict"], "broken")
        self.assertEqual(sorted(line.split(":")[1].strip() for line in said.splitlines()), sorted(faults), said)

    def test_every_field_of_every_event(self):
        for line in (SENT, PAID, APPROVED, CLOSED):
            for name, value in trail()[line].items():
                if name in ("kind", "slot", "payment_no", "seq"):
                    continue
                with self.subTest(line=line, field=name):
                    lines = trail()
                    lines[line][name] = value + 1 if isinstance(value, int) else "ab" * 32 if name == "hash" else value + "x"
                    after = [] if name != "hash" or line in (APPROVED, CLOSED) else ["event_hash"]
                    sealed = [] if name != "hash" or line == APPROVED else ["event_other"]
                    self.expect(lines, "event_hash", *after, *sealed)

    def test_an_event_in_the_middle_is_deleted(self):
        lines = trail()
        del lines[PAID]
        self.expect(lines, "event_gap", "event_hash", "event_cut")

    def test_the_end_of_a_payment_is_cut_off(self):
        lines = trail()
        del lines[PAID:CLOSED]
        self.expect(lines, "event_cut")

    def test_a_payment_is_deleted(self):
        lines = trail()
        del lines[CLOSED]
        self.expect(lines, "event_cut")
        lines = trail()
        del lines[SENT:CLOSED]
        self.expect(lines, "event_cut", "event_cut")

    def test_two_events_are_exchanged(self):
        lines = trail()
        lines[SENT]["event"], lines[PAID]["event"] = lines[PAID]["event"], lines[SENT]["event"]
        self.expect(lines, "event_hash", "event_hash")
        lines = trail()
        lines[SENT], lines[PAID] = lines[PAID], lines[SENT]
        status, _, said = verify(lines)
        self.assertEqual(status, 1)
        self.assertIn("event_order: payment 2603100070000000011, event 1", said)

    def test_an_event_is_there_twice(self):
        lines = trail()
        lines.insert(PAID, dict(lines[SENT]))
        status, _, said = verify(lines)
        self.assertEqual(status, 1)
        self.assertIn("event_order", said)

    def test_a_chain_is_written_anew(self):
        lines = trail()
        lines[PAID]["evidence_digest"] = "00" * 32
        rehash(lines[SENT:CLOSED])
        self.expect(lines, "event_other")

    def test_every_field_of_a_checkpoint(self):
        for name, value in (("sealed_at", 1), ("previous", "11" * 32), ("heads", trail()[SECOND]["heads"]), ("hash", "22" * 32)):
            with self.subTest(field=name):
                lines = trail()
                lines[FIRST][name] = value
                status, _, said = verify(lines)
                self.assertEqual(status, 1)
                self.assertIn("checkpoint_hash: checkpoint 1", said)

    def test_a_checkpoint_that_somebody_else_signed(self):
        lines = trail()
        lines[SECOND]["signature"] = lines[FIRST]["signature"]
        self.expect(lines, "checkpoint_signature")
        lines = trail()
        lines[SECOND]["key_id"] = "0123456789abcdef"
        self.expect(lines, "checkpoint_key")

    def test_another_key_vouches_for_nothing(self):
        with tempfile.TemporaryDirectory() as folder:
            private, public = os.path.join(folder, "a.key"), os.path.join(folder, "a.pub")
            subprocess.run(["openssl", "genpkey", "-algorithm", "ED25519", "-out", private], check=True, capture_output=True)
            subprocess.run(["openssl", "pkey", "-in", private, "-pubout", "-out", public], check=True)
            status, answer, said = verify(trail(), key=public)
        self.assertEqual((status, answer["faults"]), (1, 2))
        self.assertEqual(said.count("checkpoint_key"), 2)

    def test_a_checkpoint_is_deleted(self):
        lines = trail()
        del lines[FIRST]
        self.expect(lines, "checkpoint_gap")

    def test_checkpoints_are_exchanged(self):
        lines = trail()
        lines[FIRST], lines[SECOND] = lines[SECOND], lines[FIRST]
        self.expect(lines, "checkpoint_gap", "checkpoint_gap")

    def test_the_newest_checkpoint_and_its_events_are_removed(self):
        lines = trail()
        del lines[PAID:END], lines[SECOND]
        lines[-1] = {"kind": "end", "checkpoints": 1, "events": 1}
        self.assertEqual(verify(lines)[0], 0)  # as the decision says, this needs one that was seen
        self.expect(lines, "checkpoint_unseen", words=("--seen", NEWEST))

    def test_the_file_is_cut_off(self):
        lines = trail()
        del lines[END]
        self.expect(lines, "file_cut")
        lines = trail()
        lines[END]["events"] = 5
        self.expect(lines, "file_cut", counted=False)

    def test_chinese_comes_first(self):
        lines = trail()
        del lines[FIRST]
        self.assertIn("检查点编号不连续", verify(lines, language="zh")[2])


class Unreadable(unittest.TestCase):
    def test_a_line_that_is_none_of_ours(self):
        for line in ("{\n", "[]\n", '{"kind":"other"}\n', '{"kind":"event","slot":1001}\n', '{"kind":"checkpoint","number":"1"}\n'):
            with self.subTest(line=line):
                status, _, said = verify([line])
                self.assertEqual(status, 1)
                self.assertIn("line 1 cannot be read", said)

    def test_something_behind_the_end(self):
        self.assertEqual(verify([*trail(), trail()[CLOSED]])[0], 1)

    def test_words_that_are_wrong_are_trouble(self):
        self.assertEqual(verify(trail(), "--seen", "2")[0], 2)
        self.assertEqual(verify(trail(), key="/none")[0], 2)
        self.assertEqual(verify(trail(), key=os.path.join(SOURCE, "tests/vectors/alipay/keys/mock_alipay_public.pem"))[0], 2)
