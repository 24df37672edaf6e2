/* Page cursors. */
#include "api/cursor.h"
#include "api/secret.h"
#include "tests/unit/ground.h"

static struct arena *arena;
static const struct cursor sample = {.key = "株式会社 A", .id = "01890a5d-ac96"};

static void setup(void)
{
    arena = arena_new();
    char *path = ground_file("0123456789abcdef0123456789abcdef", 32, 0600);
    secret_init(path, NULL);
    unlink(path);
    free(path);
}

static void teardown(void)
{
    arena_destroy(arena);
}

START_TEST(a_cursor_reads_back_in_its_scope)
{
    struct cursor back;
    ck_assert(cursor_read(arena, "s", cursor_make(arena, "s", &sample), &back));
    ck_assert_str_eq(back.key, sample.key);
    ck_assert_str_eq(back.id, sample.id);
}
END_TEST

START_TEST(missing_and_empty_values_stay_apart)
{
    struct cursor back;
    ck_assert(
        cursor_read(arena, "s", cursor_make(arena, "s", &(struct cursor){0}), &back));
    ck_assert_ptr_null(back.key);
    ck_assert_ptr_null(back.id);
    ck_assert(cursor_read(arena, "s", cursor_make(arena, "s", &(struct cursor){"", ""}),
                          &back));
    ck_assert_str_eq(back.key, "");
    ck_assert_str_eq(back.id, "");
}
END_TEST

START_TEST(a_cursor_is_worth_nothing_in_another_scope)
{
    struct cursor back;
    const char *text = cursor_make(arena, "listClients tenant-a name", &sample);
    ck_assert(!cursor_read(arena, "listClients tenant-b name", text, &back));
    ck_assert(!cursor_read(arena, "listClients tenant-a", text, &back));
    ck_assert(!cursor_read(arena, "", text, &back));
}
END_TEST

START_TEST(any_changed_character_of_a_cursor_is_noticed)
{
    struct cursor back;
    char *text = cursor_make(arena, "s", &sample);
    for (char *c = text; *c; c++) {
        char before = *c;
        *c = before == 'A' ? 'B' : 'A';
        ck_assert(!cursor_read(arena, "s", text, &back));
        *c = before;
    }
}
END_TEST

static const char *const junk[] = {"",  "A",   "AAAA", "AAAAAAAAAAAAAAAAAAAAAAAA",
                                   "=", "%00", NULL};

START_TEST(junk_is_not_a_cursor)
{
    struct cursor back = {.key = "untouched"};
    ck_assert(!cursor_read(arena, "s", junk[_i], &back));
    ck_assert_str_eq(back.key, "untouched");
}
END_TEST

START_TEST(a_huge_cursor_is_refused)
{
    struct cursor back;
    char *huge = arena_alloc(arena, 100001);
    memset(huge, 'A', 100000);
    ck_assert(!cursor_read(arena, "s", huge, &back));
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("cursor");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, a_cursor_reads_back_in_its_scope);
    tcase_add_test(tests, missing_and_empty_values_stay_apart);
    tcase_add_test(tests, a_cursor_is_worth_nothing_in_another_scope);
    tcase_add_test(tests, any_changed_character_of_a_cursor_is_noticed);
    ground_loop(tests, junk_is_not_a_cursor, junk);
    tcase_add_test(tests, a_huge_cursor_is_refused);
    return ground_run(tests);
}
