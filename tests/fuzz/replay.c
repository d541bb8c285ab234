/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a fuzz target without a fuzzer: every file of the folders named on the command line, all its
 * truncations, and the same file with a few bytes changed. The changes follow from the file alone, so a
 * failure comes again. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "fuzz.h"

#define FLIPS        48
#define PATH_BYTES   2048
#define SEED         UINT64_C(0x9E3779B97F4A7C15)
#define MULTIPLIER   UINT64_C(6364136223846793005)
#define INCREMENT    UINT64_C(1442695040888963407)
#define HIGH_BITS    33
#define BITS_OF_BYTE 8

static size_t files;

/* Each input gets storage of its own size, so that reading past its end is seen. */
static void
run(const unsigned char *at, size_t len)
{
    unsigned char *copy = malloc(len == 0 ? 1 : len);
    FUZZ_DEMAND(copy != NULL);
    memcpy(copy, at, len);
    FUZZ_DEMAND(LLVMFuzzerTestOneInput(copy, len) == 0);
    free(copy);
}

static uint64_t
next(uint64_t *state)
{
    *state = *state * MULTIPLIER + INCREMENT;
    return *state >> HIGH_BITS;
}

static void
flip_some(struct span whole)
{
    uint64_t state = SEED ^ whole.len;
    unsigned char *changed = malloc(whole.len);
    FUZZ_DEMAND(changed != NULL);
    for (int i = 0; i < FLIPS; i++) {
        memcpy(changed, whole.at, whole.len);
        size_t at = (size_t)(next(&state) % whole.len);
        bool one_bit = next(&state) % 2 == 0;
        uint64_t any = 1 + next(&state) % UINT8_MAX;
        uint64_t bit = UINT64_C(1) << next(&state) % BITS_OF_BYTE;
        unsigned char mask = (unsigned char)(one_bit ? bit : any);
        changed[at] ^= mask;
        run(changed, whole.len);
    }
    free(changed);
}

static void
replay_file(const char *path)
{
    DEFER(buf_fini) struct buf text = BUF_MAX(FUZZ_FILE_MAX);
    unsigned char bytes[4096];
    size_t len;
    FILE *file = fopen(path, "re");
    (void)fprintf(stderr, "%s\n", path); /* what a failure below came from */
    FUZZ_DEMAND(file != NULL);
    while ((len = fread(bytes, 1, sizeof(bytes), file)) > 0) {
        FUZZ_DEMAND(buf_append(&text, span_make(bytes, len)) == ERR_OK);
    }
    FUZZ_DEMAND(ferror(file) == 0);
    (void)fclose(file);
    for (size_t cut = 0; cut <= text.len; cut++) {
        run(text.at == NULL ? bytes : text.at, cut);
    }
    if (text.len > 0) {
        flip_some(buf_span(&text));
    }
    files++;
}

static void replay_path(const char *path);

static void
replay_folder(const char *folder)
{
    struct dirent **entries = NULL;
    int count = scandir(folder, &entries, NULL, alphasort);
    FUZZ_DEMAND(count >= 0);
    for (int i = 0; i < count; i++) {
        char path[PATH_BYTES];
        const char *name = entries[i]->d_name;
        int len = snprintf(path, sizeof(path), "%s/%s", folder, name);
        FUZZ_DEMAND(len > 0 && len < PATH_BYTES);
        if (name[0] != '.') {
            replay_path(path);
        }
        free(entries[i]);
    }
    free(entries);
}

static void
replay_path(const char *path)
{
    struct stat is;
    FUZZ_DEMAND(stat(path, &is) == 0);
    if (S_ISDIR(is.st_mode)) {
        replay_folder(path);
    } else {
        replay_file(path);
    }
}

int
main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        replay_path(argv[i]);
    }
    if (files == 0) {
        (void)fprintf(stderr, "replay: no file was given\n");
        return 2;
    }
    return 0;
}
