/* For the tests of the lowest modules: running a list of tests, a secret file, a captured standard error. */
#ifndef MEGURI_TEST_GROUND_H
#define MEGURI_TEST_GROUND_H

#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A file below $TMPDIR with this content and mode; its path lives until the process ends. */
static inline char *ground_file(const void *content, size_t len, mode_t mode)
{
    const char *directory = getenv("TMPDIR"); /* NOLINT(concurrency-mt-unsafe) */
    char *path = NULL;
    ck_assert_int_gt(asprintf(&path, "%s/meguri-XXXXXX", directory ? directory : "/tmp"),
                     0);
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, content, len), (ssize_t)len);
    ck_assert_int_eq(fchmod(fd, mode), 0);
    close(fd);
    return path;
}

/* Overwrites it in one step, as a deployment would. */
static inline void ground_replace(const char *path, const char *content)
{
    char *fresh = ground_file(content, strlen(content), 0600);
    ck_assert_int_eq(rename(fresh, path), 0);
    free(fresh);
}

/* From here on standard error goes to a file; ground_captured reads it all, NUL-terminated; the caller frees. */
static inline FILE *ground_capture(void)
{
    FILE *file = tmpfile();
    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(dup2(fileno(file), STDERR_FILENO), 0);
    return file;
}

static inline char *ground_captured(FILE *file)
{
    struct stat info;
    ck_assert_int_eq(fstat(fileno(file), &info), 0);
    char *text = calloc(1, (size_t)info.st_size + 1);
    ck_assert_int_eq(pread(fileno(file), text, (size_t)info.st_size, 0), info.st_size);
    return text;
}

/* The test once for every row of the table; its index is _i. */
#define ground_loop(tests, test, table)                                                  \
    tcase_add_loop_test(tests, test, 0, (int)(sizeof(table) / sizeof *(table)))

static inline int ground_run(TCase *tests)
{
    Suite *suite = suite_create("ground");
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif
