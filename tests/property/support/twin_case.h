/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_PROPERTY_TWIN_CASE_H
#define TALLYGATE_PROPERTY_TWIN_CASE_H

#include "twin.h"

/* Once everything is paired: every order that is named, and which of them each line belongs to. */
void twin_case_build(struct twin *twin);

#endif
