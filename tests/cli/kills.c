/* Preloaded by the tests: the process dies, as by kill -9, right before the Nth operation by which it changes files. A write is done by half
 * first, as a kill leaves it. So every instant that matters is reached, however fast the machine is.
 *
 * KILLS_AT: N, from 1 on; absent: it lives. KILLS_LOG: a file that gets a line for each operation: its name, a tab, a path. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
static long done;

/* Counts one operation; 1 when it is the one to die before. One thread at a time, so that the log is in the order of the count. */
static int due(const char *name, const char *path) {
    static long at = -1, log = -2;
    pthread_mutex_lock(&turn);
    if (at < 0) {
        at = getenv("KILLS_AT") ? atol(getenv("KILLS_AT")) : 0;
        log = getenv("KILLS_LOG") ? syscall(SYS_openat, AT_FDCWD, getenv("KILLS_LOG"), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600) : -1;
    }
    int now = ++done == at;
    if (log >= 0) {
        char line[4200];
        int length = snprintf(line, sizeof line, "%s\t%s\n", name, path);
        syscall(SYS_write, log, line, length < (int)sizeof line ? length : (int)sizeof line - 1);
    }
    /* Nobody gets past the one who dies. */
    if (!now) pthread_mutex_unlock(&turn);
    return now;
}

static void die(void) {
    syscall(SYS_kill, getpid(), SIGKILL);
    for (;;) pause();
}

static void before(const char *name, const char *path) {
    if (due(name, path)) die();
}

/* The path of an open regular file, or none: sockets, pipes and the screen are no business of ours. */
static int regular(int fd, char *path, size_t size) {
    struct stat status;
    if (fd < 3 || fstat(fd, &status) || !(S_ISREG(status.st_mode) || S_ISDIR(status.st_mode))) return 0;
    char name[64];
    snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(name, path, size - 1);
    path[length < 0 ? 0 : length] = 0;
    return 1;
}

#define REAL(function) \
    static __typeof__(function) *real; \
    if (!real) real = (__typeof__(function) *)dlsym(RTLD_NEXT, #function)
#define OF_FILE(function, fd, ...) \
    REAL(function); \
    char path[4096]; \
    if (regular(fd, path, sizeof path)) before(#function, path); \
    return real(fd, ##__VA_ARGS__)

#define CHANGES (O_CREAT | O_TRUNC)
#define OPEN(function) \
    int function(const char *path, int flags, ...) { \
        REAL(function); \
        va_list rest; va_start(rest, flags); mode_t mode = va_arg(rest, mode_t); va_end(rest); \
        if (flags & CHANGES) before(#function, path); \
        return real(path, flags, mode); \
    }
OPEN(open)
OPEN(open64)
#define OPEN_AT(function) \
    int function(int folder, const char *path, int flags, ...) { \
        REAL(function); \
        va_list rest; va_start(rest, flags); mode_t mode = va_arg(rest, mode_t); va_end(rest); \
        if (flags & CHANGES) before(#function, path); \
        return real(folder, path, flags, mode); \
    }
OPEN_AT(openat)
OPEN_AT(openat64)

ssize_t write(int fd, const void *bytes, size_t length) {
    REAL(write);
    char path[4096];
    if (regular(fd, path, sizeof path) && due("write", path)) {
        ssize_t _half = real(fd, bytes, length / 2);
        (void)_half;
        die();
    }
    return real(fd, bytes, length);
}
ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t offset) { OF_FILE(pwrite64, fd, bytes, length, offset); }
ssize_t copy_file_range(int from, off64_t *at, int fd, off64_t *offset, size_t length, unsigned flags) {
    REAL(copy_file_range);
    char path[4096];
    if (regular(fd, path, sizeof path)) before("copy_file_range", path);
    return real(from, at, fd, offset, length, flags);
}
int fsync(int fd) { OF_FILE(fsync, fd); }
int fdatasync(int fd) { OF_FILE(fdatasync, fd); }
int ftruncate64(int fd, off64_t length) { OF_FILE(ftruncate64, fd, length); }

int rename(const char *from, const char *to) { REAL(rename); before("rename", to); return real(from, to); }
int renameat(int a, const char *from, int b, const char *to) { REAL(renameat); before("renameat", to); return real(a, from, b, to); }
int link(const char *from, const char *to) { REAL(link); before("link", to); return real(from, to); }
int linkat(int a, const char *from, int b, const char *to, int flags) { REAL(linkat); before("linkat", to); return real(a, from, b, to, flags); }
int unlink(const char *path) { REAL(unlink); before("unlink", path); return real(path); }
int unlinkat(int folder, const char *path, int flags) { REAL(unlinkat); before("unlinkat", path); return real(folder, path, flags); }
int rmdir(const char *path) { REAL(rmdir); before("rmdir", path); return real(path); }
int mkdir(const char *path, mode_t mode) { REAL(mkdir); before("mkdir", path); return real(path, mode); }
