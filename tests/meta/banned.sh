# SPDX-License-Identifier: Apache-2.0
# Calls, types and leftovers that have no place here. Comments are taken out first, except for the leftovers.
. "$(dirname "$0")/tree.sh"

calls='sprintf|vsprintf|strcpy|strcat|strncpy|strncat|strtok|strtok_r|sscanf|vsscanf|atoi|atol|atoll|atof|strtol|strtoul|strtoll|strtoull|strtod|alloca|system|popen|gets|sleep|usleep|nanosleep|rand|srand|random|tmpnam|mktemp|gmtime|localtime|asctime|ctime|setjmp|longjmp'
words='goto|float|double'
pattern="(^|[^A-Za-z0-9_>.])($calls) *\\(|(^|[^A-Za-z0-9_\"])($words)([^A-Za-z0-9_\"]|$)"

# The one library that takes amounts of cells as floating point: see docs/decisions.
allowed() { grep -vE '^reconcile/report_xlsx\.c:.*\bdouble\b' || true; }

offences() {
    local file
    {
        # Only what has such a word at all is worth taking its comments out.
        for file in $(cd "$1" && sources . | xargs -r grep -lE "$pattern"); do
            code "$1/$file" | grep -nE "$pattern" |
                sed "s|^|$file: |" || true
        done
        (cd "$1" && files . -name '*.c' -o -name '*.h' -o -name '*.sql' -o -name '*.sh' -o -name '*.def' -o -name '*.py' |
            grep -v '^tests/meta/banned\.sh$' | xargs -r grep -nE '\b(TODO|FIXME|XXX|HACK)\b|not implemented' || true)
    } | allowed
}

sample() {
    printf 'int f(const char *s)\n{\n    return atoi(s); /* goto */\n}\n' >"$1/a.c"
}

judge
