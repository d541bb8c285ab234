# SPDX-License-Identifier: Apache-2.0
# Who may include whom (ARCHITECTURE.md, layers), and the one place of each library.
. "$(dirname "$0")/tree.sh"

declare -A may=(
    [gateway/base]="gateway/base"
    [gateway/core]="gateway/core gateway/base"
    [certs]="certs gateway/base"
    [adapters]="adapters certs gateway/base"
    [gateway/db]="gateway/db gateway/core gateway/base"
    [gateway/http]="gateway/http gateway/base"
    [reconcile]="reconcile gateway/core gateway/db adapters gateway/base"
    [gateway/proc]="gateway/proc reconcile adapters gateway/http gateway/db gateway/core certs gateway/base"
    [tests/world]="tests/world gateway/base tests/fake"
)
generated="statement_files.h:gateway/db migration_files.h:gateway/db asset_files.h:gateway/proc"

# include pattern -> files that may have it
libraries=(
    'curl/:^adapters/transport\.c$'
    'jansson\.h:^gateway/base/json\.c$'
    'libpq-fe\.h|^postgres:^(gateway/db/|tests/db/|tests/bench/|tests/simulate/real_wire\.)'
    'openssl/:^(gateway/base/(crypto|secret)|gateway/http/(tls|connection)|tests/)'
    'gcrypt\.h:^(gateway/base/crypto_aead_sm4\.c$|tests/world/)'
    'archive:^(reconcile/|tests/)'
    '^csv\.h:^gateway/base/csv_read\.c$'
    'zlib\.h:^(reconcile/bill_inflate\.c|tests/)'
    'xxhash\.h:^reconcile/index\.c$'
    'iconv\.h:^(reconcile/|tests/|adapters/[a-z]+/[a-z_]+_text\.c|gateway/proc/sandbox\.c)'
    'xlsxwriter:^reconcile/report'
    'qrencode\.h:^gateway/proc/flow/qr\.c$'
    'seccomp\.h:^gateway/proc/sandbox'
    'evidence_seal\.h:^(gateway/base/|adapters/verify\.c$|tests/)'
)

layer_of() { # path of a file
    case $1 in
    gateway/base/*) echo gateway/base ;;
    gateway/core/*) echo gateway/core ;;
    gateway/db/*) echo gateway/db ;;
    gateway/http/*) echo gateway/http ;;
    gateway/proc/*) echo gateway/proc ;;
    adapters/* | tests/fourth/*/*.[ch]) echo adapters ;; # the latter: a provider that is no part of the product
    certs/*) echo certs ;;
    reconcile/*) echo reconcile ;;
    tests/world/*) echo tests/world ;;
    tests/fake/*) echo tests/fake ;;
    *) echo other ;;
    esac
}

# "file header" for every include
includes() {
    local folder=$1
    (cd "$folder" && sources . | xargs -r grep -HoE '^#include +["<][^">]+[">]' |
        sed -E 's/:#include +["<]/ /; s/[">]$//')
}

offences() {
    local folder=$1 file header layer home pair
    declare -A where=()
    while read -r file; do where[${file##*/}]=$(layer_of "$file"); done < <(files "$folder" -name '*.h')
    for pair in $generated; do where[${pair%%:*}]=${pair##*:}; done
    while read -r file header; do
        for pair in "${libraries[@]}"; do
            if [[ $header =~ ${pair%%:*} && ! $file =~ ${pair#*:} ]]; then
                echo "$file: includes $header, which belongs elsewhere"
            fi
        done
        layer=$(layer_of "$file")
        home=${where[$header]:-}
        [ -n "$home" ] && [ -n "${may[$layer]:-}" ] || continue
        case " ${may[$layer]} " in
        *" $home "*) ;;
        *) echo "$file: $layer must not include $header of $home" ;;
        esac
        if [ "$layer" = reconcile ] && [ "$header" = transport.h ]; then
            echo "$file: reconciliation asks no provider"
        fi
    done < <(includes "$folder")
    # a provider's folder knows no other provider
    local places place others
    places=$(provider_folders "$folder")
    for place in $places; do
        others=$(for other in $places; do [ "$other" = "$place" ] || echo "${other##*/}"; done | paste -sd '|')
        [ -z "$others" ] || (cd "$folder" && grep -rnE "#include \"($others)[_.]" "$place" || true)
    done
}

sample() {
    mkdir -p "$1/gateway/base" "$1/gateway/db"
    echo 'struct db;' >"$1/gateway/db/db.h"
    echo '#include "db.h"' >"$1/gateway/base/money.c"
}

judge
