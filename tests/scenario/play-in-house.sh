#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A house of its own for one play:  tests/scenario/play-in-house.sh PLAY VAR BUILD [ADDITION]   (house.sh --with)
set -euo pipefail
here=$(dirname "$(realpath "$0")")
[ $# = 3 ] || [ $# = 4 ] || { sed -n '3s/^# //p' "$0" >&2; exit 2; }
"$here/house.sh" stop "$2"
rm -rf "$2"
trap '"$here/house.sh" stop "$2"' EXIT

# A program that was killed on purpose may leave anything; what a sanitizer says is never on purpose.
judge_logs() {
    "$here/house.sh" stop "$1"
    ! grep -H -A 20 -E 'Sanitizer|runtime error:|Assertion .* failed|invariant' "$1"/log/*.log >&2
}

"$here/house.sh" start "$2" "$3" --fast ${4:+--with "$4"}
"$here/play.py" "$2" "$1" || {
    status=$?
    tail -n 40 "$2/log/gateway.log" >&2
    exit "$status"
}
judge_logs "$2"
