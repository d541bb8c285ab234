/* SPDX-License-Identifier: Apache-2.0 */
#include "secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <openssl/crypto.h>

struct secret {
    pid_t owner;
    size_t len;
    size_t mapped;
    unsigned char *at;
};

static size_t
pages(size_t len)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    return (len / page + 1) * page;
}

/* Memory that even the kernel's own mappings do not show; MAP_FAILED where the kernel has none. */
static void *
map_secret(size_t size)
{
#ifdef SYS_memfd_secret
    int fd = (int)syscall(SYS_memfd_secret, O_CLOEXEC);
    if (fd >= 0) {
        void *at = MAP_FAILED;
        if (ftruncate(fd, (off_t)size) == 0) {
            at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        }
        if (at != MAP_FAILED) {
            (void)madvise(at, size, MADV_DONTFORK);
        }
        (void)close(fd);
        return at;
    }
#else
    (void)size;
#endif
    return MAP_FAILED;
}

/* The fallback: locked where the limit allows, never dumped, wiped in a fork. */
static void *
map_locked(size_t size)
{
    void *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (at != MAP_FAILED) {
        (void)mlock(at, size);
        (void)madvise(at, size, MADV_DONTDUMP);
        (void)madvise(at, size, MADV_WIPEONFORK);
    }
    return at;
}

enum err
secret_new(struct span bytes, struct secret **out)
{
    struct secret *secret = calloc(1, sizeof(*secret));
    if (secret == NULL) {
        return ERR_NO_MEMORY;
    }
    secret->mapped = pages(bytes.len);
    void *at = map_secret(secret->mapped);
    if (at == MAP_FAILED) {
        at = map_locked(secret->mapped);
    }
    if (at == MAP_FAILED) {
        free(secret);
        return ERR_NO_MEMORY;
    }
    secret->owner = getpid();
    secret->at = at;
    secret->len = bytes.len;
    if (bytes.len > 0) {
        memcpy(secret->at, bytes.at, bytes.len);
    }
    *out = secret;
    return ERR_OK;
}

enum err
secret_replace(struct secret *secret, struct span bytes)
{
    if (bytes.len > secret->mapped) {
        return ERR_BUF_FULL;
    }
    explicit_bzero(secret->at, secret->mapped);
    if (bytes.len > 0) {
        memcpy(secret->at, bytes.at, bytes.len);
    }
    secret->len = bytes.len;
    return ERR_OK;
}

static enum err
check_mode(int fd)
{
    struct stat st;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        return ERR_FILE_READ;
    }
    return (st.st_mode & (S_IWGRP | S_IRWXO)) != 0 ? ERR_FILE_MODE : ERR_OK;
}

static enum err
read_all(int fd, unsigned char *at, size_t max, size_t *len)
{
    size_t got = 0;
    while (got < max) {
        ssize_t n = read(fd, at + got, max - got);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return ERR_FILE_READ;
        }
        if (n == 0) {
            break;
        }
        got += (size_t)n;
    }
    *len = got;
    return ERR_OK;
}

static enum err
load(int fd, size_t max_bytes, bool text, struct secret **out)
{
    TRY(check_mode(fd));
    unsigned char *bytes = malloc(max_bytes + 1);
    if (bytes == NULL) {
        return ERR_NO_MEMORY;
    }
    size_t len = 0;
    enum err err = read_all(fd, bytes, max_bytes + 1, &len);
    if (err == ERR_OK && len > max_bytes) {
        err = ERR_BUF_FULL;
    }
    if (err == ERR_OK) {
        size_t kept = text && len > 0 && bytes[len - 1] == '\n' ? len - 1 : len;
        err = secret_new(span_make(bytes, kept), out);
    }
    explicit_bzero(bytes, max_bytes + 1);
    free(bytes);
    return err;
}

static enum err
load_path(const char *path, size_t max_bytes, bool text, struct secret **out)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return ERR_FILE_OPEN;
    }
    enum err err = load(fd, max_bytes, text, out);
    (void)close(fd);
    return err;
}

enum err
secret_load(const char *path, size_t max_bytes, struct secret **out)
{
    return load_path(path, max_bytes, true, out);
}

enum err
secret_load_binary(const char *path, size_t max_bytes, struct secret **out)
{
    return load_path(path, max_bytes, false, out);
}

void
secret_free(struct secret **secret)
{
    if (secret == NULL || *secret == NULL) {
        return;
    }
    /* A fork has no mapping to give back, and must not wipe its parent's. */
    if ((*secret)->owner == getpid()) {
        explicit_bzero((*secret)->at, (*secret)->mapped);
        (void)munmap((*secret)->at, (*secret)->mapped);
    }
    free(*secret);
    *secret = NULL;
}

struct span
secret_bytes(const struct secret *secret)
{
    if (secret->owner != getpid()) {
        abort(); /* a fork would compute with a wiped key, which anybody knows */
    }
    return span_make(secret->at, secret->len);
}

bool
secret_eq_bytes(struct span a, struct span b)
{
    return a.len == b.len && (a.len == 0 || CRYPTO_memcmp(a.at, b.at, a.len) == 0);
}

bool
secret_eq(const struct secret *secret, struct span candidate)
{
    return secret_eq_bytes(secret_bytes(secret), candidate);
}
