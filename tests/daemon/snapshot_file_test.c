#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/snapshot_file.h"
#include "tests/daemon/support.h"

static char dir[32];

static void in(char path[128], const char *name)
{
    snprintf(path, 128, "%s/%s", dir, name);
}

static void begin(void)
{
    snprintf(dir, sizeof(dir), "/tmp/ffd-test-XXXXXX");
    assert_non_null(mkdtemp(dir));
}

static void end(const char *path)
{
    unlink(path);
    assert_int_equal(rmdir(dir), 0); /* and nothing was left beside it */
}

static void holds(const char *path, const char *text)
{
    char why[FFD_CONFIG_WHY_MAX];
    uint8_t *bytes;
    size_t n;

    assert_int_equal(ffd_file_read(path, &bytes, &n, why), 0);
    assert_int_equal(n, strlen(text));
    assert_memory_equal(bytes, text, n);
    free(bytes);
}

void file_is_written_over_the_one_before(void **state)
{
    char path[128], why[FFD_CONFIG_WHY_MAX];

    (void)state;
    begin();
    in(path, "epoch");
    assert_int_equal(ffd_file_write(path, "1\n", 2, why), 0);
    holds(path, "1\n");
    assert_int_equal(ffd_file_write(path, "27\n", 3, why), 0);
    holds(path, "27\n");
    end(path);
}

void file_that_is_not_there_is_no_error(void **state)
{
    char path[128], why[FFD_CONFIG_WHY_MAX];
    uint8_t *bytes;
    size_t n;

    (void)state;
    begin();
    in(path, "none");
    assert_int_equal(ffd_file_read(path, &bytes, &n, why), 1);
    assert_null(bytes);
    ffd_file_remove(path);
    end(path);
}

void file_in_no_directory_says_why(void **state)
{
    char why[FFD_CONFIG_WHY_MAX];

    (void)state;
    assert_int_equal(ffd_file_write("/nonexistent/x", "1", 1, why), -1);
    assert_string_equal(why, "cannot create /nonexistent/x.new: No such file "
                             "or directory");
}

/* What does not read back as a snapshot never takes the place of one. */
void snapshot_that_does_not_verify_replaces_nothing(void **state)
{
    char path[128], hash[33], why[FFD_CONFIG_WHY_MAX];

    (void)state;
    begin();
    in(path, "m.safetensors");
    assert_int_equal(ffd_file_write(path, "old", 3, why), 0);
    assert_int_equal(ffd_snapshot_write(path, "garbage", 7, hash, why), -1);
    assert_non_null(strstr(why, "does not verify"));
    holds(path, "old");
    end(path);
}
