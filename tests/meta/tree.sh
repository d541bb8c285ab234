# SPDX-License-Identifier: Apache-2.0
# What the meta-tests share. A meta-test defines `offences FOLDER`, which prints one line per offence found below that
# folder, and `sample FOLDER`, which writes something there that must be found; then it calls `judge`.
set -euo pipefail
root=${TALLYGATE_SOURCE_DIR:-$(cd "$(dirname "$0")/../.." && pwd)}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# The project's own files, without what is built or run.
files() { # folder, find expression…
    local folder=$1
    shift
    (cd "$folder" && find . \( -path ./build -o -path ./var -o -path ./.git -o -path ./node_modules \) -prune -o \
        -type f \( "$@" \) -print | sed 's|^\./||' | sort)
}

# The folders of the providers of a tree: those that hold a source of their own name.
provider_folders() {
    local source place
    for source in "$1"/adapters/*/*.c "$1"/tests/fourth/*/*.c; do
        place=$(dirname "$source")
        [ ! -f "$source" ] || [ "$(basename "$source" .c)" != "$(basename "$place")" ] || echo "${place#"$1"/}"
    done
}

sources() { files "$1" -name '*.c' -o -name '*.h'; }

# C without its comments; lines keep their numbers.
code() { gcc -fpreprocessed -dD -E -w -x c "$1" 2>/dev/null | grep -v '^# '; }

judge() {
    mkdir -p "$scratch/bad"
    sample "$scratch/bad"
    if [ -z "$(offences "$scratch/bad")" ]; then
        echo "the check finds nothing in a sample that is wrong: it cannot fail" >&2
        exit 1
    fi
    local found
    found=$(offences "$root")
    [ -z "$found" ] || { printf '%s\n' "$found" >&2; exit 1; }
}
