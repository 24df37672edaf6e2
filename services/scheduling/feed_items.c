/* Titles, texts and states of the events of a feed. */
#include "services/scheduling/feeds.h"

#include <stdlib.h>
#include <string.h>

struct item {
    const struct rows *rows;
    int row;
    const struct feed_style *style;
};

static const char *text_of(const struct item *item, const char *name)
{
    return rows_text(item->rows, item->row, name);
}

static bool is_true(const struct item *item, const char *name)
{
    const char *text = text_of(item, name);
    return text && text[0] == 't';
}

static bool is(const struct item *item, const char *name, const char *value)
{
    const char *text = text_of(item, name);
    return text && strcmp(text, value) == 0;
}

static struct civil day_of(const struct item *item, const char *name)
{
    struct civil day = CIVIL_NONE;
    const char *text = text_of(item, name);
    if (text)
        civil_parse(text, &day);
    return day;
}

static int64_t number_of(const struct item *item, const char *name)
{
    const char *text = text_of(item, name);
    return text ? strtoll(text, NULL, 10) : 0;
}

static const char *said(const struct item *item, const char *ja, const char *en)
{
    return item->style->japanese ? ja : en;
}

/* ---- title ---- */

static bool is_undated_audit(const struct item *item)
{
    return is(item, "type", "audit") && !is_true(item, "dated");
}

static const char *before_title(const struct item *item)
{
    if (!is_true(item, "live"))
        return said(item, "【中止】", "Cancelled: ");
    if (is_true(item, "done") && is(item, "type", "deadline"))
        return said(item, "【完了】", "Done: ");
    return "";
}

static const char *after_title(const struct item *item)
{
    bool open = is_undated_audit(item) && is_true(item, "live");
    return open ? said(item, "（日程未定）", " (date not agreed)") : "";
}

static const char *title(const struct item *item, struct arena *arena)
{
    const char *client = item->style->names_client ? text_of(item, "client_name") : NULL;
    return arena_printf(arena, "%s%s%s%s%s", before_title(item), client ? client : "",
                        client ? said(item, " ", ": ") : "", text_of(item, "title"),
                        after_title(item));
}

/* ---- description ---- */

static const struct {
    const char *hardness, *ja, *en;
} hardness_texts[] = {
    {"hard", "規格または認証制度で決まっている期限", "set by the standard or the scheme"},
    {"law", "法令で定められた期限", "set by law"},
    {"policy", "認証機関または運用で定めた期限",
     "practice of the certification body or the consultancy"},
    {"own", "自分たちで決めた期限", "agreed among yourselves"},
};

static void add_line(struct text *out, const char *name, const char *value)
{
    if (value)
        text_addf(out, "%s%s: %s", out->len ? "\n" : "", name, value);
}

static void add_window(struct text *out, const struct item *item)
{
    const char *start = text_of(item, "window_start"), *end = text_of(item, "window_end");
    if (is_undated_audit(item) && start && end)
        text_addf(out, "%s%s: %s – %s", out->len ? "\n" : "",
                  said(item, "審査できる期間", "Window"), start, end);
    if (is_undated_audit(item))
        add_line(out, said(item, "最終期限", "Last possible day"),
                 text_of(item, "hard_limit"));
}

static void add_hardness(struct text *out, const struct item *item)
{
    for (size_t i = 0; i < sizeof hardness_texts / sizeof *hardness_texts; i++) {
        if (is(item, "hardness", hardness_texts[i].hardness))
            add_line(out, said(item, "性質", "Kind"),
                     said(item, hardness_texts[i].ja, hardness_texts[i].en));
    }
    add_line(out, said(item, "規則", "Rule"), text_of(item, "rule"));
}

static void describe(struct text *out, const struct item *item)
{
    add_line(out, said(item, "組織", "Organization"), text_of(item, "client_name"));
    add_line(out, said(item, "認証機関", "Certification body"),
             text_of(item, "body_name"));
    add_window(out, item);
    add_hardness(out, item);
}

/* ---- the event ---- */

static enum ical_status status_of(const struct item *item)
{
    if (!is_true(item, "live"))
        return ICAL_CANCELLED;
    bool agreed = is(item, "status", "confirmed") || is_true(item, "done");
    return is(item, "type", "audit") && !agreed ? ICAL_TENTATIVE : ICAL_CONFIRMED;
}

static const char *const *categories_of(const struct item *item)
{
    static const struct {
        const char *type;
        const char *ja[2], *en[2];
    } table[] = {
        {"audit", {"審査", NULL}, {"Audit", NULL}},
        {"slot", {"審査", NULL}, {"Audit", NULL}},
        {"deadline", {"期限", NULL}, {"Deadline", NULL}},
        {"certificate_expiry", {"登録証", NULL}, {"Certificate", NULL}},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (is(item, "type", table[i].type))
            return item->style->japanese ? table[i].ja : table[i].en;
    }
    return NULL;
}

static void set_when(struct ical_event *event, const struct item *item)
{
    bool whole_window = is_undated_audit(item); /* one day stands for months */
    event->first_day = day_of(item, whole_window ? "day" : "first_day");
    event->last_day = day_of(item, whole_window ? "day" : "last_day");
    if (!text_of(item, "starts_us"))
        return;
    event->first_day = CIVIL_NONE;
    event->start_us = number_of(item, "starts_us");
    event->end_us = number_of(item, "ends_us");
}

static const char *uid_of(const struct item *item, struct arena *arena)
{
    bool expiry =
        is(item, "type", "certificate_expiry"); /* the row is the certification */
    return arena_printf(arena, "%s%s@meguri", text_of(item, "id"),
                        expiry ? "-expiry" : "");
}

void feed_write_item(struct ical *ical, struct arena *arena, const struct rows *rows,
                     int row, const struct feed_style *style)
{
    struct item item = {.rows = rows, .row = row, .style = style};
    struct text description _text_auto_ = {0};
    describe(&description, &item);
    bool booked = (is(&item, "type", "audit") && is_true(&item, "dated")) ||
                  is(&item, "type", "slot");
    struct ical_event event = {
        .uid = uid_of(&item, arena),
        .changed_us = number_of(&item, "changed_us"),
        .sequence = (int)number_of(&item, "sequence"),
        .status = status_of(&item),
        .transparent = !booked || !is_true(&item, "live"),
        .summary = title(&item, arena),
        .description = description.data,
        .location = text_of(&item, "location"),
        .categories = categories_of(&item),
    };
    set_when(&event, &item);
    ical_event(ical, &event);
}
