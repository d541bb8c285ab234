#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# both_stores.sh CLUSTER PROGRAM ARGUMENTS…: each seed plays the same over PostgreSQL as over the twin, to the last row of the books.
set -euo pipefail
cluster=$1
shift
over_twin=$("$@" --seed 51 --runs 20 --each) || { echo "over the twin: $over_twin" >&2; exit 1; }
over_postgres=$("$(dirname "$0")/postgres.sh" "$cluster" "$@" --seed 51 --runs 20 --each) \
    || { echo "over PostgreSQL: $over_postgres" >&2; exit 1; }
[ "$over_twin" = "$over_postgres" ] || { diff <(echo "$over_twin") <(echo "$over_postgres") >&2; exit 1; }
grep -q '^runs=20 failed=0 ' <<<"$over_postgres" || { echo "$over_postgres" >&2; exit 1; }
