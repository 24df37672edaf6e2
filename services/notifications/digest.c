/* Texts of digests. */
#include "digest.h"

#include "api/text.h"

#include <stdbool.h>
#include <string.h>

static bool is_english(const struct digest_text *facts)
{
    return strcmp(facts->language, "en") == 0;
}

static int count(const struct digest_text *facts, const char *name)
{
    return (int)json_integer_value(json_object_get(facts->counts, name));
}

static const char *member(const json_t *item, const char *name)
{
    const char *text = json_string_value(json_object_get(item, name));
    return text ? text : "";
}

const char *digest_subject(struct arena *arena, const struct digest_text *facts)
{
    if (is_english(facts))
        return arena_printf(arena,
                            "[Digest] %d overdue, %d this week, %d within 30 days (%s)",
                            count(facts, "overdue"), count(facts, "this_week"),
                            count(facts, "next_30_days"), facts->on);
    return arena_printf(arena, "【期限まとめ】超過%d件・今週%d件・30日以内%d件（%s）",
                        count(facts, "overdue"), count(facts, "this_week"),
                        count(facts, "next_30_days"), facts->on);
}

static void add_deadline(struct text *out, const json_t *item, bool english)
{
    text_addf(out, english ? "- %s  %s: %s\n" : "・%s　%s：%s\n", member(item, "due_on"),
              member(item, "client_name"),
              member(item, english ? "title_en" : "title_ja"));
}

static void add_audit(struct text *out, const json_t *item, bool english)
{
    text_addf(out, english ? "- %s  %s\n" : "・%s　%s\n", member(item, "first_day"),
              member(item, "client_name"));
}

static void add_finding(struct text *out, const json_t *item, bool english)
{
    text_addf(out, english ? "- %s: %s\n" : "・%s：%s\n", member(item, "client_name"),
              member(item, "statement"));
}

static void add_part(struct text *out, const char *title, const json_t *items, int total,
                     bool english, void (*add)(struct text *, const json_t *, bool))
{
    int shown = (int)json_array_size(items);
    if (total == 0)
        return;
    text_addf(out, "\n%s (%d)\n", title, total);
    for (int i = 0; i < shown; i++)
        add(out, json_array_get(items, (size_t)i), english);
    if (shown < total)
        text_addf(out, english ? "  and %d more\n" : "　ほか%d件\n", total - shown);
}

const char *digest_body(struct arena *arena, const struct digest_text *facts)
{
    struct text out _text_auto_ = {0};
    bool english = is_english(facts);
    text_addf(&out,
              english ? "Dear %s,\n\nthis is what stands on %s.\n"
                      : "%s 様\n\n%s時点の期限と審査の予定をお知らせします。\n",
              facts->receiver_name, facts->on);
    add_part(&out, english ? "Overdue" : "■ 期限超過", facts->overdue,
             count(facts, "overdue"), english, add_deadline);
    add_part(&out, english ? "This week" : "■ 今週", facts->this_week,
             count(facts, "this_week"), english, add_deadline);
    add_part(&out, english ? "Within 30 days" : "■ 30日以内", facts->next_30_days,
             count(facts, "next_30_days"), english, add_deadline);
    add_part(&out, english ? "Agreed audits" : "■ 日程の決まった審査", facts->audits,
             count(facts, "audits"), english, add_audit);
    add_part(&out, english ? "New findings" : "■ 新しい指摘", facts->findings,
             count(facts, "findings"), english, add_finding);
    text_addf(&out,
              english
                  ? "\n-- \n%s\n%s sends this mail automatically from Meguri; you chose "
                    "when in your digest settings.\n"
                  : "\n--\n%s\nこのメールは%sがMeguriから自動送信しています。"
                    "配信時期はダイジェスト設定で変更できます。\n",
              facts->sender_name, facts->consultancy_name);
    return arena_strndup(arena, out.data, out.len);
}
