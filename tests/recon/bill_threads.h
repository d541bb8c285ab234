/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_TESTS_RECON_BILL_THREADS_H
#define TALLYGATE_TESTS_RECON_BILL_THREADS_H

/* Counts the threads that are begun and ended, and refuses them when told to. The functions below stand before those of the C
 * library. */

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

static bool threads_refused;
static size_t threads_begun;
static size_t threads_ended;

/* Those of the test's own frame are not meant. */
static inline void
threads_count(bool refused)
{
    threads_refused = refused;
    threads_begun = 0;
    threads_ended = 0;
}

/* Functions and data have pointers of different kinds. */
static inline void
threads_next(const char *name, void *out, size_t size)
{
    void *at = dlsym(RTLD_NEXT, name);
    memcpy(out, &at, size);
}

__attribute__((visibility("default"))) int
pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *),
               void *context)
{
    int (*next)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *) = NULL;
    threads_next("pthread_create", &next, sizeof(next));
    if (threads_refused) {
        return EAGAIN;
    }
    int status = next(thread, attributes, start, context);
    threads_begun += status == 0 ? 1 : 0;
    return status;
}

__attribute__((visibility("default"))) int
pthread_join(pthread_t thread, void **result)
{
    int (*next)(pthread_t, void **) = NULL;
    threads_next("pthread_join", &next, sizeof(next));
    threads_ended++;
    return next(thread, result);
}

#endif
