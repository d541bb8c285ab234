# SPDX-License-Identifier: Apache-2.0
# Every header compiles alone, and has the guard its path gives it.
. "$(dirname "$0")/tree.sh"

flags=$(pkg-config --cflags libevent openssl libpq jansson libarchive criterion libcurl 2>/dev/null)
folders="gateway/base gateway/core gateway/db gateway/http gateway/proc gateway/proc/flow gateway/proc/cli adapters
    certs reconcile tests/fake tests/twin tests/world tests/db/support tests/property/support tests/unit tests/fault tests/fuzz"

guard_of() { # gateway/base/money.h -> TALLYGATE_BASE_MONEY_H, tests/world/world.h -> TALLYGATE_WORLD_WORLD_H
    local path=${1%.h}
    path=${path#gateway/}
    path=${path#tests/}
    path=${path#proc/flow/}
    path=${path#proc/cli/}
    tr 'a-z/-' 'A-Z__' <<<"TALLYGATE_.*${path##*/}_H"
}

offences() {
    local header folder dirs=()
    for folder in $folders $(provider_folders "$1"); do dirs+=("-I$1/$folder"); done
    [ -z "${TALLYGATE_BINARY_DIR:-}" ] || dirs+=("-I$TALLYGATE_BINARY_DIR/generated")
    for header in $(files "$1" -name '*.h'); do
        echo "#include \"$1/$header\"" >"$scratch/alone.c"
        # shellcheck disable=SC2086
        gcc -std=c17 -D_GNU_SOURCE -fsyntax-only -w $flags "${dirs[@]}" "$scratch/alone.c" >"$scratch/said" 2>&1 ||
            echo "$header: does not compile alone: $(grep -m1 error "$scratch/said")"
        grep -qE "^#ifndef $(guard_of "$header")$" "$1/$header" || echo "$header: has no guard of its name"
    done
}

sample() { echo 'struct a { size_t n; };' >"$1/a.h"; }

judge
