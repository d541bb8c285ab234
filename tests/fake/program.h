/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_TESTS_FAKE_PROGRAM_H
#define TALLYGATE_TESTS_FAKE_PROGRAM_H

/* Another program that looks at what ours made. */

#define PROGRAM_WORDS_MAX 15

/* Runs it, found by its first word, and waits; the words end with NULL. Its exit status; -1 when it has none. */
int program_run(const char *const words[]);

#endif
