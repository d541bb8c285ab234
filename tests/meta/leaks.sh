# SPDX-License-Identifier: Apache-2.0
# Criterion ends with 0 on leaks unless the sanitizer aborts: a deliberate leak must be noticed.
set -euo pipefail
program=${TALLYGATE_BINARY_DIR:?}/tests/meta/leak
[ -x "$program" ] || program=$TALLYGATE_BINARY_DIR/leak
[ -x "$program" ] || { echo "not a sanitized build: nothing to try"; exit 0; }
if said=$("$program" 2>&1); then
    echo "a leak went unnoticed" >&2
    exit 1
fi
grep -q 'LeakSanitizer' <<<"$said" || { printf 'it failed, but not by its leak:\n%s\n' "$said" >&2; exit 1; }
