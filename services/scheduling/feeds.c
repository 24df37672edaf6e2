/* Calendar feeds: who may have which, the link that is shown once, and the fetch by whoever holds it. */
#include "operations.h"

#include "api/config.h"
#include "api/id.h"
#include "api/secret.h"
#include "feeds.h"
#include "ical.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { TOKEN_BYTES = 32, REFRESH_HOURS = 6 };

static const struct config *settings; /* set once before threads start */

void feeds_init(const struct config *config)
{
    settings = config;
}

/* ---- the link ---- */

/* As the caller reached us, unless the operator says which address is ours. */
static const char *base_url(const struct request *rq)
{
    const char *host = http_header_find(rq->http, "Host");
    const char *proto = http_header_find(rq->http, "X-Forwarded-Proto");
    if (settings->public_url && *settings->public_url)
        return settings->public_url;
    bool tls = settings->tls_certificate || (proto && strcasecmp(proto, "https") == 0);
    return arena_printf(rq->arena, "%s://%s", tls ? "https" : "http", host ? host : "");
}

static bool feed_token(struct request *rq)
{
    unsigned char bytes[TOKEN_BYTES];
    id_random(bytes, sizeof bytes);
    struct text token _text_auto_ = {0};
    text_adds(&token, "mcf_");
    text_add_base64url(&token, bytes, sizeof bytes);
    const char *base = base_url(rq);
    int len = (int)strlen(base);
    while (len > 0 && base[len - 1] == '/')
        len--;
    request_set(rq, "feed_hash", secret_sha256_hex(rq->arena, token.data, token.len));
    request_set(rq, "feed_url",
                arena_printf(rq->arena, "%.*s/v1/feeds/%s.ics", len, base, token.data));
    return true;
}

/* ---- who may have which ---- */

static bool client_fits(struct request *rq, const char *target, const char *client)
{
    bool given = json_is_string(request_member(rq, "client_id"));
    bool own = rq->caller.reach == REACH_CLIENT;
    if (strcmp(target, "client") != 0)
        return !given || refuse_field(rq, "/client_id", "not_allowed_here", target);
    if (!given && !own)
        return refuse_field(rq, "/client_id", "required", NULL);
    return client || refuse_field(rq, "/client_id", "not_found_reference", NULL);
}

static bool feed_new(struct request *rq)
{
    const struct rows *rows = request_rows(rq, "judgeCalendarFeed");
    const char *target = json_string_value(request_member(rq, "target"));
    const char *client = rows_text(rows, 0, "client_id");
    bool whole = strcmp(target, "consultancy") == 0;
    if (whole && rq->caller.reach != REACH_ALL)
        return refuse(rq, PROBLEM_FORBIDDEN,
                      "A feed of the whole consultancy needs access to all clients.",
                      "コンサルティング会社全体のカレンダーを作れるのは、"
                      "すべての顧客を閲覧できる人だけです。");
    if (!client_fits(rq, target, client))
        return false;
    bool of_client = strcmp(target, "client") == 0 || rq->caller.reach == REACH_CLIENT;
    request_set(rq, "feed_client", of_client ? client : NULL);
    request_set(rq, "language_wanted", json_string_value(request_member(rq, "language")));
    request_set(rq, "member_language", rows_text(rows, 0, "locale"));
    request_set(rq, "feed_id", request_value(rq, "new_id", NULL));
    return feed_token(rq);
}

/* The link works with its member's rights, so nobody else gets to see or shape it; others may only revoke it. */
static bool feed_is_mine(struct request *rq)
{
    const char *member = rows_text(request_rows(rq, "getCalendarFeed"), 0, "member_id");
    if (strcmp(member, rq->caller.member) == 0)
        return true;
    return refuse(rq, PROBLEM_FORBIDDEN,
                  "The feed belongs to another member. It can be deleted, not changed.",
                  "ほかのメンバーのカレンダーです。変更はできませんが、"
                  "削除して無効にすることはできます。");
}

