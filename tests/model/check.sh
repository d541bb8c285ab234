#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# One exhaustive search by spin:  check.sh FOLDER MODEL CLAIM VERDICT [SWITCH…]
# CLAIM: step (every assertion, the order of steps unrestricted) or a formula of the model, under weak fairness. VERDICT: holds, or
# the words with which spin must report a counter-example. SWITCH: a name or name=value for the preprocessor, or EDIT=script, by
# which sed changes the table of edges; it must change something. FOLDER is made anew, and holds the trail of a counter-example.
set -euo pipefail
here=$(dirname "$(realpath "$0")")
[ $# -ge 4 ] || { sed -n '3,6p' "$0" | sed 's/^# //' >&2; exit 2; }
folder=$1 model=$2 claim=$3 verdict=$4
shift 4

fail() { echo "check.sh: $*" >&2; [ ! -e out ] || cat out >&2; exit 1; }

rm -rf "$folder"
mkdir -p "$folder"
cd "$folder"
cp "$here"/*.pml "$here"/../../gateway/core/{attempt,refund}_edges.def .
switches=()
for switch in "$@"; do
    case $switch in
    EDIT=*)
        sed -i.before -E "${switch#EDIT=}" "${table:=$([ "$model" = payment ] && echo attempt || echo refund)_edges.def}"
        ! cmp -s "$table" "$table.before" || fail "${switch#EDIT=} changes nothing in $table"
        ;;
    *) switches+=("-D$switch") ;;
    esac
done
echo "${switches[*]}" >switches # for reading a trail

spin "${switches[@]}" -a "$model.pml" >spin.log 2>&1 || { cat spin.log >&2; exit 2; }
# No state is left out by hashing or for want of depth: what is searched is everything.
options=(-w -DCOLLAPSE -DMEMLIM=3500)
[ "$verdict" != holds ] || options+=(-O1) # a counter-example comes sooner than a faster program
if [ "$claim" = step ]; then
    gcc "${options[@]}" -DSAFETY -DNOCLAIM -o pan pan.c
    ./pan -w22 -m1000000 >out 2>&1 || true
else
    gcc "${options[@]}" -DNFAIR=3 -o pan pan.c
    ./pan -w22 -m1000000 -a -f -N "$claim" >out 2>&1 || true
fi
grep -E 'depth reached|states, stored|total actual memory|^pan:1' out || true

if [ "$verdict" = holds ]; then
    grep -q 'errors: 0$' out || fail "spin has a counter-example; read the trail as README.md says"
    ! grep -qE 'Search not completed|search depth too small|out of memory|max search' out || fail "the search is not complete"
else
    grep -q 'errors: 1$' out || fail "no counter-example is found: this check cannot fail"
    grep -qF "$verdict" out || fail "another counter-example than: $verdict"
fi
