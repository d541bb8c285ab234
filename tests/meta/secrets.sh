# SPDX-License-Identifier: Apache-2.0
# No private key lies in the project but in the published test vectors.
. "$(dirname "$0")/tree.sh"

offences() {
    (cd "$1" && files . -name '*' | grep -vE '^tests/vectors/' |
        xargs -r -d '\n' grep -laE '^-----BEGIN ([A-Z0-9]+ )?PRIVATE KEY-----|^MII[EBC][A-Za-z0-9+/]{60}' || true) |
        sed 's/$/: holds a private key/'
}

sample() { printf -- '-----BEGIN PRIVATE KEY-----\nAAAA\n' >"$1/a.pem"; }

judge
