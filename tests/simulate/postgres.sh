#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# postgres.sh CLUSTER PROGRAM ARGUMENTS…: runs the simulation, or what else takes --store CONNINFO, over a database of its own in the
# cluster that sql/cluster.sh has started in that folder.
set -euo pipefail
root=$(realpath "$(dirname "$0")/../..")
server=$("$root/sql/cluster.sh" conninfo "$1")
program=$2
shift 2
name=simulate_$$
sql() { PGOPTIONS='-c client_min_messages=warning' psql -X -q -v ON_ERROR_STOP=1 -d "$server dbname=$1" "${@:2}"; }

sql postgres -c "CREATE DATABASE $name"
trap 'sql postgres -c "DROP DATABASE $name WITH (FORCE)"' EXIT
sql "$name" -f "$root/sql/roles/roles.sql"
for migration in "$root"/sql/migrations/*.sql; do
    sql "$name" -1 -c 'SET search_path = tallygate' -f "$migration"
done
# The database's clock is the virtual one, too (real_store.c).
sql "$name" <<'SQL'
CREATE SCHEMA simulation;
CREATE FUNCTION simulation.statement_timestamp() RETURNS timestamptz STABLE LANGUAGE sql
    AS $$SELECT current_setting('simulation.now')::timestamptz$$;
GRANT USAGE ON SCHEMA simulation TO tallygate_app;
SQL
"$program" "$@" --store "$server dbname=$name"
