# SPDX-License-Identifier: Apache-2.0
# No file above 600 lines, no function above 70.
. "$(dirname "$0")/tree.sh"

offences() {
    (cd "$1" && sources . | xargs -r awk '
        FNR > 600 && !told[FILENAME]++ { print FILENAME ": more than 600 lines" }
        $0 == "{" { begun = FNR }
        $0 == "}" && begun { if (FNR - begun > 70) print FILENAME ":" begun ": function of " FNR - begun " lines"; begun = 0 }
    ')
    (cd "$1" && files . -name '*.sh' -o -name '*.sql' -o -name '*.py' -o -name '*.part' |
        xargs -r awk 'FNR > 600 && !told[FILENAME]++ { print FILENAME ": more than 600 lines" }')
}

sample() {
    {
        echo 'int f(void)'
        echo '{'
        for i in $(seq 71); do echo "    g($i);"; done
        echo '}'
    } >"$1/a.c"
}

judge
