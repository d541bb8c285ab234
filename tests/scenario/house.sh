#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A whole house for development and tests: database, outside world and gateway, everything below one folder.
#   tests/scenario/house.sh start VAR BUILD [--fast] [--with FOLDER]   makes VAR and starts all (--fast: a database without fsync)
#   tests/scenario/house.sh stop VAR                   ends all by process id; VAR stays to be looked at
#   tests/scenario/house.sh beside VAR NAME [SECTION/SETTING=VALUE …]   another gateway on the same database; stop ends it too
#   tests/scenario/house.sh gateway VAR                starts the gateway again that was killed
#   tests/scenario/house.sh database stop|start VAR    takes the database away, gives it back at the same address
# VAR/run/endpoints.json tells the addresses; VAR/log/ has what each program says.
# FOLDER holds what a test adds to the house: world.py, another part of the outside world, started as tallygate-world is;
# account.conf, its account sections, in which {name} stands for an address that it wrote down and {roots} for its TLS roots;
# verbs_*.py, verbs for the plays.
set -euo pipefail
here=$(dirname "$(realpath "$0")")
root=$(realpath "$here/../..")
run_as=tallygate
addition=
parts() { PYTHONDONTWRITEBYTECODE=1 PYTHONPATH="$here" python3 -m player.house "$@"; }

usage() { sed -n '4,8p' "$0" | sed 's/^# *//' >&2; exit 2; }

fail() { echo "house.sh: $*" >&2; exit 2; }

is_root() { [ "$(id -u)" = 0 ]; }

as_user() { if is_root; then setpriv --reuid "$run_as" --regid "$run_as" --clear-groups "$@"; else "$@"; fi; }

