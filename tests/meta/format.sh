# SPDX-License-Identifier: Apache-2.0
# The formatter decides how C looks.
. "$(dirname "$0")/tree.sh"

offences() {
    (cd "$1" && sources . | xargs -r clang-format --style=file:"$root/.clang-format" --dry-run 2>&1 |
        grep -E 'warning:|error:' | cut -d: -f1,2 | sort -u | sed 's/$/: not as clang-format has it/' || true)
}

sample() { printf 'int  f( void ){return 1;}\n' >"$1/a.c"; }

judge
