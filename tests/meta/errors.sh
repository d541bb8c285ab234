# SPDX-License-Identifier: Apache-2.0
# Every row of err.def is used by the program and named by a test: as ERR_NAME, or by the code that clients see
# (code=… in a play, "…" in C or Python). The outside world (tests/world) and the twin of the store (tests/twin) are no tests.
. "$(dirname "$0")/tree.sh"

# Rows that no test names yet. A row that is named may not stand here: the list can only shrink.
unnamed='ARCHIVE PAYMENT_EXPIRED SIG_KEY'

rows() { sed -nE 's/^ERR\(([A-Z0-9_]+),[^"]*"([^"]*)".*/\1 \2/p' "$1/gateway/base/err.def"; }

used() { # folder
    (cd "$1" && files . -name '*.c' -o -name '*.h' -o -name '*.def' | grep -v -e '^tests/' -e '/err\.def$' \
        | xargs -r grep -ohE '\bERR_[A-Z0-9_]+\b' | sed 's/^ERR_//' | sort -u)
}

# Everything in tests that may name a row: ERR_NAME as NAME, and codes as they stand.
named() { # folder
    (cd "$1" && files . -name '*.c' -o -name '*.h' -o -name '*.play' -o -name '*.py' | grep '^tests/' \
        | grep -v -e '^tests/world/' -e '^tests/twin/' \
        | xargs -r grep -ohE '\bERR_[A-Z0-9_]+\b|\bcode=[a-z0-9_]+|"[a-z0-9_]+\\?"' \
        | sed -E 's/^ERR_|^code=//; s/["\\]//g' | sort -u)
}

offences() {
    local name code
    used "$1" >"$scratch/used"
    named "$1" >"$scratch/named"
    rows "$1" | while read -r name code; do
        grep -qx "$name" "$scratch/used" || echo "$name: nothing uses it"
        if grep -qx -e "$name" -e "$code" "$scratch/named"; then
            case " $unnamed " in *" $name "*) echo "$name: a test names it, take it off the list" ;; esac
        else
            case " $unnamed " in *" $name "*) ;; *) echo "$name ($code): no test names it" ;; esac
        fi
    done
}

# One row that only tests use, one that only the program uses; both must be told.
sample() {
    mkdir -p "$1/gateway/base" "$1/tests/unit"
    printf 'ERR(%s, INPUT, 400, "%s", "a", "b")\n' ONLY_TESTED only_tested ONLY_USED only_used >"$1/gateway/base/err.def"
    echo 'int f(void) { return ERR_ONLY_USED; }' >"$1/gateway/base/a.c"
    echo 'int g(void) { return ERR_ONLY_TESTED; }' >"$1/tests/unit/a.c"
    [ "$(offences "$1" | wc -l)" = 2 ] || { echo "the sample has two offences" >&2; exit 1; }
}

judge
