/* Job send_digests: whoever's day has come gets the digest that he would read himself, because it is loaded in his own context. Settled after it was sent:
 * a crash between repeats it under the same Message-ID. */
#include "service.h"

#include "digest.h"
#include "mail_kit.h"

#include "api/log.h"

#include <string.h>

enum { DIGEST_MS = 15000, BATCH = 50 };

struct mailing {
    struct job_run *run;
    const struct rows *due;
    int row;
    const struct mail_kit *kit;
    struct smtp *smtp;
};

static const char *fact(const struct mailing *mailing, const char *name)
{
    return rows_text(mailing->due, mailing->row, name);
}

static const char *reach_of(const struct mailing *mailing)
{
    const char *role = fact(mailing, "role");
    if (fact(mailing, "client_id"))
        return "client";
    if (strcmp(role, "consultant") == 0 && fact(mailing, "all_clients")[0] != 't')
        return "assigned";
    return "all";
}

static const struct rows *load(struct mailing *mailing)
{
    struct job_run *run = mailing->run;
    struct db_context context = run->context;
    context.member = fact(mailing, "id");
    context.client = fact(mailing, "client_id");
    context.reach = reach_of(mailing);
    struct binder binder = job_values(run->arena, run, "member", context.member,
                                      "client_id", NULL, "since", NULL, NULL);
    return job_query(run, &context, "getDigest", &binder);
}

static bool write_mail(struct mailing *mailing, const struct rows *rows, struct text *out)
{
    struct arena *arena = mailing->run->arena;
    struct mail_letter letter = {
        .kind = "digest",
        .language = fact(mailing, "locale"),
        .values = digest_values(rows, fact(mailing, "locale")),
        .receiver_id = fact(mailing, "id"),
        .receiver_name = fact(mailing, "name"),
        .address = fact(mailing, "email"),
        .message_id = arena_printf(arena, "digest.%s.%s", fact(mailing, "id"),
                                   fact(mailing, "period")),
    };
    return mail_kit_write(arena, mailing->kit, &letter, out);
}

static enum smtp_outcome send_mail(struct mailing *mailing, const struct rows *rows)
{
    struct job_run *run = mailing->run;
    struct text message _text_auto_ = {0};
    const char *words = "the address is not a plain mail address";
    enum smtp_outcome outcome = SMTP_PERMANENT;
    if (!mailing->smtp)
        mailing->smtp = smtp_open(run->arena, mailing->kit->server);
    if (write_mail(mailing, rows, &message))
        outcome = smtp_send(mailing->smtp, run->arena, fact(mailing, "email"),
                            message.data, message.len, DIGEST_MS, &words);
    if (outcome != SMTP_SENT)
        log_event(LOG_LEVEL_WARN, "digest_unsent", "member", fact(mailing, "id"),
                  "message", words, NULL);
    return outcome;
}

static bool note(struct mailing *mailing, const char *statement)
{
    struct job_run *run = mailing->run;
    struct binder binder = job_values(run->arena, run, "member", fact(mailing, "id"),
                                      "period", fact(mailing, "period"), NULL);
    return job_query(run, NULL, statement, &binder);
}

/* A receiver who is refused for now holds up nobody; a server that is away does. */
static bool put_off(struct mailing *mailing)
{
    return note(mailing, "putOffDigest") &&
           strcmp(smtp_reason(mailing->smtp), "4xx") == 0;
}

/* false: the database or the mail server is away. */
static bool settle_one(struct mailing *mailing)
{
    const struct rows *rows = load(mailing);
    if (!rows || rows_count(rows) == 0)
        return false;
    bool empty = rows_text(rows, 0, "empty")[0] == 't';
    if (!empty && send_mail(mailing, rows) == SMTP_TEMPORARY)
        return put_off(mailing);
    return note(mailing, "settleDigest");
}

static bool send_digests(struct job_run *run)
{
    struct binder binder = job_values(run->arena, run, NULL);
    struct mailing mailing = {.run = run,
                              .due = job_query(run, NULL, "findDueDigests", &binder)};
    if (mailing.due && rows_count(mailing.due) > 0)
        mailing.kit = mail_kit_load(run);
    if (!mailing.kit || !mailing.kit->server->url)
        return false;
    int count = mailing.due ? rows_count(mailing.due) : 0;
    bool good = true;
    for (;
         good && mailing.row < count && !__atomic_load_n(run->stopping, __ATOMIC_ACQUIRE);
         mailing.row++)
        good = settle_one(&mailing);
    return good && count == BATCH;
}

static const char *const statements[] = {"loadMailKit",  "findDueDigests", "getDigest",
                                         "settleDigest", "putOffDigest",   NULL};
const struct job send_digests_job = {.name = "send_digests",
                                     .every_ms = 60 * 1000,
                                     .run = send_digests,
                                     .statements = statements};
