/* The guard of outgoing connections: every special network in every form, the operator's lists, the ports. */
#include "services/notifications/ssrf.h"

#include <arpa/inet.h>
#include <check.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

static const char *const inside[] = {"0.0.0.0",
                                     "0.1.2.3",
                                     "10.0.0.1",
                                     "10.255.255.255",
                                     "100.64.0.1",
                                     "100.127.255.255",
                                     "127.0.0.1",
                                     "127.255.0.1",
                                     "169.254.169.254",
                                     "169.254.0.1",
                                     "172.16.0.1",
                                     "172.31.255.255",
                                     "192.0.0.8",
                                     "192.0.2.1",
                                     "192.168.0.1",
                                     "192.168.255.255",
                                     "198.18.0.1",
                                     "198.19.255.255",
                                     "198.51.100.1",
                                     "203.0.113.9",
                                     "224.0.0.1",
                                     "239.255.255.255",
                                     "240.0.0.1",
                                     "255.255.255.255",
                                     "192.88.99.1",
                                     "::",
                                     "::1",
                                     "::ffff:127.0.0.1",
                                     "::ffff:10.0.0.1",
                                     "::ffff:169.254.169.254",
                                     "::127.0.0.1",
                                     "::10.0.0.1",
                                     "::8.8.8.8",
                                     "64:ff9b::a00:1",
                                     "64:ff9b::808:808",
                                     "64:ff9b:1::a00:1",
                                     "100::1",
                                     "2001::1",
                                     "2001:0:4136:e378:8000:63bf:3fff:fdd2",
                                     "2001:db8::1",
                                     "2001:2::1",
                                     "2001:20::1",
                                     "2002:a00:1::",
                                     "2002:7f00:1::1",
                                     "2002:808:808::",
                                     "3fff::1",
                                     "3ffe::1",
                                     "fc00::1",
                                     "fd00:ec2::254",
                                     "fdff:ffff::1",
                                     "fe80::1",
                                     "febf::1",
                                     "fec0::1",
                                     "ff02::1",
                                     "ff0e::1",
                                     "5f00::1",
                                     "4000::1",
                                     "2606:4700::5efe:a00:1",
                                     "2606:4700::200:5efe:a00:1"};
static const char *const outside[] = {"1.1.1.1",           "8.8.8.8",
                                      "9.255.255.255",     "11.0.0.0",
                                      "100.63.255.255",    "100.128.0.0",
                                      "126.255.255.255",   "128.0.0.1",
                                      "169.253.255.255",   "169.255.0.0",
                                      "172.15.255.255",    "172.32.0.0",
                                      "192.167.255.255",   "192.169.0.0",
                                      "198.17.255.255",    "198.20.0.0",
                                      "223.255.255.255",   "2606:4700:4700::1111",
                                      "2a00:1450:4001::1", "2404:6800::1",
                                      "::ffff:8.8.8.8",    "2001:4860:4860::8888"};

/* Made once in a program's life: nothing frees it. */
static const struct ssrf_policy *policy;

START_TEST(nothing_inside_is_reached)
{
    policy = ssrf_policy_new(NULL, NULL);
    ck_assert_msg(!ssrf_text_allowed(policy, inside[_i], 443), "%s", inside[_i]);
}
END_TEST

START_TEST(what_is_public_is_reached_on_open_ports_only)
{
    policy = ssrf_policy_new(NULL, "443,8443");
    ck_assert_msg(ssrf_text_allowed(policy, outside[_i], 443), "%s", outside[_i]);
    ck_assert(ssrf_text_allowed(policy, outside[_i], 8443));
    ck_assert(!ssrf_text_allowed(policy, outside[_i], 80));
    ck_assert(!ssrf_text_allowed(policy, outside[_i], 22));
}
END_TEST

START_TEST(the_operators_networks_are_reached_on_every_port)
{
    policy = ssrf_policy_new("127.0.0.1/32, 10.1.0.0/16,fd00:1::/64", "443");
    ck_assert(ssrf_text_allowed(policy, "127.0.0.1", 9));
    ck_assert(ssrf_text_allowed(policy, "::ffff:127.0.0.1", 9));
    ck_assert(!ssrf_text_allowed(policy, "127.0.0.2", 9));
    ck_assert(ssrf_text_allowed(policy, "10.1.255.255", 8080));
    ck_assert(!ssrf_text_allowed(policy, "10.2.0.0", 443));
    ck_assert(ssrf_text_allowed(policy, "fd00:1::5", 1));
    ck_assert(!ssrf_text_allowed(policy, "fd00:1:0:1::5", 443));
}
END_TEST

START_TEST(a_socket_address_is_judged_as_its_text_is)
{
    policy = ssrf_policy_new(NULL, NULL);
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(443)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(443)};
    inet_pton(AF_INET, "8.8.8.8", &v4.sin_addr);
    ck_assert(ssrf_address_allowed(policy, (struct sockaddr *)&v4, sizeof v4));
    inet_pton(AF_INET, "169.254.169.254", &v4.sin_addr);
    ck_assert(!ssrf_address_allowed(policy, (struct sockaddr *)&v4, sizeof v4));
    inet_pton(AF_INET6, "2606:4700:4700::1111", &v6.sin6_addr);
    ck_assert(ssrf_address_allowed(policy, (struct sockaddr *)&v6, sizeof v6));
    inet_pton(AF_INET6, "::ffff:10.0.0.1", &v6.sin6_addr);
    ck_assert(!ssrf_address_allowed(policy, (struct sockaddr *)&v6, sizeof v6));
    struct sockaddr_un local = {.sun_family = AF_UNIX};
    ck_assert(!ssrf_address_allowed(policy, (struct sockaddr *)&local, sizeof local));
    ck_assert(!ssrf_address_allowed(policy, (struct sockaddr *)&v6, sizeof v4));
}
END_TEST

START_TEST(malformed_lists_are_refused)
{
    static const char *const lists[] = {"10.0.0.0/33", "10.0.0/8",   "::/129",     "x",
                                        "10.0.0.0/",   "1.2.3.4/-1", "10.0.0.0/8x"};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        ck_assert_msg(!ssrf_policy_new(lists[i], NULL), "%s", lists[i]);
    static const char *const ports[] = {"0", "65536", "http", "80;443", "-1"};
    for (size_t i = 0; i < sizeof ports / sizeof *ports; i++)
        ck_assert_msg(!ssrf_policy_new(NULL, ports[i]), "%s", ports[i]);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ssrf");
    TCase *tests = tcase_create("all");
    tcase_add_loop_test(tests, nothing_inside_is_reached, 0,
                        (int)(sizeof inside / sizeof *inside));
    tcase_add_loop_test(tests, what_is_public_is_reached_on_open_ports_only, 0,
                        (int)(sizeof outside / sizeof *outside));
    tcase_add_test(tests, the_operators_networks_are_reached_on_every_port);
    tcase_add_test(tests, a_socket_address_is_judged_as_its_text_is);
    tcase_add_test(tests, malformed_lists_are_refused);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