/* ---- the fetch ---- */

static bool feed_prepare(struct request *rq)
{
    const char *token = request_parameter(rq, "feed_token");
    size_t len = strcspn(token, ".");
    request_set(rq, "feed_hash", secret_sha256_hex(rq->arena, token, len));
    return true;
}

static bool feed_assume(struct request *rq)
{
    const struct rows *rows = request_rows(rq, "findFeed");
    if (rows_count(rows) == 0)
        return refuse(rq, PROBLEM_NOT_FOUND, NULL, NULL);
    request_assume(rq, rows_text(rows, 0, "consultancy_id"),
                   rows_text(rows, 0, "member_id"), REACH_NONE);
    request_set(rq, "feed_id", rows_text(rows, 0, "feed_id"));
    return true;
}

static bool feed_act(struct request *rq)
{
    const struct rows *rows = request_rows(rq, "findFeedMember");
    if (rows_count(rows) == 0)
        return refuse(rq, PROBLEM_NOT_FOUND, NULL, NULL);
    request_act_as(rq, rows_text(rows, 0, "role"), rows_text(rows, 0, "client_id"),
                   rows_text(rows, 0, "all_clients")[0] == 't');
    return true;
}

static const char *feed_name(struct request *rq, const struct rows *feed)
{
    const char *name = rows_text(feed, 0, "name"),
               *of = rows_text(feed, 0, "client_name");
    if (name)
        return name;
    if (!of)
        of = rows_text(feed, 0, "consultancy_name");
    return arena_printf(
        rq->arena,
        rq->language == LANGUAGE_JA ? "%s 審査と期限" : "%s: audits and deadlines", of);
}

/* On a worker thread: a consultancy with hundreds of clients has thousands of events. */
static bool feed_write(struct request *rq)
{
    const struct rows *feed = request_rows(rq, "openFeed");
    const struct rows *items = request_rows(rq, "loadFeed");
    bool japanese = strcmp(rows_text(feed, 0, "language"), "ja") == 0;
    rq->language = japanese ? LANGUAGE_JA : LANGUAGE_EN;
    struct feed_style style = {.japanese = japanese,
                               .names_client = rows_text(feed, 0, "client_id") == NULL};
    struct text body = {0};
    struct ical ical =
        ical_begin(&body, &(struct ical_calendar){.name = feed_name(rq, feed),
                                                  .refresh_hours = REFRESH_HOURS});
    for (int i = 0; i < rows_count(items); i++)
        feed_write_item(&ical, rq->arena, items, i, &style);
    ical_end(&ical);
    request_reply_header(rq, "Content-Disposition", "inline; filename=\"meguri.ics\"");
    request_reply_text(rq, "text/calendar; charset=utf-8", &body);
    return true;
}

const struct step feed_create_steps[] = {
    {.sql = "judgeCalendarFeed"},
    {.compute = feed_new},
    {.sql = "insertCalendarFeed"},
    {.sql = "setFeedToken"},
    {0},
};
const struct step feed_update_steps[] = {{.sql = "getCalendarFeed"},
                                         {.compute = feed_is_mine},
                                         {.sql = "updateCalendarFeed"},
                                         {0}};
const struct step feed_rotate_steps[] = {
    {.sql = "getCalendarFeed"},    {.compute = feed_is_mine}, {.compute = feed_token},
    {.sql = "rotateCalendarFeed"}, {.sql = "setFeedToken"},   {0},
};
/* Each offload step ends a transaction: the first statements run in nobody's context, the next ones in the member's, and only the last
 * one writes. */
const struct step feed_read_steps[] = {
    {.compute = feed_prepare},
    {.sql = "findFeed", .optional = true},
    {.compute = feed_assume},
    {.sql = "findFeedMember", .optional = true},
    {.compute = feed_act},
    {.sql = "openFeed"},
    {.sql = "loadFeed", .optional = true},
    {.offload = feed_write},
    {.sql = "touchFeed", .optional = true},
    {0},
};
