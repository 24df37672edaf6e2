/* Events as one sentence in Japanese or English, wrapped for two chats. */
#include "webhook_chat.h"

#include "webhook_words.h"

#include "api/text.h"

#include <string.h>

const char *chat_word(const char *entity, bool japanese)
{
    for (const struct chat_term *term = chat_entities; term->code; term++) {
        if (strcmp(term->code, entity) == 0)
            return japanese ? term->ja : term->en;
    }
    return entity;
}

static const struct chat_term *verb_of(const char *kind)
{
    const char *dot = strrchr(kind, '.');
    const struct chat_term *term = chat_verbs;
    while (term->code && (!dot || strcmp(term->code, dot + 1) != 0))
        term++;
    return term;
}

/* A whole sentence for kinds that need one, else "<thing><done>" / "<Thing> <done>". */
static void add_fact(struct text *out, const struct chat_news *news)
{
    for (const struct chat_term *term = chat_kinds; term->code; term++) {
        if (strcmp(term->code, news->kind) == 0) {
            text_adds(out, news->japanese ? term->ja : term->en);
            return;
        }
    }
    const struct chat_term *verb = verb_of(news->kind);
    const char *word = chat_word(news->entity, news->japanese);
    text_addf(out, news->japanese ? "%s%s" : "%s %s", word,
              news->japanese ? verb->ja : verb->en);
}

const char *chat_sentence(struct arena *arena, const struct chat_news *news)
{
    struct text out _text_auto_ = {0};
    bool japanese = news->japanese;
    if (news->client)
        text_addf(&out, japanese ? "%s：" : "%s: ", news->client);
    add_fact(&out, news);
    if (news->title)
        text_addf(&out, japanese ? "：%s" : ": %s", news->title);
    if (news->day)
        text_addf(&out, japanese ? "（%s）" : " (%s)", news->day);
    return arena_strndup(arena, out.data, out.len);
}

static const char *escape_slack(struct arena *arena, const char *sentence)
{
    struct text out _text_auto_ = {0};
    for (; *sentence; sentence++) {
        if (*sentence == '&')
            text_adds(&out, "&amp;");
        else if (*sentence == '<')
            text_adds(&out, "&lt;");
        else if (*sentence == '>')
            text_adds(&out, "&gt;");
        else
            text_addc(&out, *sentence);
    }
    return arena_strndup(arena, out.data, out.len);
}

const char *chat_slack(struct arena *arena, const struct chat_news *news)
{
    struct text out _text_auto_ = {0};
    const char *sentence = escape_slack(arena, chat_sentence(arena, news));
    text_adds(&out, "{\"text\":");
    text_add_json(&out, sentence, strlen(sentence));
    text_adds(&out, ",\"blocks\":[{\"type\":\"section\",\"text\":{\"type\":"
                    "\"plain_text\",\"emoji\":false,\"text\":");
    sentence = chat_sentence(arena, news);
    text_add_json(&out, sentence, strlen(sentence));
    text_adds(&out, "}},{\"type\":\"context\",\"elements\":[{\"type\":\"plain_text\","
                    "\"text\":");
    text_add_json(&out, news->kind, strlen(news->kind));
    text_adds(&out, "}]}]}");
    return arena_strndup(arena, out.data, out.len);
}

static void add_block(struct text *out, const char *sentence, const char *style)
{
    text_addf(out, "{\"type\":\"TextBlock\",\"wrap\":true,%s,\"text\":", style);
    text_add_json(out, sentence, strlen(sentence));
    text_addc(out, '}');
}

/* TextBlock reads a little Markdown; what could be a link or emphasis is taken apart by a backslash. */
static const char *escape_card(struct arena *arena, const char *sentence)
{
    struct text out _text_auto_ = {0};
    for (; *sentence; sentence++) {
        if (strchr("\\[]()*_`#", *sentence))
            text_addc(&out, '\\');
        text_addc(&out, *sentence);
    }
    return arena_strndup(arena, out.data, out.len);
}

const char *chat_teams(struct arena *arena, const struct chat_news *news)
{
    struct text out _text_auto_ = {0};
    const char *sentence = chat_sentence(arena, news);
    text_adds(&out, "{\"type\":\"message\",\"summary\":");
    text_add_json(&out, sentence, strlen(sentence));
    text_adds(&out, ",\"attachments\":[{\"contentType\":\"application/"
                    "vnd.microsoft.card.adaptive\",\"contentUrl\":null,\"content\":{"
                    "\"$schema\":\"http://adaptivecards.io/schemas/adaptive-card.json\","
                    "\"type\":\"AdaptiveCard\",\"version\":\"1.4\",\"body\":[");
    add_block(&out, escape_card(arena, sentence), "\"weight\":\"Bolder\"");
    text_addc(&out, ',');
    add_block(&out, escape_card(arena, news->kind),
              "\"isSubtle\":true,\"size\":\"Small\"");
    text_adds(&out, "]}}]}");
    return arena_strndup(arena, out.data, out.len);
}
