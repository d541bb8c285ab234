#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Kills the processes of a running house under load and compares the books afterwards:  crash.py VAR [SEED [KILLS [PAYERS]]]
Exit status: 0 the books agree, 1 they do not, 2 the house does not stand or does not come back."""

import os
import random
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "scenario"))

from books import RECEIVER, compare, converge  # noqa: E402
from payers import Load, Payer  # noqa: E402
from player import engine  # noqa: E402
from player.outside import House  # noqa: E402
from player.verbs_webhooks import receiver  # noqa: E402
from victims import VICTIMS, fix_house, kill  # noqa: E402

KILLS, PAYERS = 8, 5
WARM_UP, BETWEEN = 12, (3, 24)  # answers before the first kill, and from one to the next


def rounds(play, load, choice, kills):
    """One kill after the other, each at a moment when other requests are under way."""
    for number in range(kills):
        after = WARM_UP if number == 0 else choice.randint(*BETWEEN)
        victim = VICTIMS[number] if number < len(VICTIMS) else choice.choice(VICTIMS)
        load.await_answers(after)
        before = load.answers
        took = kill(play, victim, choice)
        print(f"  kill -9 of {victim} after {before} answers; back in {took:.1f} s", flush=True)


def run(house, seed, kills, count):
    play, load = engine.Play(house), Load(house)
    choice = random.Random(f"{seed} kills")
    fix_house(play)
    receiver(play, RECEIVER)
    payers = [Payer(load, number, random.Random(f"{seed} payer {number}")) for number in range(count)]
    for payer in payers:
        payer.start()
    try:
        rounds(play, load, choice, kills)
        load.await_answers(WARM_UP)
    finally:
        load.stop.set()
        for payer in payers:
            payer.join(120)
    for payer in payers:
        if payer.failure is not None:
            raise payer.failure
        play.check(not payer.is_alive(), "a payer's request is never answered")
    print(f"  {load.answers} answers, {load.undecided} requests without one, {load.paid} payments, {len(load.later)} keys left over",
          flush=True)
    converge(play, load)
    compare(play, load, kills)
    return play.expected


def main(arguments):
    if not 1 <= len(arguments) <= 4:
        print(__doc__, file=sys.stderr)
        return 2
    seed = arguments[1] if len(arguments) > 1 else str(random.SystemRandom().randrange(10**6))
    kills, count = (int(value) for value in (arguments[2:] + [str(KILLS), str(PAYERS)][len(arguments[2:]):]))
    print(f"seed {seed}, {kills} kills, {count} payers", flush=True)
    started = time.monotonic()
    try:
        expected = run(House(arguments[0]), seed, kills, count)
    except engine.PlayError as error:
        print(f"the house does not stand: {error}", file=sys.stderr)
        return 2
    except engine.Failed as error:
        print(f"FAILED with seed {seed}: {error}", file=sys.stderr)
        return 1
    print(f"{expected} expectations held, {time.monotonic() - started:.1f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
