# SPDX-License-Identifier: Apache-2.0
# Every program, the configuration file and every provider has a manual page, and no page has an error.
. "$(dirname "$0")/tree.sh"

offences() {
    local page name
    for name in tallygated.8 tallygate.conf.5 $([ ! -d "$1/gateway/proc/cli" ] || echo tallygate.8); do
        [ -n "$(files "$1" -name "$name")" ] || echo "$name: there is no such manual page"
    done
    for folder in $(provider_folders "$1"); do
        page=$folder/${folder##*/}.7
        [ -f "$1/$page" ] || echo "$page: there is no such manual page"
    done
    for page in $(files "$1" -name '*.[1578]'); do
        groff -t -Tutf8 -mandoc -ww -z "$1/$page" 2>&1 | sed "s|^|$page: |"
        grep -qE '^\.Sh NAME|^\.SH NAME' "$1/$page" || echo "$page: has no NAME"
    done
}

sample() { printf '.Dd today\n' >"$1/tallygated.8"; }

judge
