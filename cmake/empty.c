/* SPDX-License-Identifier: Apache-2.0 */
/* Lets a folder be a library before its first source is written. */
extern const int tallygate_empty;
const int tallygate_empty = 0;
