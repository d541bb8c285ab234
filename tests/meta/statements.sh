# SPDX-License-Identifier: Apache-2.0
# Every statement tells its purpose and each of its parameters, and takes no column it does not name. That each can be
# prepared is tried by tests/db/statements.c on a real server.
. "$(dirname "$0")/tree.sh"

offences() {
    local file
    for file in $(files "$1" -path './sql/queries/*.sql'); do
        sed -n 2p "$1/$file" | grep -q '^-- ..' || echo "$file: line 2 does not tell the purpose"
        grep -v '^--' "$1/$file" | grep -qiE 'select +\*' && echo "$file: select *"
        for parameter in $(grep -v '^--' "$1/$file" | grep -oE '\$[0-9]+' | sort -u); do
            grep '^--' "$1/$file" | grep -qF "$parameter" || echo "$file: $parameter is not explained"
        done
    done
}

sample() {
    mkdir -p "$1/sql/queries"
    printf -- '-- SPDX-License-Identifier: Apache-2.0\n-- Reads it all.\nSELECT * FROM a WHERE b = $1\n' >"$1/sql/queries/a.sql"
}

judge
