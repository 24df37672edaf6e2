/* Deadlines without a timer per connection: lists that are sorted because all their members wait equally long. */
#include "http_internal.h"

void http_due_clear(struct http_due *due)
{
    if (!due->list)
        return;
    TAILQ_REMOVE(&due->list->dues, due, link);
    due->list = NULL;
}

void http_due_set(struct http_due *due, struct http_due_list *list, int64_t now_ms)
{
    http_due_clear(due);
    due->at_ms = now_ms + list->wait_ms;
    due->list = list;
    TAILQ_INSERT_TAIL(&list->dues, due, link);
}

void http_due_sweep(struct http_due_list *list, int64_t now_ms)
{
    struct http_due *due;

    while ((due = TAILQ_FIRST(&list->dues)) && due->at_ms <= now_ms) {
        http_due_clear(due);
        list->fire(due->connection);
    }
}
