# SPDX-License-Identifier: Apache-2.0
# Every source says under which licence it is.
. "$(dirname "$0")/tree.sh"

offences() {
    (cd "$1" && files . -name '*.[ch]' -o -name '*.def' -o -name '*.sql' -o -name '*.part' -o -name '*.sh' -o -name '*.py' \
        -o -name '*.cmake' -o -name CMakeLists.txt -o -name '*.html' -o -name '*.css' -o -name '*.js' -o -name '*.play' \
        -o -name '*.[1-8]' -o -name '*.yaml' -o -name dev -o -name make-pki | while read -r file; do
        head -n 3 "$file" | grep -q 'SPDX-License-Identifier: Apache-2.0' || echo "$file: no licence line"
    done)
}

sample() { echo 'int x;' >"$1/a.c"; }

judge
