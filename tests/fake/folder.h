/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_TESTS_FAKE_FOLDER_H
#define TALLYGATE_TESTS_FAKE_FOLDER_H

/* A folder of a test's own. */

/* Takes it away with all that is in it; 0, or -1 when something stays. */
int folder_drop(const char *path);

#endif
