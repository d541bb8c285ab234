# SPDX-License-Identifier: Apache-2.0
# Every statement tells its purpose and each of its parameters, and takes no column it does not name. That each can be
# prepared is tried by tests/db/statements.c on a real server.
. "$(dirname "$0")/tree.sh"

offences() {
    (cd "$1" && files . -path './sql/queries/*.sql' | xargs -r awk '
        function finish(  p) {
            for (p in taken) if (index(told, p) == 0) print name ": " p " is not explained"
            split("", taken)
            told = ""
        }
        FNR == 1 { if (name != "") finish(); name = FILENAME }
        FNR == 2 && !/^-- ../ { print name ": line 2 does not tell the purpose" }
        /^--/ { told = told " " $0; next }
        tolower($0) ~ /select +\*/ { print name ": select *" }
        { for (rest = $0; match(rest, /\$[0-9]+/); rest = substr(rest, RSTART + RLENGTH)) taken[substr(rest, RSTART, RLENGTH)] = 1 }
        END { if (name != "") finish() }')
}

sample() {
    mkdir -p "$1/sql/queries"
    printf -- '-- SPDX-License-Identifier: Apache-2.0\n-- Reads it all.\nSELECT * FROM a WHERE b = $1\n' >"$1/sql/queries/a.sql"
}

judge
