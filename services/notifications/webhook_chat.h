/* An event in the words of a chat: JSON for the incoming webhooks of Slack and of Teams. Pure. */
#ifndef MEGURI_NOTIFICATIONS_WEBHOOK_CHAT_H
#define MEGURI_NOTIFICATIONS_WEBHOOK_CHAT_H

#include "api/arena.h"

#include <stdbool.h>

struct chat_news {
    bool japanese;
    const char *kind;   /* "audit.changed" */
    const char *entity; /* "audit" */
    const char *client; /* its name; NULL = of no client */
    const char *title;  /* what the object calls itself; NULL = nothing */
    const char *day;    /* "2025-02-14" that the event is about; NULL = none */
    const char *state;  /* NULL = none */
};

/* "青葉精機：審査が変更されました（第1回サーベイランス審査）" */
const char *chat_sentence(struct arena *arena, const struct chat_news *news);
/* {"text", "blocks"}: section with the sentence; `&<>` are escaped as Slack wants, so nobody's name becomes a link or a mention. */
const char *chat_slack(struct arena *arena, const struct chat_news *news);
/* {"type": "message", "attachments": [an Adaptive Card]}. */
const char *chat_teams(struct arena *arena, const struct chat_news *news);

/* The word for an entity of the catalogue; the entity itself when there is none. */
const char *chat_word(const char *entity, bool japanese);

#endif
