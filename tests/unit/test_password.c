/* Passwords. */
#include "api/clock.h"
#include "api/password.h"
#include "tests/unit/ground.h"

#include <ctype.h>
#include <stdint.h>

static struct arena *arena;

static void setup(void)
{
    arena = arena_new();
}

static void teardown(void)
{
    arena_destroy(arena);
}

START_TEST(the_right_password_is_taken_and_no_other)
{
    const char *hash = password_hash(arena, "巡り correct horse");
    ck_assert(password_verify(hash, "巡り correct horse"));
    ck_assert(!password_verify(hash, "巡り correct horsf"));
    ck_assert(!password_verify(hash, ""));
}
END_TEST

START_TEST(hashes_are_salted_and_name_their_cost)
{
    const char *a = password_hash(arena, "same"), *b = password_hash(arena, "same");
    ck_assert_str_ne(a, b);
    ck_assert_int_eq(strncmp(a, "$argon2id$v=19$m=19456,t=2,p=1$", 31), 0);
}
END_TEST

/* Made with the argon2 program of Debian's package argon2: printf secret | argon2 saltsalt -id -t 2 -k 19456 -p 1 -l 32 -e */
START_TEST(a_hash_made_elsewhere_is_understood)
{
    static const char encoded[] = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$"
                                  "92afOaO5HFkPDEy/FOqeoc4VhqUq2buK7DWcBjdzd7s";
    ck_assert(password_verify(encoded, "secret"));
    ck_assert(!password_verify(encoded, "Secret"));
}
END_TEST

static int64_t verify_ms(const char *encoded)
{
    int64_t best = INT64_MAX;
    for (int i = 0; i < 3; i++) {
        int64_t start = clock_real_us();
        ck_assert(!password_verify(encoded, "wrong"));
        int64_t took = clock_real_us() - start;
        best = took < best ? took : best;
    }
    return best;
}

START_TEST(an_unknown_user_costs_as_much_as_a_known_one)
{
    int64_t known = verify_ms(password_hash(arena, "right")), unknown = verify_ms(NULL);
    ck_assert_int_gt(unknown * 3, known);
    ck_assert_int_gt(known * 3, unknown);
}
END_TEST

static const char *const refused[] = {
    "",
    "right",
    "$argon2i$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$AAAAAAAAAAAAAAAAAAAAAA",
    "$argon2id$v=19$m=4194304,t=2,p=1$c2FsdHNhbHQ$AAAAAAAAAAAAAAAAAAAAAA",
    "$argon2id$v=19$m=19456,t=100000,p=1$c2FsdHNhbHQ$AAAAAAAAAAAAAAAAAAAAAA",
    "$argon2id$v=19$m=19456,t=2,p=64$c2FsdHNhbHQ$AAAAAAAAAAAAAAAAAAAAAA",
    "$argon2id$v=19$m=-1,t=2,p=1$c2FsdHNhbHQ$AAAAAAAAAAAAAAAAAAAAAA",
    "$argon2id$v=19$m=19456",
};

START_TEST(a_stored_hash_cannot_ask_for_any_cost)
{
    int64_t start = clock_monotonic_ms();
    ck_assert(!password_verify(refused[_i], "right"));
    ck_assert_int_lt(clock_monotonic_ms() - start, 5000);
}
END_TEST

START_TEST(generated_passwords_are_easy_to_type_and_never_the_same)
{
    const char *a = password_generate(arena), *b = password_generate(arena);
    ck_assert_str_ne(a, b);
    ck_assert_uint_eq(strlen(a), 23);
    for (size_t i = 0; i < 23; i++) {
        ck_assert_int_eq(a[i] == '-', i % 6 == 5);
        ck_assert(a[i] == '-' || islower((unsigned char)a[i]) ||
                  isdigit((unsigned char)a[i]));
        ck_assert_ptr_null(strchr("l1o0", a[i]));
    }
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("password");
    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, the_right_password_is_taken_and_no_other);
    tcase_add_test(tests, hashes_are_salted_and_name_their_cost);
    tcase_add_test(tests, a_hash_made_elsewhere_is_understood);
    tcase_add_test(tests, an_unknown_user_costs_as_much_as_a_known_one);
    ground_loop(tests, a_stored_hash_cannot_ask_for_any_cost, refused);
    tcase_add_test(tests, generated_passwords_are_easy_to_type_and_never_the_same);
    return ground_run(tests);
}
