/* Statements of jobs, and where their `:name` comes from. */
#include "jobs.h"

#include "clock.h"
#include "id.h"
#include "log.h"

#include <stdarg.h>
#include <string.h>

struct job_value {
    const char *name;
    const char *text;
    struct job_value *next;
};

struct job_binding {
    const struct job_run *run;
    struct arena *arena;
    struct job_value *values;
};

static bool job_shell_value(const struct job_binding *binding, const char *name,
                            const char **ret_text)
{
    const struct job_run *run = binding->run;
    *ret_text = NULL;
    if (strcmp(name, "consultancy") == 0)
        *ret_text = run->consultancy;
    else if (strcmp(name, "now") == 0)
        *ret_text = clock_format(run->now_us, arena_alloc(binding->arena, CLOCK_TEXT));
    else if (strcmp(name, "today") == 0)
        *ret_text =
            clock_tokyo_date(run->now_us, arena_alloc(binding->arena, CLOCK_TEXT));
    else if (strcmp(name, "new_id") == 0)
        *ret_text = id_new(arena_alloc(binding->arena, ID_TEXT));
    else if (strcmp(name, "fence") == 0)
        *ret_text = arena_printf(binding->arena, "%lld", (long long)run->fence);
    else if (strcmp(name, "actor_kind") == 0)
        *ret_text = "system";
    else if (strcmp(name, "member") != 0 && strcmp(name, "request_id") != 0)
        return false;
    return true;
}

static bool job_lookup(void *arg, const char *name, const char **ret_text)
{
    const struct job_binding *binding = arg;
    for (const struct job_value *value = binding->values; value; value = value->next) {
        if (strcmp(value->name, name) == 0) {
            *ret_text = value->text;
            return true;
        }
    }
    return job_shell_value(binding, name, ret_text);
}

struct binder job_values(struct arena *arena, const struct job_run *run, ...)
{
    struct job_binding *binding = arena_alloc(arena, sizeof *binding);
    *binding = (struct job_binding){.run = run, .arena = arena};
    va_list list;
    va_start(list, run);
    for (const char *name = va_arg(list, const char *); name;
         name = va_arg(list, const char *)) {
        struct job_value *value = arena_alloc(arena, sizeof *value);
        *value =
            (struct job_value){.name = name,
                               .text = arena_strdup(arena, va_arg(list, const char *)),
                               .next = binding->values};
        binding->values = value;
    }
    va_end(list);
    return (struct binder){.lookup = job_lookup, .arg = binding};
}

const struct rows *job_query(struct job_run *run, const struct db_context *context,
                             const char *statement, const struct binder *binder)
{
    const struct rows *rows = session_once(
        run->session, context ? context : &run->context, run->arena, statement, binder);
    if (rows)
        return rows;
    log_event(LOG_LEVEL_ERROR, "job_statement_failed", "consultancy", run->consultancy,
              "statement", statement, "message", session_error(run->session)->message,
              NULL);
    return NULL;
}
