#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The house that the samples of docs/clients are tried in:  house.sh start VAR BUILD | house.sh stop VAR
# Stopping fails when a program of the house was found at fault by its sanitizer.
set -euo pipefail
house=$(dirname "$(realpath "$0")")/../scenario/house.sh
case "${1:-}" in
start)
    "$house" stop "$2"
    rm -rf "$2"
    "$house" start "$2" "$3" --fast
    ;;
stop)
    "$house" stop "$2"
    ! grep -H -A 20 -E 'Sanitizer|runtime error:|Assertion .* failed|invariant' "$2"/log/*.log >&2
    ;;
*)
    sed -n '3s/^# //p' "$0" >&2
    exit 2
    ;;
esac
