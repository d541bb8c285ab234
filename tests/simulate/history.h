/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_SIMULATE_HISTORY_H
#define TALLYGATE_SIMULATE_HISTORY_H

/* What happened in a run, line by line with its virtual time, as a digest: two runs of one seed that differ
 * anywhere differ here. */

#include <stdbool.h>

#include "crypto.h"

void history_open(bool show); /* show: the lines go to standard output too */
void history_note(const char *format, ...) __attribute__((format(printf, 1, 2)));
void history_close(unsigned char digest[SHA256_BYTES]);

#endif
