# SPDX-License-Identifier: Apache-2.0
# Adding a provider must need only new files. The provider of tests/fourth is named nowhere else, and no product file outside a
# provider's own folder names a provider in a text that the program or a reader depends on; comments of C may.
. "$(dirname "$0")/tree.sh"

# path:what the name may stand in, and why. Nothing here has to grow with a new provider.
permitted=(
    '^docs/openapi\.yaml:example'                 # an example shows one provider
    '^sql/migrations/0004_providers\.sql:COMMENT' # migrations are never edited
)

# Name, Chinese and English name of each real provider, one pattern.
names_of() { # folder
    local place
    provider_folders "$1" | grep '^adapters/' | while read -r place; do
        echo "${place##*/}"
        sed -nE 's/^ +\.name_(zh|en) = "([^"]+)",$/\2/p' "$1/$place/${place##*/}.c"
    done | sort -u | paste -sd '|'
}

# What is built or shipped, but for the providers' own folders: tests (and the list of them in findings.tsv), development tools and
# decisions may name whom they like.
product_files() {
    files "$1" -name '*' | grep -E '^(gateway|reconcile|sql|certs|adapters|cmake)/|^docs/openapi\.yaml$|^CMakeLists\.txt$|^tests/meta/' |
        grep -vE '^adapters/[^/]+/|^certs/dev/|^tests/meta/(fourth\.sh|findings\.tsv)$'
}

# file:line of every text that matches; C without its comments, templates without theirs.
texts() { # folder, pattern
    (cd "$1" && product_files . | while read -r file; do
        case $file in
        *.[ch] | *.def) gcc -fpreprocessed -dD -E -P -w -x c "$file" 2>/dev/null ;;
        *.html) sed '/{{!/,/}}/d' "$file" ;;
        *) grep -v '^ *#' "$file" ;;
        esac | { grep -iE "$2" || true; } | sed "s|^ *|$file:|"
    done)
}

offences() {
    local folder=$1 pattern line rule kept
    pattern=$(names_of "$folder")
    if [ -n "$pattern" ]; then
        while read -r line; do
            kept=yes
            for rule in "${permitted[@]}"; do
                [[ ! ${line%%:*}: =~ ${rule%%:*}: || ${line#*:} != *"${rule#*:}"* ]] || kept=
            done
            [ -z "$kept" ] || echo "$line"
        done < <(texts "$folder" "$pattern")
    fi
    for place in $(provider_folders "$folder" | grep '^tests/fourth/'); do
        (cd "$folder" && files . -name '*' | grep -v '^tests/fourth/' | xargs -r grep -Iil "${place##*/}" |
            sed "s|\$|: names ${place##*/}|" || true)
    done
}

# Each of the two rules must find its own sample.
sample() {
    local bad=$scratch/one
    mkdir -p "$bad/adapters/somepay" "$bad/gateway/base" "$bad/tests/fourth/otherpay" "$1/tests/fourth/otherpay" "$1/docs"
    echo 'x' >"$bad/tests/fourth/otherpay/otherpay.c"
    printf '    .name_en = "Some Pay",\n' >"$bad/adapters/somepay/somepay.c"
    echo '/* somepay in a comment */ int a;' >"$bad/gateway/base/fine.c"
    [ -z "$(offences "$bad")" ] || { echo "the check minds a comment" >&2; exit 1; }
    echo 'const char *a = "Some Pay";' >"$bad/gateway/base/list.c"
    [ "$(offences "$bad")" = 'gateway/base/list.c:const char *a = "Some Pay";' ] ||
        { echo "the check does not find a provider's name in a source" >&2; exit 1; }
    echo 'x' >"$1/tests/fourth/otherpay/otherpay.c"
    echo 'Otherpay is a provider.' >"$1/docs/a.md"
}

judge
