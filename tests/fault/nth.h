/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TALLYGATE_TESTS_FAULT_NTH_H
#define TALLYGATE_TESTS_FAULT_NTH_H

/* Fails the n-th allocation, read or step of writing of a path, for every n until the path no longer gets that far.
 * The functions below stand before those of the C library, for our code and for every library. */

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "buf.h"
#include "check.h"

#define NTH_MOST 20000 /* a sweep that is still failing here does not end */

enum nth_kind { NTH_NONE, NTH_ALLOCATION, NTH_READ, NTH_WRITE };

static enum nth_kind nth_armed;
static size_t nth_left;
static bool nth_failed;

static inline bool
nth_is_now(enum nth_kind kind)
{
    if (nth_armed != kind || nth_left == 0 || --nth_left > 0) {
        return false;
    }
    nth_failed = true;
    errno = kind == NTH_READ ? EIO : kind == NTH_WRITE ? ENOSPC : ENOMEM;
    return true;
}

/* The sanitizer's own where it is linked in, else glibc's. */
__attribute__((weak)) void *__interceptor_malloc(size_t size);
__attribute__((weak)) void *__interceptor_calloc(size_t count, size_t size);
__attribute__((weak)) void *__interceptor_realloc(void *at, size_t size);
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *at, size_t size);

__attribute__((visibility("default"))) void *
malloc(size_t size)
{
    if (nth_is_now(NTH_ALLOCATION)) {
        return NULL;
    }
    return __interceptor_malloc != NULL ? __interceptor_malloc(size) : __libc_malloc(size);
}

__attribute__((visibility("default"))) void *
calloc(size_t count, size_t size)
{
    if (nth_is_now(NTH_ALLOCATION)) {
        return NULL;
    }
    return __interceptor_calloc != NULL ? __interceptor_calloc(count, size)
                                        : __libc_calloc(count, size);
}

__attribute__((visibility("default"))) void *
realloc(void *at, size_t size)
{
    if (nth_is_now(NTH_ALLOCATION)) {
        return NULL;
    }
    return __interceptor_realloc != NULL ? __interceptor_realloc(at, size)
                                         : __libc_realloc(at, size);
}

__attribute__((visibility("default"))) ssize_t
read(int fd, void *at, size_t size)
{
    return nth_is_now(NTH_READ) ? -1 : syscall(SYS_read, fd, at, size);
}

/* What read becomes where the compiler knows the size of its target. */
#if __USE_FORTIFY_LEVEL == 0
ssize_t __read_chk(int fd, void *at, size_t size, size_t room);
#endif

__attribute__((visibility("default"))) ssize_t
__read_chk(int fd, void *at, size_t size, size_t room)
{
    cr_assert_leq(size, room);
    return nth_is_now(NTH_READ) ? -1 : syscall(SYS_read, fd, at, size);
}

/* The C library reads its streams past the function above. One that can be written only has the error that is wanted. */
__attribute__((visibility("default"))) size_t
fread(void *at, size_t size, size_t count, FILE *file)
{
    if (nth_is_now(NTH_READ)) {
        int deaf = open("/dev/null", O_WRONLY | O_CLOEXEC);
        cr_assert_geq(dup3(deaf, fileno(file), O_CLOEXEC), 0);
        (void)close(deaf);
    }
    return fread_unlocked(at, size, count, file);
}

/* Writing a file has several steps: the folder, the bytes, their way to the disk, the name. */
__attribute__((visibility("default"))) ssize_t
write(int fd, const void *at, size_t size)
{
    return nth_is_now(NTH_WRITE) ? -1 : syscall(SYS_write, fd, at, size);
}

__attribute__((visibility("default"))) int
fsync(int fd)
{
    return nth_is_now(NTH_WRITE) ? -1 : (int)syscall(SYS_fsync, fd);
}

__attribute__((visibility("default"))) int
rename(const char *from, const char *to)
{
    return nth_is_now(NTH_WRITE) ? -1 : (int)syscall(SYS_renameat, AT_FDCWD, from, AT_FDCWD, to);
}

__attribute__((visibility("default"))) int
mkdir(const char *path, mode_t mode)
{
    return nth_is_now(NTH_WRITE) ? -1 : (int)syscall(SYS_mkdirat, AT_FDCWD, path, mode);
}

/* A path starts from nothing, leaves nothing behind but what it writes to `out`, and gives the same
 * each time. */
typedef enum err (*nth_path)(struct buf *out);

/* The n-th failure must end the path with an error of `class` (NONE: any) and an untouched output, or
 * change nothing at all. The path must have at least `least` places to fail. */
static inline void
nth_sweep(const char *name, enum nth_kind kind, nth_path path, enum err_class class, size_t least)
{
    DEFER(buf_fini) struct buf want = BUF_MAX((size_t)1024 * 1024);
    CHECK_OK(path(&want));
    cr_assert_gt(want.len, 0, "%s gives nothing", name);
    for (size_t n = 1; n < NTH_MOST; n++) {
        DEFER(buf_fini) struct buf got = BUF_MAX((size_t)1024 * 1024);
        nth_failed = false;
        nth_left = n;
        nth_armed = kind;
        enum err err = path(&got);
        nth_armed = NTH_NONE;
        if (err == ERR_OK) {
            cr_assert(span_eq(buf_span(&got), buf_span(&want)), "%s: %zu: another result", name, n);
        } else {
            cr_assert(nth_failed, "%s: %zu: %s without a cause", name, n, err_name(err));
            cr_assert_eq(got.len, 0, "%s: %zu: output touched", name, n);
            cr_expect(class == ERR_CLASS_NONE || err_class(err) == class, "%s: %zu gave %s", name,
                      n, err_name(err));
        }
        if (!nth_failed) {
            cr_assert_gt(n, least, "%s: only %zu places to fail", name, n - 1);
            return;
        }
    }
    cr_assert_fail("%s does not end", name);
}

#endif
