/* Ids, random bytes, and the log line. */
#include "api/clock.h"
#include "api/id.h"
#include "api/log.h"
#include "tests/unit/ground.h"

#include <jansson.h>
#include <pthread.h>
#include <stdint.h>

static int64_t ms_of(const char *id)
{
    char hex[13] = "";
    memcpy(hex, id, 8);
    memcpy(hex + 8, id + 9, 4);
    return strtoll(hex, NULL, 16);
}

START_TEST(an_id_is_a_version_7_uuid_of_now)
{
    char id[ID_TEXT];
    int64_t before = clock_now_us() / 1000;
    ck_assert_ptr_eq(id_new(id), id);
    ck_assert(id_valid(id));
    ck_assert_int_eq(id[14], '7');
    ck_assert_ptr_nonnull(strchr("89ab", id[19]));
    ck_assert(before <= ms_of(id) && ms_of(id) <= clock_now_us() / 1000 + 1);
}
END_TEST

START_TEST(ids_of_a_thread_only_grow)
{
    char last[ID_TEXT] = "", next[ID_TEXT];
    for (int i = 0; i < 200000; i++) {
        ck_assert_int_gt(strcmp(id_new(next), last), 0);
        memcpy(last, next, sizeof last);
    }
}
END_TEST

START_TEST(ids_grow_also_when_the_injected_clock_goes_back)
{
    char last[ID_TEXT], next[ID_TEXT];
    char *path = ground_file("2028-02-14T00:00:00Z", 20, 0600);
    ck_assert(clock_init(path));
    id_new(last);
    ck_assert_int_eq(ms_of(last), 1834099200000);
    ground_replace(path, "2024-02-14T00:00:00Z");
    ck_assert(clock_init(path));
    for (int i = 0; i < 5000; i++) { /* more than one sequence */
        ck_assert_int_gt(strcmp(id_new(next), last), 0);
        memcpy(last, next, sizeof last);
    }
    ck_assert_int_le(ms_of(last), 1834099200002);
    unlink(path);
    free(path);
}
END_TEST

enum { PER_THREAD = 20000 };

static void *make_ids(void *arg)
{
    char(*ids)[ID_TEXT] = arg;
    for (int i = 0; i < PER_THREAD; i++)
        id_new(ids[i]);
    return NULL;
}

static int compare(const void *a, const void *b)
{
    return strcmp(a, b);
}

START_TEST(no_two_threads_make_the_same_id)
{
    pthread_t threads[4];
    char(*ids)[ID_TEXT] = calloc(4 * PER_THREAD, ID_TEXT);
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, make_ids, ids[i * PER_THREAD]),
                         0);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    qsort(ids, 4 * PER_THREAD, ID_TEXT, compare);
    for (int i = 1; i < 4 * PER_THREAD; i++)
        ck_assert_str_ne(ids[i - 1], ids[i]);
    free(ids);
}
END_TEST

static const struct {
    const char *text;
    bool valid;
} forms[] = {
    {"01890a5d-ac96-774b-bcce-b302099a8057", true},
    {"01890A5D-AC96-774B-BCCE-B302099A8057", true},
    {"00000000-0000-0000-0000-000000000000", true},
    {"01890a5dac96774bbcceb302099a8057", false},
    {"01890a5d-ac96-774b-bcce-b302099a805", false},
    {"01890a5d-ac96-774b-bcce-b302099a80570", false},
    {"01890a5d-ac96-774b-bcce_b302099a8057", false},
    {"g1890a5d-ac96-774b-bcce-b302099a8057", false},
    {"", false},
    {NULL, false},
};

START_TEST(only_the_hyphenated_form_is_an_id)
{
    ck_assert_int_eq(id_valid(forms[_i].text), forms[_i].valid);
}
END_TEST

START_TEST(random_bytes_differ_and_all_values_come)
{
    unsigned char big[65536], small[7], seen[256] = {0};
    id_random(big, sizeof big);
    for (size_t i = 0; i < sizeof big; i++)
        seen[big[i]] = 1;
    ck_assert_ptr_null(memchr(seen, 0, sizeof seen));
    memset(seen, 0, sizeof seen);
    for (int i = 0; i < 3000; i++) {
        id_random(small, sizeof small);
        for (size_t at = 0; at < sizeof small; at++)
            seen[small[at]] = 1;
    }
    ck_assert_ptr_null(memchr(seen, 0, sizeof seen));
}
END_TEST

START_TEST(a_log_line_is_one_json_object_in_order)
{
    FILE *file = ground_capture();
    log_event(LOG_LEVEL_WARN, "odd_thing", "text", "a\n\"b\"", "none", NULL, "name",
              "巡り", NULL);
    char *line = ground_captured(file);
    ck_assert_ptr_eq(strchr(line, '\n'), line + strlen(line) - 1);
    json_t *object = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
    ck_assert_ptr_nonnull(object);
    ck_assert_uint_eq(json_object_size(object), 5);
    ck_assert_str_eq(json_string_value(json_object_get(object, "level")), "warn");
    ck_assert_str_eq(json_string_value(json_object_get(object, "text")), "a\n\"b\"");
    ck_assert_ptr_nonnull(
        strstr(line, "Z\",\"level\":\"warn\",\"event\":\"odd_thing\",\"text\""));
    ck_assert_int_eq(strncmp(line, "{\"time\":\"20", 11), 0);
    json_decref(object);
    free(line);
    ck_assert_int_eq(fclose(file), 0);
}
END_TEST

START_TEST(log_time_is_real_when_the_clock_is_injected)
{
    FILE *file = ground_capture();
    char *path = ground_file("1999-01-01T00:00:00Z", 20, 0600);
    ck_assert(clock_init(path));
    log_event(LOG_LEVEL_INFO, "now", NULL);
    char *line = ground_captured(file);
    ck_assert_ptr_null(strstr(line, "1999-"));
    ck_assert_ptr_nonnull(strstr(line, "\"event\":\"now\""));
    unlink(path);
    free(path);
    free(line);
    ck_assert_int_eq(fclose(file), 0);
}
END_TEST

START_TEST(lines_below_the_level_are_left_out)
{
    FILE *file = ground_capture();
    log_event(LOG_LEVEL_DEBUG, "hidden", NULL);
    log_set_level(LOG_LEVEL_ERROR);
    log_event(LOG_LEVEL_WARN, "hidden", NULL);
    log_event(LOG_LEVEL_ERROR, "shown", NULL);
    char *lines = ground_captured(file);
    ck_assert_ptr_null(strstr(lines, "hidden"));
    ck_assert_ptr_nonnull(strstr(lines, "shown"));
    free(lines);
    ck_assert_int_eq(fclose(file), 0);
}
END_TEST

START_TEST(dying_exits_with_status_one)
{
    log_die("end", "reason", "test", NULL);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("id");
    tcase_add_test(tests, an_id_is_a_version_7_uuid_of_now);
    tcase_add_test(tests, ids_of_a_thread_only_grow);
    tcase_add_test(tests, ids_grow_also_when_the_injected_clock_goes_back);
    tcase_add_test(tests, no_two_threads_make_the_same_id);
    ground_loop(tests, only_the_hyphenated_form_is_an_id, forms);
    tcase_add_test(tests, random_bytes_differ_and_all_values_come);
    tcase_add_test(tests, a_log_line_is_one_json_object_in_order);
    tcase_add_test(tests, log_time_is_real_when_the_clock_is_injected);
    tcase_add_test(tests, lines_below_the_level_are_left_out);
    tcase_add_exit_test(tests, dying_exits_with_status_one, 1);
    return ground_run(tests);
}
