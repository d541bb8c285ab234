# SPDX-License-Identifier: Apache-2.0
# Every source says under which licence it is.
. "$(dirname "$0")/tree.sh"

offences() {
    files "$1" -name '*.[ch]' -o -name '*.def' -o -name '*.sql' -o -name '*.part' -o -name '*.sh' -o -name '*.py' \
        -o -name '*.cmake' -o -name CMakeLists.txt -o -name '*.html' -o -name '*.css' -o -name '*.js' -o -name '*.play' \
        -o -name '*.[1-8]' -o -name '*.yaml' -o -name dev -o -name make-pki >"$scratch/all"
    (cd "$1" && xargs -r awk 'FNR <= 3 && /SPDX-License-Identifier: Apache-2.0/ { print FILENAME }' <"$scratch/all" | sort -u) |
        comm -23 <(sort -u "$scratch/all") - | sed 's/$/: no licence line/'
}

sample() { echo 'int x;' >"$1/a.c"; }

judge
