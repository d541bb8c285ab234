#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A second database, the portal's own, shown to the gateway's as an operator would do it:  portal.sh make|lose|drop CONNINFO NAME
# CONNINFO is that of a superuser in the gateway's database, host=… port=… user=… dbname=….
set -euo pipefail
here=$(dirname "$(realpath "$0")")
action=$1 gateway=$2 portal=$3
part() { tr ' ' '\n' <<<"$gateway" | sed -n "s/^$1=//p"; }
run() { psql -X -q -v ON_ERROR_STOP=1 "$@" >&2; }
elsewhere=$(tr ' ' '\n' <<<"$gateway" | grep -v '^dbname=' | tr '\n' ' ')

case $action in
make)
    run -d "$gateway" -c "DO \$\$ BEGIN CREATE ROLE portal_reader LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END \$\$"
    run -d "$gateway" -c "CREATE DATABASE $portal"
    run -d "$elsewhere dbname=$portal" -f "$here/portal.sql"
    run -d "$gateway" -v host="$(part host)" -v port="$(part port)" -v dbname="$portal" -v user=portal_reader \
        -v password=none -v schema=public -f "$here/../../../sql/portal/link.sql"
    ;;
lose)
    run -d "$gateway" -c "DROP DATABASE $portal WITH (FORCE)"
    ;;
drop)
    run -d "$gateway" -c "DROP SERVER portal CASCADE" -c "DROP DATABASE IF EXISTS $portal WITH (FORCE)"
    ;;
esac
