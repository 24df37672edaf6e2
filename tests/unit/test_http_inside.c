/* The edge from inside: the loop, and the gates in front of the parser. */
#include "api/http_internal.h"

#include <check.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { THREADS = 4, POSTS = 500 };

/* ---- loop ---- */

struct posts {
    struct loop *loop;
    int left;
    int last[THREADS];
    bool ordered;
};

struct post {
    struct posts *posts;
    int thread;
    int number;
};

static void on_post(void *arg)
{
    struct post *post = arg;
    struct posts *posts = post->posts;

    posts->ordered = posts->ordered && posts->last[post->thread] == post->number - 1;
    posts->last[post->thread] = post->number;
    if (--posts->left == 0)
        loop_stop(posts->loop);
    free(post);
}

static void *post_many(void *arg)
{
    struct post *first = arg;

    for (int number = 1; number <= POSTS; number++) {
        struct post *post = malloc(sizeof *post);

        *post = (struct post){first->posts, first->thread, number};
        loop_post(first->posts->loop, on_post, post);
    }
    return NULL;
}

START_TEST(what_a_thread_posts_runs_once_and_in_its_order)
{
    struct posts posts = {.loop = loop_new(3), .left = THREADS * POSTS, .ordered = true};
    struct post firsts[THREADS];
    pthread_t threads[THREADS];

    for (int i = 0; i < THREADS; i++) {
        firsts[i] = (struct post){&posts, i, 0};
        ck_assert_int_eq(pthread_create(&threads[i], NULL, post_many, &firsts[i]), 0);
    }
    loop_run(posts.loop);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    ck_assert_int_eq(posts.left, 0);
    ck_assert(posts.ordered);
    ck_assert_int_eq(loop_index(posts.loop), 3);
    loop_destroy(posts.loop);
}
END_TEST

static void add_letter(void *arg)
{
    struct text *letters = arg;

    text_addc(letters, 'b');
}

static void stop_loop(void *arg)
{
    loop_stop(arg);
}

START_TEST(a_timer_fires_once_unless_it_is_cancelled)
{
    struct loop *loop = loop_new(0);
    struct text letters = {0};
    struct loop_timer *cancelled = loop_after(loop, 1, add_letter, &letters);

    loop_after(loop, 2, add_letter, &letters);
    loop_after(loop, 30, stop_loop, loop);
    loop_cancel(cancelled);
    loop_cancel(NULL);
    loop_run(loop);
    ck_assert_uint_eq(letters.len, 1);
    text_free(&letters);
    loop_after(loop, 100000, stop_loop, loop); /* freed with the loop */
    loop_destroy(loop);
}
END_TEST

START_TEST(a_stop_before_the_run_is_not_lost)
{
    struct loop *loop = loop_new(0);

    loop_stop(loop);
    loop_run(loop);
    loop_destroy(loop);
}
END_TEST

/* ---- gates ---- */

static const char head[] = "POST /a/b?c=d HTTP/1.1\r\nHost: x\r\nA: b \t\r\n\r\nrest";

START_TEST(a_head_is_found_wherever_its_pieces_are_cut)
{
    for (size_t cut = 0; cut <= sizeof head - 1; cut++) {
        struct http_head_scan scan = {0};

        ck_assert_int_eq(http_head_scan(&scan, head, cut), REFUSAL_NONE);
        ck_assert_int_eq(scan.complete, cut >= sizeof head - 1 - 4);
        ck_assert_int_eq(http_head_scan(&scan, head, sizeof head - 1), REFUSAL_NONE);
        ck_assert(scan.complete);
        ck_assert_uint_eq(scan.at, sizeof head - 1 - 4);
        ck_assert_int_eq(scan.fields, 2);
    }
}
END_TEST

static const char chunks[] = "5\r\nhello\r\n0a;x=y\r\n0123456789\r\n0\r\n\r\nrest";

START_TEST(the_end_of_a_chunked_body_is_found_wherever_it_is_cut)
{
    for (size_t cut = 0; cut < sizeof chunks - 5; cut++) {
        struct http_chunk_scan scan = {CHUNK_SIZE, 0, 0, 0, 0};
        size_t first = 99;
        size_t second = 99;

        ck_assert_int_eq(http_chunk_scan(&scan, chunks, cut, &first), REFUSAL_NONE);
        ck_assert_uint_eq(first, cut);
        ck_assert_int_eq(
            http_chunk_scan(&scan, chunks + cut, sizeof chunks - 1 - cut, &second),
            REFUSAL_NONE);
        ck_assert_int_eq(scan.state, CHUNK_DONE);
        ck_assert_uint_eq(cut + second, sizeof chunks - 1 - 4);
    }
}
END_TEST

static const struct {
    const char *target;
    bool valid;
} targets[] = {
    {"/", true},           {"/v1/clients/1?limit=5&sort=-name", true},
    {"/%E5%B7%A1", true},  {"/a?b=%0D%0A", true},
    {"/a//b/../c", true},  {"/%F0%9F%98%80", true},
    {"", false},           {"*", false},
    {"a", false},          {"http://a/", false},
    {"//a", true},         {"/%", false},
    {"/%0", false},        {"/%00", false},
    {"/%1f", false},       {"/?%00", false},
    {"/%80", false},       {"/%C3", false},
    {"/%C3?%A9", false},   {"/%E0%80%80", false},
    {"/%ED%A0%80", false}, {"/%F5%80%80%80", false},
    {"/a#b", false},       {"/a b", false},
    {"/\x7f", false},
};

START_TEST(targets_are_origin_form_and_decode_to_utf8)
{
    const char *target = targets[_i].target;

    ck_assert_msg(http_target_valid(target, strlen(target)) == targets[_i].valid, "%s",
                  target);
}
END_TEST

static Suite *http_suite(void)
{
    Suite *suite = suite_create("http inside");
    TCase *inside = tcase_create("inside");

    tcase_add_test(inside, what_a_thread_posts_runs_once_and_in_its_order);
    tcase_add_test(inside, a_timer_fires_once_unless_it_is_cancelled);
    tcase_add_test(inside, a_stop_before_the_run_is_not_lost);
    tcase_add_test(inside, a_head_is_found_wherever_its_pieces_are_cut);
    tcase_add_test(inside, the_end_of_a_chunked_body_is_found_wherever_it_is_cut);
    tcase_add_loop_test(inside, targets_are_origin_form_and_decode_to_utf8, 0,
                        sizeof targets / sizeof targets[0]);
    suite_add_tcase(suite, inside);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(http_suite());
    int failed;

    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
