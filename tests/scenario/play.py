#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Plays a play in a running house, over the real interfaces only:  play.py VAR PLAY [--quiet]

A play is a text file of one step a line: a verb, its words, key=value; the verbs are the functions of
player/verbs_*.py and, in a house with an addition, of that folder's. Exit status: 0 every expectation held, 1 one did not, 2 the play is wrong or the house does not stand."""

import glob
import importlib
import os
import sys
import time
import traceback

sys.dont_write_bytecode = True

from player import engine  # noqa: E402
from player.outside import House  # noqa: E402


def show(step):
    if step.word == "section":
        print(f"\n\033[1m{' '.join(step.arguments)}\033[0m", flush=True)
    else:
        words = [step.word, *step.arguments, *step.rest, *(f"{k}={v}" for k, v in step.options.items())]
        line = " ".join(words)
        print(f"  {line if len(line) < 110 else line[:107] + '…'}", flush=True)


def load_verbs(folder, package=""):
    """Each module verbs_*.py of the folder fills the table."""
    for path in sorted(glob.glob(f"{folder}/verbs_*.py")):
        importlib.import_module(package + os.path.basename(path)[:-len(".py")])


def main(arguments):
    quiet = "--quiet" in arguments
    names = [argument for argument in arguments if not argument.startswith("--")]
    if len(names) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    started = time.monotonic()
    try:
        house = House(names[0])
        load_verbs(os.path.dirname(os.path.abspath(engine.__file__)), "player.")
        if house.endpoints["addition"]:
            sys.path.append(house.endpoints["addition"]["folder"])
            load_verbs(house.endpoints["addition"]["folder"])
        steps = engine.read(os.path.relpath(names[1]))
        play = engine.Play(house)
        play.perform(steps, (lambda step: None) if quiet else show)
    except engine.PlayError as error:
        print(f"the play is wrong: {error}", file=sys.stderr)
        return 2
    except engine.Failed as error:
        print(f"\033[31mFAILED\033[0m {error}", file=sys.stderr)
        return 1
    except Exception:  # the house is not what the player thinks it is
        traceback.print_exc()
        return 2
    print(f"\n{play.expected} expectations held in {len(steps)} steps, {time.monotonic() - started:.1f} s", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
