#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A house under load whose processes are killed:  tests/crash/crash.sh VAR BUILD [SEED [KILLS [PAYERS]]]
# The same seed kills the same processes after as many answers, and sends the same orders; without one it is chosen and printed.
# The database is one that keeps what it has confirmed, unlike that of the plays.
set -euo pipefail
here=$(dirname "$(realpath "$0")")
scenario=$here/../scenario
[ $# -ge 2 ] && [ $# -le 5 ] || { sed -n '3s/^# //p' "$0" >&2; exit 2; }
var=$1 build=$2
shift 2
"$scenario/house.sh" stop "$var"
rm -rf "$var"
trap '"$scenario/house.sh" stop "$var"' EXIT
"$scenario/house.sh" start "$var" "$build"
"$here/crash.py" "$var" "$@" || {
    status=$?
    tail -n 40 "$var/log/gateway.log" >&2
    exit "$status"
}
"$scenario/house.sh" stop "$var"
! grep -H -A 20 -E 'Sanitizer|runtime error:|Assertion .* failed|invariant' "$var"/log/*.log >&2
