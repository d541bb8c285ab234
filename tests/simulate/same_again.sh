#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# same_again.sh PROGRAM OTHER ARGUMENTS…: a seed plays the same again, in another build of the program, and alone as behind
# others; other seeds play something else.
set -euo pipefail
program=$1 other=$2
shift 2
first=$("$program" "$@" --seed 1 --runs 12 --each)
second=$("$other" "$@" --seed 1 --runs 12 --each)
[ "$first" = "$second" ] || { printf 'once: %s\nagain: %s\n' "$first" "$second" >&2; exit 1; }
last=$(grep '^seed=12 ' <<<"$first")
alone=$("$program" "$@" --seed 12 --runs 1 --each | grep '^seed=12 ')
[ "$last" = "$alone" ] || { printf 'behind others: %s\nalone: %s\n' "$last" "$alone" >&2; exit 1; }
[ "$(cut -d ' ' -f 2 <<<"$first" | sort | uniq -d | wc -l)" = 0 ] || { echo "two seeds play the same" >&2; exit 1; }
