#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# same_again.sh PROGRAM ARGUMENTS…: a seed plays the same again, alone as behind others; other seeds play something else.
set -euo pipefail
first=$("$@" --seed 1 --runs 12 --each)
second=$("$@" --seed 1 --runs 12 --each)
[ "$first" = "$second" ] || { printf 'once: %s\nagain: %s\n' "$first" "$second" >&2; exit 1; }
last=$(grep '^seed=12 ' <<<"$first")
alone=$("$@" --seed 12 --runs 1 --each | grep '^seed=12 ')
[ "$last" = "$alone" ] || { printf 'behind others: %s\nalone: %s\n' "$last" "$alone" >&2; exit 1; }
[ "$(cut -d ' ' -f 2 <<<"$first" | sort | uniq -d | wc -l)" = 0 ] || { echo "two seeds play the same" >&2; exit 1; }