# Runs a program that stays, in a session of its own so that a Ctrl-C at the terminal reaches only the caller. A signal waits until
# the process is written down, with its start time; otherwise nobody could end it.
launch() { # name, program, arguments…
    local name=$1 caught='' stat=''
    shift
    trap 'caught=yes' INT TERM HUP
    setsid "$@" </dev/null >"$var/log/$name.log" 2>&1 &
    { read -r stat <"/proc/$!/stat"; } 2>/dev/null || true # it may have ended; the wait for its file says why
    set -- ${stat##*) }
    echo "$! ${20-None}" >"$var/run/$name.pid"
    trap - INT TERM HUP
    [ -z "$caught" ] || exit 130
}

# The roots of the provider are read at every connection, by a user who may not be able to enter VAR.
reachable_roots() {
    roots=$var/pki/tls-root.crt
    as_user test -r "$roots" && return
    local outside
    outside=$(mktemp -d /var/tmp/tallygate-roots.XXXXXX)
    install -m 644 "$roots" "$outside/tls-root.crt"
    chmod 755 "$outside"
    echo "$outside" >"$var/run/outside"
    roots=$outside/tls-root.crt
}

# Its keys take ten seconds to make: the houses of a test run each have a copy of one. The folder's name says what it was made by.
make_pki() {
    if [ -z "$fast" ]; then
        "$root/certs/dev/make-pki" "$var/pki"
        return
    fi
    local shared
    shared=$build/pki-$(sha256sum <"$root/certs/dev/make-pki" | cut -c 1-16)
    (
        flock 9
        "$root/certs/dev/make-pki" "$shared"
    ) 9>"$build/pki.lock"
    rm -rf "$var/pki"
    cp -a "$shared" "$var/pki"
}

# Bills and reports are kept by the service's user and by the operator's program, wherever VAR is.
kept_folders() {
    local name outside
    for name in archive reports; do
        mkdir -p "$var/$name"
        ! is_root || chown "$run_as:$run_as" "$var/$name"
        as_user test -w "$var/$name" && continue
        [ -e "$var/run/outside" ] || mktemp -d /var/tmp/tallygate-roots.XXXXXX >"$var/run/outside"
        outside=$(cat "$var/run/outside")
        chmod 755 "$outside"
        mkdir "$outside/$name"
        chown "$run_as:$run_as" "$outside/$name"
        rmdir "$var/$name"
        ln -s "$outside/$name" "$var/$name"
    done
    archive=$(realpath "$var/archive")
    reports=$(realpath "$var/reports")
}

make_database() {
    local server
    server=$("$root/sql/cluster.sh" start "$var/pg" $fast)
    database="${server% user=*} dbname=tallygate"
    local psql=(psql -X -q -v ON_ERROR_STOP=1)
    "${psql[@]}" -d "$server dbname=postgres" -f "$root/sql/roles/roles.sql"
    "${psql[@]}" -d "$server dbname=postgres" -c "CREATE DATABASE tallygate OWNER tallygate_owner"
}

migrate() {
    "$build/tallygate" -c "$var/tallygate.conf" --database "$database user=tallygate_owner" migrate >"$var/log/migrate.log" 2>&1 ||
        { cat "$var/log/migrate.log" >&2; exit 2; }
}

write_config() {
    cat >"$var/tallygate.conf" <<CONF
# SPDX-License-Identifier: Apache-2.0
# Written by tests/scenario/house.sh for a development house.
[server]
mode = development
user = $(if is_root; then echo "$run_as"; fi)
workers = 2
run_dir = run
clock_shift_s = $shift_s

[database]
conninfo = $database user=tallygate_app
recon_conninfo = $database user=tallygate_recon

[keys]
refund_max = 20000.00

[portal]
return_hosts = ${portal#http://}
database_client = portal

[client portal]
algorithm = hmac-sha256
role = portal
key_file = pki/client-portal.secret

[client portal-ed25519]
algorithm = ed25519
role = portal
key_file = pki/client-portal-ed25519.pub

[client finance]
algorithm = hmac-sha256
role = finance-maker
key_file = pki/client-finance.secret

[client checker]
algorithm = hmac-sha256
role = finance-checker
key_file = pki/client-checker.secret

[client auditor]
algorithm = hmac-sha256
role = auditor
key_file = pki/client-auditor.secret

[client operator]
algorithm = hmac-sha256
role = operator
key_file = pki/client-operator.secret

[tariff new]
unit_fee = 280.00
[tariff replacement]
unit_fee = 80.00
[tariff change]
unit_fee = 0.01
[tariff renewal]
unit_fee = 200.00

[audit]
signing_key = pki/audit.key
public_key = pki/audit.pub
seal_every_s = 1

[account alipay-key]
provider = alipay
gateway_url = $alipay
ca_file = $roots
allow_private_address = yes
application = 2021000000000001
merchant = 2088000000000001
key_scheme = public-key
private_key = pki/alipay-plain-app.key
provider_public_key = pki/alipay-plain-provider.pub
methods = page wap
bill_hosts = ${bills#http://}

[account alipay-cert]
provider = alipay
gateway_url = $alipay
ca_file = $roots
allow_private_address = yes
application = 2021000000000002
merchant = 2088000000000002
key_scheme = certificate
private_key = pki/alipay-app.key
application_certificate = pki/alipay-app.crt
provider_certificate = pki/alipay-provider-chain.crt
root_certificates = pki/alipay-root-bundle.crt
methods = qr
bill_hosts = ${bills#http://}

# Two merchants take codes: what is too large for the first goes to the second.
[account wechatpay-cert]
provider = wechatpay
gateway_url = $wechatpay
ca_file = $roots
allow_private_address = yes
application = wx0000000000000001
merchant = 1900000001
key_scheme = platform-certificate
private_key = pki/wechatpay-cert-merchant.key
application_certificate = pki/wechatpay-cert-merchant.crt
sealing_key = pki/wechatpay-cert.apiv3
methods = qr
amount_max = 3000.00

[account wechatpay-sm]
provider = wechatpay
gateway_url = $wechatpay
ca_file = $roots
allow_private_address = yes
application = wx0000000000000003
merchant = 1900000003
key_scheme = sm
private_key = pki/wechatpay-sm-merchant.key
application_certificate = pki/wechatpay-sm-merchant.crt
sealing_key = pki/wechatpay-sm.apiv3
methods = qr

[account wechatpay-pub]
provider = wechatpay
gateway_url = $wechatpay
ca_file = $roots
allow_private_address = yes
application = wx0000000000000002
merchant = 1900000002
key_scheme = public-key
private_key = pki/wechatpay-pub-merchant.key
application_certificate = pki/wechatpay-pub-merchant.crt
provider_public_key = pki/wechatpay-pubkey.pub
provider_public_key_id = PUB_KEY_ID_0119000000022025010100000000000000
sealing_key = pki/wechatpay-pub.apiv3
methods = wap jsapi

[account unionpay-rsa]
provider = unionpay
gateway_url = $unionpay
files_url = ${unionpay_files%/}
ca_file = $roots
allow_private_address = yes
application = 777290000000001
merchant = 777290000000001
key_scheme = certificate
private_key = pki/unionpay-merchant-rc2.pfx
private_key_password = pki/unionpay.password
application_certificate = pki/unionpay-merchant.crt
middle_certificates = pki/unionpay-middle.crt
root_certificates = pki/unionpay-root.crt
methods = page b2b

[account unionpay-sha256]
provider = unionpay
gateway_url = $unionpay
files_url = ${unionpay_files%/}
ca_file = $roots
allow_private_address = yes
application = 777290000000002
merchant = 777290000000002
key_scheme = shared-sha256
private_key = pki/unionpay-shared.secret
methods = wap qr
amount_max = 1000.00

[account unionpay-sm3]
provider = unionpay
gateway_url = $unionpay
files_url = ${unionpay_files%/}
ca_file = $roots
allow_private_address = yes
application = 777290000000003
merchant = 777290000000003
key_scheme = shared-sm3
private_key = pki/unionpay-shared.secret
methods = qr

[webhooks]
master_secret = pki/webhooks.secret
ca_file = $roots
allow_private_address = yes

[archive]
dir = $archive
reports_dir = $reports
CONF
    [ -z "$addition" ] || parts accounts "$addition/account.conf" "$var/run/addition.json" "$roots" >>"$var/tallygate.conf"
}

# Beside the world of every house.
launch_addition() {
    launch addition "$addition/world.py" --pki "$var/pki" --endpoints "$var/run/addition.json" --shift-s "$shift_s"
    parts wait "$var/run/addition.json" "$var/run/addition.pid" 30 "$var/log/addition.log"
}

start() {
    for program in tallygated tallygate tallygate-world; do
        [ -x "$build/$program" ] || fail "$build/$program is not built"
    done
    [ ! -e "$var/run/endpoints.json" ] || fail "$var has a house already; stop it first"
    mkdir -p "$var"/{run,log}
    chmod 755 "$var"
    trap '[ $? = 0 ] || { echo "house.sh: the house does not start; see $var/log" >&2; stop; }' EXIT
    make_pki
    chmod 640 "$var/pki/client-portal-ed25519.pub" # whatever a client's identity hangs on is kept from others
    # The day begins at ten in the morning in China, whatever the time is, so that it meets no midnight.
    local now=$EPOCHSECONDS
    shift_s=$(((now + 28800) / 86400 * 86400 + 36000 - 28800 - now))
    launch world "$build/tallygate-world" --pki "$var/pki" --endpoints "$var/run/world.json" --shift-s "$shift_s"
    parts wait "$var/run/world.json" "$var/run/world.pid" 30 "$var/log/world.log"
    eval "$(parts shell "$var/run/world.json")"
    [ -z "$addition" ] || launch_addition
    reachable_roots
    kept_folders
    make_database
    write_config
    migrate
    launch gateway "$build/tallygated" -c "$var/tallygate.conf"
    parts wait "$var/run/tallygated.json" "$var/run/gateway.pid" 30 "$var/log/gateway.log"
    parts introduce "$var" "$database user=tallygate_app" "$build" "$shift_s" "$addition"
}

# The one that was there, with the settings that it had.
gateway_again() {
    local build
    build=$(parts build "$var/run/endpoints.json")
    rm -f "$var/run/tallygated.json"
    mv "$var/log/gateway.log" "$var/log/gateway-$(cut -d ' ' -f 1 "$var/run/gateway.pid").log"
    launch gateway "$build/tallygated" -c "$var/tallygate.conf"
    parts wait "$var/run/tallygated.json" "$var/run/gateway.pid" 30 "$var/log/gateway.log"
}

# Another node. It writes its addresses into a folder of its own.
beside() { # name, settings…
    local name=$1 change build
    shift
    build=$(parts build "$var/run/endpoints.json")
    cp "$var/tallygate.conf" "$var/tallygate-$name.conf"
    for change in "server/run_dir=run-$name" "$@"; do
        parts setting "$var/tallygate-$name.conf" "$change"
    done
    mkdir -p "$var/run-$name"
    launch "beside-$name" "$build/tallygated" -c "$var/tallygate-$name.conf"
    parts wait "$var/run-$name/tallygated.json" "$var/run/beside-$name.pid" 30 "$var/log/beside-$name.log"
}

stop() {
    local pid
    [ -d "$var/run" ] || return 0
    rm -f "$var/run/endpoints.json"
    for pid in "$var"/run/beside-*.pid; do
        [ ! -e "$pid" ] || parts end "$pid" 30
    done
    parts end "$var/run/gateway.pid" 30
    parts end "$var/run/addition.pid" 10
    parts end "$var/run/world.pid" 10
    "$root/sql/cluster.sh" stop "$var/pg"
    [ ! -e "$var/run/outside" ] || { rm -rf "$(cat "$var/run/outside")"; rm -f "$var/run/outside"; }
}

database() { # stop or start
    local bin data
    bin=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
    data=$(readlink -m "$var/pg/data")
    as_user "$bin/pg_ctl" -D "$data" -m fast -l "$data/log" -w -t 60 "$1" >/dev/null
}

fast=
case "${1:-}" in
start)
    [ $# -ge 3 ] || usage
    var=$(realpath -m "$2")
    build=$(realpath "$3")
    shift 3
    while [ $# -gt 0 ]; do
        case $1 in
        --fast) fast=--fast ;;
        --with)
            [ $# -ge 2 ] || usage
            addition=$(realpath "$2")
            shift
            ;;
        *) usage ;;
        esac
        shift
    done
    start
    ;;
stop)
    [ $# = 2 ] || usage
    var=$(realpath -m "$2")
    stop
    ;;
beside)
    [ $# -ge 3 ] || usage
    var=$(realpath "$2")
    shift 2
    beside "$@"
    ;;
gateway)
    [ $# = 2 ] || usage
    var=$(realpath "$2")
    gateway_again
    ;;
database)
    [ $# = 3 ] || usage
    var=$(realpath "$3")
    database "$2"
    ;;
*) usage ;;
esac
