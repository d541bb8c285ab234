#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A private PostgreSQL cluster: own folder, own unix socket, a free loopback port, an unprivileged user.
#   sql/cluster.sh start DIR [--fast]   makes it if needed, starts it, prints its conninfo (--fast: no fsync, for tests)
#   sql/cluster.sh stop DIR             stops it
#   sql/cluster.sh conninfo DIR         prints the conninfo of its superuser, without a database name
set -euo pipefail

usage() { sed -n '3,6p' "$0" >&2; exit 2; }
[ $# -ge 2 ] || usage
command=$1
mkdir -p "$2"
dir=$(realpath "$2")
run_as=tallygate

bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
[ -n "$bin" ] || { echo "cluster.sh: no PostgreSQL server is installed (package postgresql-15)" >&2; exit 2; }

# initdb refuses root: as root the cluster belongs to a user of its own.
as_user() {
    if [ "$(id -u)" = 0 ]; then
        setpriv --reuid "$run_as" --regid "$run_as" --clear-groups env -i PATH="$PATH" LC_ALL=C.UTF-8 "$@"
    else
        "$@"
    fi
}

data() { readlink -m "$dir/data"; }

free_port() {
    # The kernel names a free port; PostgreSQL binds it a moment later, and start tries again if somebody was faster.
    perl -MIO::Socket::INET -e 'print IO::Socket::INET->new(LocalAddr=>"127.0.0.1",LocalPort=>0,Listen=>1)->sockport'
}

make_cluster() {
    if [ "$(id -u)" = 0 ] && ! id "$run_as" >/dev/null 2>&1; then
        useradd --system --user-group --no-create-home --shell /usr/sbin/nologin "$run_as"
    fi
    [ "$(id -u)" != 0 ] || chown "$run_as:$run_as" "$dir"
    # A checkout below a folder that only root may enter: the data goes where its user can reach it.
    if ! as_user test -w "$dir"; then
        home=$(mktemp -d /var/tmp/tallygate-cluster.XXXXXX)
        chown "$run_as:$run_as" "$home"
        mkdir "$home/data"
        chown "$run_as:$run_as" "$home/data"
        ln -s "$home/data" "$dir/data"
    fi
    as_user "$bin/initdb" -D "$(data)" -U postgres --auth=trust --encoding=UTF8 --locale=C.UTF-8 >"$dir/initdb.log" 2>&1 \
        || { cat "$dir/initdb.log" >&2; exit 2; }
    as_user mkdir -p "$(data)/conf.d"
    echo "include_dir = 'conf.d'" | as_user tee -a "$(data)/postgresql.conf" >/dev/null
}

start() {
    [ -d "$dir/data" ] || make_cluster
    # A unix socket's path may have 107 bytes; the folder of a build can be longer.
    if [ ! -e "$dir/socket" ]; then
        socket=$(mktemp -d /tmp/tallygate-pg.XXXXXX)
        [ "$(id -u)" != 0 ] || chown "$run_as:$run_as" "$socket"
        ln -s "$socket" "$dir/socket"
    fi
    socket=$(readlink "$dir/socket")
    mkdir -p "$socket"
    [ "$(id -u)" != 0 ] || chown "$run_as:$run_as" "$socket"
    for _ in 1 2 3 4 5; do
        port=$(free_port)
        {
            echo "listen_addresses = '127.0.0.1'"
            echo "port = $port"
            echo "unix_socket_directories = '$socket'"
            echo "max_connections = 100"
            echo "timezone = 'UTC'"
            [ "${fast:-}" != yes ] || printf 'fsync = off\nsynchronous_commit = off\nfull_page_writes = off\n'
        } | as_user tee "$(data)/conf.d/tallygate.conf" >/dev/null
        if as_user "$bin/pg_ctl" -D "$(data)" -l "$(data)/log" -w -t 60 start >/dev/null 2>&1; then
            echo "host=127.0.0.1 port=$port user=postgres" > "$dir/conninfo"
            cat "$dir/conninfo"
            return
        fi
    done
    echo "cluster.sh: PostgreSQL does not start; its log:" >&2
    tail -n 20 "$(data)/log" >&2
    exit 2
}

stop() {
    [ ! -d "$dir/data" ] || as_user "$bin/pg_ctl" -D "$(data)" -m fast -w stop >/dev/null 2>&1 || true
    if [ -L "$dir/data" ]; then
        rm -rf "$(dirname "$(data)")"
        rm -f "$dir/data"
    fi
    if [ -L "$dir/socket" ]; then
        rm -rf "$(readlink "$dir/socket")"
        rm -f "$dir/socket"
    fi
}

case "$command" in
start) fast=; [ "${3:-}" != --fast ] || fast=yes; start ;;
stop) stop ;;
conninfo) cat "$dir/conninfo" ;;
*) usage ;;
esac
