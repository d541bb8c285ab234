# SPDX-License-Identifier: Apache-2.0
# Each of the 41 invariants of reconciliation has its row and at least one test that shows it, and the test is there. What
# is absent is absent: no migration has the words that would make it come to be.
. "$(dirname "$0")/tree.sh"

last=41

rows() { sed -nE "s/^$1\(([0-9]+), *([^ ].*)\)\$/\1 \2/p" "$2/tests/property/invariants.def"; }

# Numbers of 1..41 that have no row, two rows, or nothing that shows them.
gaps() {
    sed -nE 's/^([A-Z]+)\(([0-9]+),.*/\1 \2/p' "$1/tests/property/invariants.def" | awk -v last=$last '
        $1 == "INVARIANT" { rows[$2]++ }
        $1 != "INVARIANT" { shown[$2]++ }
        END {
            for (n = 1; n <= last; n++) {
                if (rows[n] != 1) print "invariant " n " has " rows[n] + 0 " rows"
                if (!shown[n]) print "invariant " n " is shown by nothing"
            }
            for (n in rows) if (n + 0 > last + 0) print "invariant " n " is none"
        }'
}

# The words of a source, on one line; each is read once.
words_of() {
    local kept
    kept=$scratch/$(tr / _ <<<"$1")
    [ -f "$kept" ] || code "$1" | tr -s '\n ' '  ' >"$kept"
    cat "$kept"
}

shown() { # folder, "number file, test"
    local number place test
    read -r number place test <<<"$2"
    place=${place%,}
    if [ ! -f "$1/$place" ]; then
        echo "invariant $number: there is no $place"
    elif [ "${place%.c}" != "$place" ]; then
        [ -n "$(words_of "$1/$place" | grep -oE "(Test\([a-z0-9_]+, $test[,)]| $test\()")" ] ||
            echo "invariant $number: $place has no test $test"
    else
        grep -qF -- "$test" "$1/$place" || echo "invariant $number: $place does not have '$test'"
    fi
}

offences() {
    local row number words
    [ -f "$1/tests/property/invariants.def" ] || { echo "there are no invariants"; return; }
    gaps "$1"
    rows SHOWN "$1" | while read -r row; do shown "$1" "$row"; done
    rows ABSENT "$1" | while read -r number words; do
        words=${words//\"/}
        ! grep -qriE "$words\b" "$1/sql/migrations" || echo "invariant $number: '$words' is there, and no test is"
    done
    grep -vE '^(INVARIANT|SHOWN|ABSENT)\([0-9]+, .*\)$|^$|^/\*|^ \*' "$1/tests/property/invariants.def" |
        sed 's/^/not understood: /' || true
}

# One is missing, one is shown by a test that is not there, one by a file that is not there, one came to be.
sample() {
    mkdir -p "$1/tests/property" "$1/sql/migrations"
    {
        for number in $(seq 2 $last); do
            echo "INVARIANT($number, \"what\")"
            [ "$number" -le 4 ] || echo "SHOWN($number, tests/a.c, is_there)"
        done
        echo 'SHOWN(2, tests/a.c, is_only_spoken_of)'
        echo 'SHOWN(3, tests/b.play, kill night)'
        echo 'ABSENT(4, "TABLE thing")'
    } >"$1/tests/property/invariants.def"
    printf '/* Test(a, is_only_spoken_of) */\nTest(a,\n     is_there)\n{\n}\n' >"$1/tests/a.c"
    echo 'CREATE TABLE thing (a integer);' >"$1/sql/migrations/1.sql"
    [ "$(offences "$1" | wc -l)" = 5 ] || { offences "$1" >&2; echo "the sample has five offences" >&2; exit 1; }
}

judge
