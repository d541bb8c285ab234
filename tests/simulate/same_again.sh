#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# same_again.sh PROGRAM ARGUMENTS…: two runs of the same seeds print the same, and other seeds something else.
set -euo pipefail
first=$("$@")
second=$("$@")
[ "$first" = "$second" ] || { printf 'once: %s\nagain: %s\n' "$first" "$second" >&2; exit 1; }
other=$("$@" --seed 1001)
[ "$first" != "$other" ] || { echo "other seeds print the same: $first" >&2; exit 1; }
echo "$first"
