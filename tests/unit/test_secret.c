/* The secret file and what is derived from it. */
#include "api/secret.h"
#include "api/text.h"
#include "tests/unit/ground.h"

static struct arena *arena;
static const char secret[] = "0123456789abcdef0123456789abcdef";

static void init_with(const char *content, size_t len, mode_t mode)
{
    char *path = ground_file(content, len, mode);
    secret_init(path, NULL);
    unlink(path);
    free(path);
}

static void setup(void)
{
    arena = arena_new();
    init_with(secret, 32, 0640);
}

static void teardown(void)
{
    arena_destroy(arena);
}

START_TEST(sha256_of_abc_is_the_published_one)
{
    ck_assert_str_eq(secret_sha256_hex(arena, "abc", 3),
                     "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}
END_TEST

/* Computed with Python's hmac: HKDF-Extract with salt "meguri secret v1", Expand with info "cursor", HMAC. */
START_TEST(a_mac_is_hmac_under_the_hkdf_key_of_its_purpose)
{
    uint8_t mac[SECRET_HASH];
    _text_auto_ struct text encoded = {0};
    secret_mac("cursor", "abc", 3, mac);
    text_add_base64url(&encoded, mac, sizeof mac);
    ck_assert_str_eq(encoded.data, "bO43EDUwo4-MmM-SMGS6lJK_FDCn9J9wOC4Qa2tJIy4");
}
END_TEST

START_TEST(purposes_do_not_share_keys)
{
    uint8_t a[SECRET_HASH], b[SECRET_HASH];
    size_t len;
    secret_mac("cursor", "abc", 3, a);
    secret_mac("cursor2", "abc", 3, b);
    ck_assert(!secret_equal(a, b, sizeof a));
    char *sealed = secret_seal(arena, "one", "abc", 3);
    ck_assert_ptr_null(secret_open(arena, "two", sealed, &len));
}
END_TEST

START_TEST(what_was_sealed_opens_again)
{
    size_t len = 99;
    ck_assert_mem_eq(secret_open(arena, "p", secret_seal(arena, "p", "a\0b", 3), &len),
                     "a\0b", 4);
    ck_assert_uint_eq(len, 3);
    ck_assert_str_eq(secret_open(arena, "p", secret_seal(arena, "p", "", 0), &len), "");
    ck_assert_uint_eq(len, 0);
}
END_TEST

START_TEST(the_same_text_is_never_sealed_the_same_way)
{
    ck_assert_str_ne(secret_seal(arena, "p", "abc", 3),
                     secret_seal(arena, "p", "abc", 3));
}
END_TEST

START_TEST(any_changed_character_of_a_seal_is_noticed)
{
    size_t len;
    char *sealed = secret_seal(arena, "p", "content", 7);
    for (char *c = sealed; *c; c++) {
        char before = *c;
        *c = before == 'A' ? 'B' : 'A';
        ck_assert_ptr_null(secret_open(arena, "p", sealed, &len));
        *c = before;
    }
    sealed[strlen(sealed) - 4] = '\0';
    ck_assert_ptr_null(secret_open(arena, "p", sealed, &len));
    ck_assert_ptr_null(secret_open(arena, "p", "", &len));
    ck_assert_ptr_null(secret_open(arena, "p", NULL, &len));
}
END_TEST

START_TEST(another_secret_does_not_open_it)
{
    size_t len;
    char *sealed = secret_seal(arena, "p", "content", 7);
    init_with("another secret of thirty-two byte", 33, 0600);
    ck_assert_ptr_null(secret_open(arena, "p", sealed, &len));
}
END_TEST

/* NULL = refused */
static const char *const spellings[][2] = {
    {"", ""},
    {"Zg", "f"},
    {"Zm8", "fo"},
    {"Zm9v", "foo"},
    {"__79", "\xff\xfe\xfd"},
    {"Zg==", NULL},
    {"Z", NULL},
    {"Zm9vY", NULL},
    {"Zh", NULL},
    {"Zm9", NULL},
    {"//79", NULL},
    {"Zm 9v", NULL},
    {"Zm9v\n", NULL},
    {"Zm9v.", NULL},
};

START_TEST(base64url_has_one_spelling_only)
{
    size_t len = 0;
    const char *expect = spellings[_i][1];
    uint8_t *bytes = secret_base64url(arena, spellings[_i][0], &len);
    ck_assert_int_eq(bytes != NULL, expect != NULL);
    if (!bytes || !expect)
        return;
    ck_assert_uint_eq(len, strlen(expect));
    ck_assert_str_eq((const char *)bytes, expect);
}
END_TEST

START_TEST(a_short_secret_ends_the_program)
{
    init_with(secret, 31, 0600);
}
END_TEST

START_TEST(a_secret_that_everybody_can_read_ends_the_program)
{
    init_with(secret, 32, 0604);
}
END_TEST

START_TEST(a_missing_secret_ends_the_program)
{
    secret_init("/nonexistent/secret", NULL);
}
END_TEST

START_TEST(a_directory_as_secret_ends_the_program)
{
    secret_init("/proc/self/fd", NULL);
}
END_TEST

START_TEST(no_secret_ends_the_program)
{
    secret_init("", NULL);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("secret");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, sha256_of_abc_is_the_published_one);
    tcase_add_test(tests, a_mac_is_hmac_under_the_hkdf_key_of_its_purpose);
    tcase_add_test(tests, purposes_do_not_share_keys);
    tcase_add_test(tests, what_was_sealed_opens_again);
    tcase_add_test(tests, the_same_text_is_never_sealed_the_same_way);
    tcase_add_test(tests, any_changed_character_of_a_seal_is_noticed);
    tcase_add_test(tests, another_secret_does_not_open_it);
    ground_loop(tests, base64url_has_one_spelling_only, spellings);
    tcase_add_exit_test(tests, a_short_secret_ends_the_program, 1);
    tcase_add_exit_test(tests, a_secret_that_everybody_can_read_ends_the_program, 1);
    tcase_add_exit_test(tests, a_missing_secret_ends_the_program, 1);
    tcase_add_exit_test(tests, a_directory_as_secret_ends_the_program, 1);
    tcase_add_exit_test(tests, no_secret_ends_the_program, 1);
    return ground_run(tests);
}
