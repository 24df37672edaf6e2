/* What is more than one statement of mail.sql. */
#include "mail_operations.h"

#include "action_link.h"
#include "bounce.h"
#include "mail.h"
#include "unsubscribe_page.h"

#include "api/secret.h"

#include <stdlib.h>
#include <string.h>

/* ---- settings and server ---- */

static void check_address(struct request *rq, const char *member)
{
    const char *address = json_string_value(request_member(rq, member));
    if (address && !mail_address_valid(address))
        refuse_field(rq, arena_printf(rq->arena, "/%s", member), "bad_format", "email");
}

/* Printable ASCII without spaces and what ends an attribute or a tag. */
static bool is_plain(const char *text)
{
    for (; *text; text++) {
        if (*text <= ' ' || *text >= 0x7f || strchr("\"'<>\\^`{|}", *text))
            return false;
    }
    return true;
}

static bool settings_fit(struct request *rq)
{
    const char *logo = json_string_value(request_member(rq, "logo_url"));
    check_address(rq, "reply_to");
    if (logo && !is_plain(logo))
        refuse_field(rq, "/logo_url", "bad_format", "https://host/path");
    return rq->problem.code == PROBLEM_NONE;
}

/* A host name or an address; nothing that could end the host in a URL. */
static bool is_host(const char *host)
{
    return strspn(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                        "-.:[]") == strlen(host);
}

static bool server_fits(struct request *rq)
{
    const char *host = json_string_value(request_member(rq, "host"));
    const char *user = json_string_value(request_member(rq, "username"));
    const json_t *given = request_member(rq, "password");
    const char *password = json_string_value(given);
    check_address(rq, "from_address");
    if (!is_host(host))
        refuse_field(rq, "/host", "bad_format", "hostname");
    if (user && user[strcspn(user, "\r\n\t")])
        refuse_field(rq, "/username", "bad_format", NULL);
    if (password && !user)
        refuse_field(rq, "/username", "required_with", "password");
    if (rq->problem.code != PROBLEM_NONE)
        return false;
    request_set(rq, "keeps_password", given ? "false" : "true");
    request_set(rq, "password_sealed",
                password
                    ? secret_seal(rq->arena, "mail-server", password, strlen(password))
                    : NULL);
    return true;
}

const struct step mail_settings_set_steps[] = {
    {.compute = settings_fit},
    {.sql = "setMailSettings"},
    {0},
};
const struct step mail_server_set_steps[] = {
    {.compute = server_fits},
    {.sql = "storeMailServer"},
    {0},
};
const struct step mail_server_drop_steps[] = {
    {.sql = "dropMailServer"},
    {.sql = "getMailServer"},
    {0},
};

/* ---- bounces ---- */

static void free_json(void *json)
{
    json_decref(json);
}

/* Our Message-IDs begin with the id of the delivery. */
static const char *delivery_of(struct arena *arena, const char *message_id)
{
    return message_id ? arena_strndup(arena, message_id, strcspn(message_id, "@")) : NULL;
}

/* Words of strangers: JSON takes UTF-8 only. */
static json_t *words(const char *text)
{
    json_t *json = text ? json_string(text) : json_null();
    return json ? json : json_string("(not UTF-8)");
}

static const char *usable(const char *address)
{
    return address && mail_address_valid(address) ? address : NULL;
}

static bool bounce_take(struct request *rq)
{
    struct bounce_report *report = arena_alloc(rq->arena, sizeof *report);
    if (!bounce_read(rq->arena, rq->http->body, rq->http->body_len, report))
        return refuse(rq, PROBLEM_UNPROCESSABLE,
                      "This is no delivery status notification (multipart/report of RFC "
                      "3464 with at least one recipient).",
                      "配信状況通知（RFC 3464 の multipart/report）ではありません。");
    json_t *bounces = json_array();
    arena_defer(rq->arena, free_json, bounces);
    for (int i = 0; i < report->count; i++) {
        const struct bounce *bounce = &report->items[i];
        if (!bounce_is_permanent(bounce))
            continue;
        json_array_append_new(
            bounces,
            json_pack("{s:o, s:o, s:o, s:o, s:o}", "address",
                      words(usable(bounce->address)), "original",
                      words(usable(bounce->original)), "status", words(bounce->status),
                      "diagnostic", words(bounce->diagnostic), "delivery",
                      words(delivery_of(rq->arena, report->message_id))));
    }
    request_set_json(rq, "bounces", bounces);
    request_set_int(rq, "recipients", report->count);
    return true;
}

static bool bounce_reply(struct request *rq)
{
    const struct rows *rows = request_rows(rq, "markMailAddresses");
    json_t *marked = json_array();
    for (int i = 0; rows && i < rows_count(rows); i++)
        json_array_append_new(marked, json_string(rows_text(rows, i, "address")));
    bool found = false;
    json_t *reply = json_object();
    json_object_set_new(
        reply, "recipients",
        json_integer(strtol(request_value(rq, "recipients", &found), NULL, 10)));
    json_object_set_new(reply, "marked", marked);
    request_reply_json(rq, reply);
    return true;
}

const struct step mail_bounce_take_steps[] = {
    {.compute = bounce_take},
    {.sql = "markMailAddresses", .optional = true},
    {.compute = bounce_reply},
    {0},
};

/* ---- unsubscribing ---- */

static bool link_assume(struct request *rq)
{
    const char *consultancy = NULL, *receiver = NULL;
    if (!unsubscribe_link_open(rq->arena, request_parameter(rq, "unsubscribe_token"),
                               rq->now_us, &consultancy, &receiver))
        return refuse(rq, PROBLEM_NOT_FOUND, NULL, NULL);
    request_assume(rq, consultancy, NULL, REACH_ALL);
    request_set(rq, "receiver_id", receiver);
    return true;
}

static bool link_act(struct request *rq)
{
    const char *action = request_parameter(rq, "action");
    bool resubscribes = action && strcmp(action, "resubscribe") == 0;
    request_set(rq, "unsubscribes", resubscribes ? "false" : "true");
    request_set(rq, "address",
                rows_text(request_rows(rq, "judgeUnsubscription"), 0, "address"));
    return true;
}

const struct step unsubscribe_link_open_steps[] = {
    {.compute = link_assume},
    {.sql = "judgeUnsubscription"},
    {.compute = unsubscribe_link_show},
    {0},
};
const struct step unsubscribe_link_act_steps[] = {
    {.compute = link_assume},
    {.sql = "judgeUnsubscription"},
    {.compute = link_act},
    {.sql = "storeUnsubscription", .optional = true},
    {.sql = "dropUnsubscription", .optional = true},
    {.sql = "judgeUnsubscription"},
    {.compute = unsubscribe_link_show},
    {0},
};
