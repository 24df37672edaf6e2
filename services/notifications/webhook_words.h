/* The words of chat messages in both languages; each table ends with a NULL code. */
#ifndef MEGURI_NOTIFICATIONS_WEBHOOK_WORDS_H
#define MEGURI_NOTIFICATIONS_WEBHOOK_WORDS_H

struct chat_term {
    const char *code;
    const char *ja, *en;
};

extern const struct chat_term chat_entities[]; /* things: "audit" */
extern const struct chat_term
    chat_verbs[]; /* what happened; the last one is for any other */
extern const struct chat_term
    chat_kinds[]; /* whole sentences that thing and verb would not give: "webhook.test" */

#endif
