/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_TESTS_PROVIDER_HOUSE_INTERNAL_H
#define TALLYGATE_TESTS_PROVIDER_HOUSE_INTERNAL_H

/* The world as a process, and the configuration that fits it. */

#include "house.h"

/* Where its parts listen; owned by the JSON the world wrote. */
struct house_world {
    char folder[HOUSE_PATH_MAX]; /* throw-away, with everything that the house wrote */
    char pki[HOUSE_PATH_MAX];
    struct json_t *endpoints;
    int pid;
    int64_t shift_s;
};

extern struct house_world house_world;

void house_world_open(void);
void house_world_close(void);
void house_world_join(const char *folder, const char *name, char out[HOUSE_PATH_MAX]);
const char *house_world_address(const char *name); /* as in the world's README */

/* Writes tallygate.conf into the folder; `out` gets its path. */
void house_config_write(char out[HOUSE_PATH_MAX]);

#endif
