# SPDX-License-Identifier: Apache-2.0
# Every code of finding.def stands once in findings.tsv: with the test that produces it and expects it by name, or with the reason why
# nothing can. Fields: code, how, where or why. how is `test` (file, then suite.name), `play` (file; a line that expects something
# names the code), `none` (nothing can: why) or `open` (nothing does yet: why). A table that a test names is part of it.
. "$(dirname "$0")/tree.sh"

# Codes that may be open: there are none, and there have to be none.
open=''

registry() { sed -nE 's/^FINDING\(([A-Z0-9_]+),.*/\1/p' "$1/gateway/base/finding.def"; }

# Codes that the program's own sources name.
made() { # folder
    (cd "$1" && files . -name '*.c' -o -name '*.sql' | grep -v '^tests/' \
        | xargs -r grep -ohE '[A-Z][A-Z0-9]*(_[A-Z0-9]+)+' | sed 's/^FINDING_//' | sort -u)
}

# "suite.name CODE" for each code that a test of a file, or a table that it names, holds; "suite.name" alone for each test.
tests_of() { # file
    code "$1" | awk '
        function take(text, name,   word) {
            gsub(/\\n/, " ", text)
            while (match(text, /[A-Z][A-Z0-9]*(_[A-Z0-9]+)+/)) {
                word = substr(text, RSTART, RLENGTH)
                text = substr(text, RSTART + RLENGTH)
                sub(/^FINDING_/, "", word)
                print name, word
            }
        }
        /^Test\(/ { inside = "test"; held = "" }
        /^(static const .*|\} )[a-z_]+\[\].* = \{$/ {
            name = $0
            sub(/\[\].*/, "", name)
            sub(/.*[ *]/, "", name)
            inside = "table"
            held = ""
        }
        inside { held = held "\n" $0 }
        inside == "table" && /^\};/ { tables[name] = held; inside = "" }
        inside == "test" && /^\}/ {
            name = held
            sub(/^\nTest\(/, "", name)
            sub(/\).*/, "", name)
            sub(/,[ \n]*/, ".", name)
            print name
            take(held, name)
            for (table in tables) {
                if (held ~ "[^a-z_]" table "[^a-z_]") {
                    take(tables[table], name)
                }
            }
            inside = ""
        }' | sort -u
}

# What one row says that is not so.
offence() { # folder, code, how, where
    local folder=$1 code=$2 how=$3 where=$4 file name known
    case $how in
        test)
            read -r file name <<<"$where"
            known=$scratch/tests/${file//\//+}
            [ -e "$known" ] || tests_of "$folder/$file" >"$known"
            if ! grep -qxF "$name" "$known"; then
                echo "$code: no test $name in $file"
            elif ! grep -qxF "$name $code" "$known"; then
                echo "$code: $name of $file does not name it"
            fi
            ;;
        play)
            grep -qsE "^expect[a-z-]* .*\b$code\b" "$folder/$where" || echo "$code: $where does not expect it"
            ;;
        none | open)
            [ "$(wc -w <<<"$where")" -ge 5 ] || echo "$code: the reason is not in words"
            ;;
        *) echo "$code: $how is neither test, play, none nor open" ;;
    esac
    case $how in
        none) ! grep -qx "$code" "$scratch/made" || echo "$code: the program names it, so something can" ;;
        open) case " $open " in *" $code "*) ;; *) echo "$code: open, and not among those that may be" ;; esac ;;
        *) grep -qx "$code" "$scratch/made" || echo "$code: the program does not name it" ;;
    esac
}

offences() {
    local table=$1/tests/meta/findings.tsv code how where
    rm -rf "$scratch/tests"
    mkdir "$scratch/tests"
    made "$1" >"$scratch/made"
    diff <(registry "$1" | sort) <(cut -f1 "$table" | sort) | sed -nE 's/^< (.*)/\1: not in findings.tsv/p; s/^> (.*)/\1: once too often in findings.tsv/p' || true
    while IFS=$'\t' read -r code how where; do
        offence "$1" "$code" "$how" "$where"
    done <"$table"
}

# One offence of each kind, and three rows that are none.
sample() {
    local row
    mkdir -p "$1/gateway/base" "$1/tests/meta"
    for row in LEFT_OUT NO_TEST NOT_NAMED ONLY_INPUT NO_WORDS CAN_BE NOT_LISTED NOT_MADE IN_BODY IN_TABLE IN_PLAY; do
        echo "FINDING($row, NOTE, FINDING, 1, PERSON, \"a\", \"b\", \"c\")"
        case $row in NOT_MADE | NO_WORDS) ;; *) echo "int $row = FINDING_$row;" >>"$1/gateway/base/a.c" ;; esac
    done >"$1/gateway/base/finding.def"
    cat >"$1/tests/a.c" <<'C'
static const struct row rows[] = {
    { 1, "PAY_OK\nIN_TABLE" },
};
/* NOT_NAMED is only told. */
Test(a, b)
{
    check(FINDING_IN_BODY, FINDING_NOT_MADE, rows[0]);
}
Test(a, c)
{
    check(FINDING_NOT_NAMED);
}
C
    printf '# ONLY_INPUT\ninput ONLY_INPUT\nexpect-output IN_PLAY\n' >"$1/tests/a.play"
    printf '%s\t%s\t%s\n' NO_TEST test 'tests/a.c a.d' NOT_NAMED test 'tests/a.c a.b' ONLY_INPUT play tests/a.play \
        NO_WORDS none 'not ours' CAN_BE none 'nothing of this kind is here' NOT_LISTED open 'nobody has written this yet' \
        NOT_MADE test 'tests/a.c a.b' IN_BODY test 'tests/a.c a.b' IN_TABLE test 'tests/a.c a.b' IN_PLAY play tests/a.play \
        UNKNOWN_CODE none 'nothing of this kind is here' >"$1/tests/meta/findings.tsv"
    [ "$(offences "$1" | wc -l)" = 9 ] || { offences "$1" >&2; echo "the sample has nine offences" >&2; exit 1; }
}

judge
