/* Binds the contract's operations to statements and handlers at start. Anything that does not fit together ends the program with a sentence
 * that says what to mend: an operation without statement or handler, a statement nobody uses, a parameter no request can fill. */
#include "request_internal.h"

#include <stdlib.h>
#include <string.h>

static struct arena *boot; /* set once by steps_bind, before threads start */

static bool served(const struct app *app, const char *service)
{
    if (strcmp(service, "api") == 0)
        return true;
    for (const struct service *const *s = app->services; *s; s++) {
        if (strcmp((*s)->name, service) == 0)
            return true;
    }
    return false;
}

static bool reply_contract(struct request *rq)
{
    const struct app *app = ((struct flow *)rq)->worker->app;
    size_t len;
    const char *json = contract_text(app->contract, &len);
    struct text body = {0};
    text_add(&body, json, len);
    request_reply_text(rq, "application/json", &body);
    return true;
}

static const struct step contract_steps[] = {{.compute = reply_contract}, {0}};

/* "calculate*" serves every operation that begins so. */
static bool handles(const char *pattern, const char *operation_id)
{
    size_t len = strlen(pattern);
    if (len > 0 && pattern[len - 1] == '*')
        return strncmp(pattern, operation_id, len - 1) == 0;
    return strcmp(pattern, operation_id) == 0;
}

static const struct step *handler_steps(const struct app *app, const char *operation_id)
{
    if (strcmp(operation_id, "getContract") == 0)
        return contract_steps;
    for (const struct service *const *s = app->services; *s; s++) {
        for (const struct handler *h = (*s)->handlers; h && h->operation_id; h++) {
            if (handles(h->operation_id, operation_id))
                return h->steps;
        }
    }
    return NULL;
}

/* Marks which steps of a segment (between offloads) run in a transaction. */
static void mark_transactions(struct plan *plan)
{
    for (int first = 0; first < plan->count;) {
        int end = first, statements = 0;
        bool writes = false, judged = false;
        for (; end < plan->count && !plan->steps[end].offload; end++) {
            const struct statement *statement = plan->steps[end].statement;
            statements += statement != NULL;
            writes |= statement && statement->writes;
            judged |= !statement && writes;
        }
        for (int i = first; i < end; i++)
            plan->steps[i].in_transaction = writes && (statements > 1 || judged);
        first = end + 1;
    }
}

static bool add_step(const struct app *app, struct plan *plan, const struct step *step,
                     const char **ret_error)
{
    struct plan_step *bound = &plan->steps[plan->count++];
    *bound = (struct plan_step){
        .compute = step->compute, .offload = step->offload, .optional = step->optional};
    if (!step->sql)
        return true;
    bound->statement = statement_find(app->library, step->sql, NULL, false);
    if (bound->statement)
        return true;
    *ret_error = arena_printf(boot,
                              "operation %s: no statement or handler (statement %s is "
                              "in no services/%s/*.sql)",
                              plan->operation->id, step->sql, plan->operation->service);
    return false;
}

static bool bind_steps(const struct app *app, struct plan *plan, const char **ret_error)
{
    const struct operation *operation = plan->operation;
    const struct step own[] = {{.sql = operation->id}, {0}};
    const struct step *steps = handler_steps(app, operation->id);
    if (!steps)
        steps = own;
    int count = 0;
    while (steps[count].sql || steps[count].compute || steps[count].offload)
        count++;
    plan->steps = arena_alloc(boot, (size_t)(count + 1) * sizeof *plan->steps);
    for (int i = 0; i < count; i++) {
        if (!add_step(app, plan, &steps[i], ret_error))
            return false;
    }
    mark_transactions(plan);
    return true;
}

static const struct statement *list_statement(const struct plan *plan)
{
    for (int i = 0; i < plan->count; i++) {
        if (plan->steps[i].statement && plan->steps[i].statement->sort)
            return plan->steps[i].statement;
    }
    return NULL;
}

static bool bind_variant(const struct app *app, struct plan *plan, const char *name,
                         const char *sort, const char **ret_error)
{
    struct plan_variant *variant = &plan->variants[plan->variant_count++];
    *variant =
        (struct plan_variant){.sort = sort ? sort : "",
                              .first = statement_find(app->library, name, sort, false),
                              .next = statement_find(app->library, name, sort, true)};
    if (variant->first && variant->next)
        return true;
    *ret_error = arena_printf(boot,
                              "operation %s: sort %s is in the contract but not in "
                              "the statement's -- sort: lines",
                              plan->operation->id, sort ? sort : "(default)");
    return false;
}

static bool bind_variants(const struct app *app, struct plan *plan,
                          const char **ret_error)
{
    const struct operation *operation = plan->operation;
    const struct statement *list = operation->has_page ? list_statement(plan) : NULL;
    if (!list)
        return true;
    int count = 0;
    while (operation->sorts && operation->sorts[count])
        count++;
    plan->variants = arena_alloc(boot, (size_t)(count + 1) * sizeof *plan->variants);
    if (count == 0)
        return bind_variant(app, plan, list->name, NULL, ret_error);
    for (int i = 0; i < count; i++) {
        if (!bind_variant(app, plan, list->name, operation->sorts[i], ret_error))
            return false;
    }
    return true;
}

/* Properties of a list's rows: reply.data.items, which is a reference into components.schemas. */
static const json_t *row_properties(const json_t *document,
                                    const struct operation *operation)
{
    static const char prefix[] = "#/components/schemas/";
    const json_t *node = operation->reply ? schema_node(operation->reply) : NULL;
    const json_t *items = json_object_get(
        json_object_get(json_object_get(node, "properties"), "data"), "items");
    const char *reference = json_string_value(json_object_get(items, "$ref"));
    if (reference && strncmp(reference, prefix, sizeof prefix - 1) == 0)
        items = json_object_get(
            json_object_get(json_object_get(document, "components"), "schemas"),
            reference + sizeof prefix - 1);
    return json_object_get(items, "properties");
}

/* Reading as of a day knows the rows only by their members, so only such filters can be used there. */
static void bind_filters(const json_t *document, struct plan *plan)
{
    const struct operation *operation = plan->operation;
    if (!operation->has_page || !operation->has_as_of)
        return;
    const json_t *properties = row_properties(document, operation);
    for (int i = 0; i < operation->parameter_count && i < 64; i++) {
        if (json_object_get(properties, operation->parameters[i].name))
            plan->filters |= UINT64_C(1) << i;
    }
}

/* ---- checks ---- */

static bool body_has(const struct operation *operation, const char *name)
{
    if (!operation->body)
        return false;
    const json_t *properties =
        json_object_get(schema_node(operation->body), "properties");
    return json_object_get(properties, strncmp(name, "has_", 4) == 0 ? name + 4 : name);
}

static bool parameter_known(const struct operation *operation, const char *name)
{
    for (int i = 0; i < operation->parameter_count; i++) {
        if (strcmp(operation->parameters[i].name, name) == 0)
            return true;
    }
    return request_shell_name(name) || body_has(operation, name);
}

/* A body member must never be hidden behind a value of the shell: `:role` of a new member is not the caller's role. */
static bool check_ambiguity(const struct plan *plan, const char **ret_error)
{
    for (int i = 0; i < plan->count; i++) {
        const struct statement *statement = plan->steps[i].statement;
        for (int k = 0; statement && k < statement->parameter_count; k++) {
            const char *name = statement->parameters[k];
            if (!request_shell_name(name) || !body_has(plan->operation, name))
                continue;
            *ret_error = arena_printf(boot,
                                      "operation %s: body member %s has the name of a "
                                      "value that the shell gives to statement %s",
                                      plan->operation->id, name, statement->name);
            return false;
        }
    }
    return true;
}

/* Only where no earlier step can set values. */
static bool check_parameters(const struct plan *plan, const char **ret_error)
{
    const struct statement *statement = plan->steps[0].statement;
    if (plan->count != 1 || !statement)
        return true;
    for (int i = 0; i < statement->parameter_count; i++) {
        if (parameter_known(plan->operation, statement->parameters[i]))
            continue;
        *ret_error =
            arena_printf(boot, "statement %s: nothing in the request is called :%s",
                         statement->name, statement->parameters[i]);
        return false;
    }
    return true;
}

static bool check_idempotency(const struct plan *plan, const char **ret_error)
{
    for (int i = 0; i < plan->count && plan->operation->has_idempotency_key; i++) {
        if (!plan->steps[i].offload)
            continue;
        *ret_error = arena_printf(boot,
                                  "operation %s: Idempotency-Key needs one transaction, "
                                  "so no offload step",
                                  plan->operation->id);
        return false;
    }
    return true;
}

static bool named_in(const char *const *names, const char *name)
{
    for (; names && *names; names++) {
        if (strcmp(*names, name) == 0)
            return true;
    }
    return false;
}

static bool used_elsewhere(const struct app *app, const char *name)
{
    for (const struct service *const *s = app->services; *s; s++) {
        if (named_in((*s)->command_statements, name))
            return true;
        for (const struct job *const *job = (*s)->jobs; job && *job; job++) {
            if (named_in((*job)->statements, name))
                return true;
        }
    }
    return false;
}

static bool used_by_plan(const struct app *app, const char *name)
{
    const struct operation *const *operations = contract_operations(app->contract);
    for (int i = 0; operations[i]; i++) {
        const struct plan *plan = &app->plans[i];
        if (plan->feed.first && strcmp(plan->feed.first->name, name) == 0)
            return true;
        for (int k = 0; k < plan->count; k++) {
            const struct statement *statement = plan->steps[k].statement;
            if (statement && strcmp(statement->name, name) == 0)
                return true;
        }
    }
    return false;
}

static bool check_statements_used(const struct app *app, const char **ret_error)
{
    for (int i = 0; i < statement_count(app->library); i++) {
        const struct statement *statement = statement_at(app->library, i);
        if (strcmp(statement->service, "api") == 0 ||
            used_by_plan(app, statement->name) || used_elsewhere(app, statement->name))
            continue;
        *ret_error =
            arena_printf(boot, "statement %s: no operation, step, job or command uses it",
                         statement->name);
        return false;
    }
    return true;
}

static void bind_metrics(struct plan *plan)
{
    static const char *const classes[] = {NULL, NULL, "2xx", "3xx", "4xx", "5xx"};
    const char *id = plan->operation->id;
    plan->seconds = metric_histogram("meguri_request_seconds", "Time to answer a request",
                                     arena_printf(boot, "operation=\"%s\"", id));
    for (int i = 2; i < 6; i++)
        plan->statuses[i] = metric_counter(
            "meguri_requests_total", "Requests answered",
            arena_printf(boot, "operation=\"%s\",status=\"%s\"", id, classes[i]));
}

static bool bind_operation(struct app *app, const struct operation *operation,
                           const json_t *document, const char **ret_error)
{
    struct plan *plan = &app->plans[operation->index];
    plan->operation = operation;
    if (!bind_steps(app, plan, ret_error) || !bind_variants(app, plan, ret_error) ||
        !feed_bind(app, plan, ret_error) || !check_ambiguity(plan, ret_error) ||
        !check_parameters(plan, ret_error) || !check_idempotency(plan, ret_error))
        return false;
    bind_filters(document, plan);
    bind_metrics(plan);
    return true;
}

/* ---- what a list hangs on ---- */

static bool path_fills(const struct operation *operation,
                       const struct statement *statement)
{
    for (int i = 0; i < statement->parameter_count; i++) {
        const char *name = statement->parameters[i];
        bool filled = request_shell_name(name);
        for (int k = 0; !filled && k < operation->parameter_count; k++)
            filled = strcmp(operation->parameters[k].in, "path") == 0 &&
                     strcmp(operation->parameters[k].name, name) == 0;
        if (!filled)
            return false;
    }
    return true;
}

/* The statement that reads the object of the path above: /v1/xs/{x_id} for the list /v1/xs/{x_id}/ys. */
static const struct statement *find_parent(const struct app *app,
                                           const struct operation *list)
{
    const struct operation *const *operations = contract_operations(app->contract);
    const char *end = strrchr(list->path, '/');
    size_t len = end ? (size_t)(end - list->path) : 0;
    for (int i = 0; operations[i]; i++) {
        const struct plan *plan = &app->plans[i];
        if (!plan->operation || plan->count == 0 || operations[i]->has_page ||
            strcmp(operations[i]->method, "GET") != 0 ||
            strncmp(operations[i]->path, list->path, len) != 0 ||
            operations[i]->path[len] != '\0')
            continue;
        const struct statement *statement = plan->steps[0].statement;
        return statement && path_fills(list, statement) ? statement : NULL;
    }
    return NULL;
}

static void bind_parents(const struct app *app)
{
    const struct operation *const *operations = contract_operations(app->contract);
    for (int i = 0; operations[i]; i++) {
        if (app->plans[i].operation && operations[i]->has_page)
            app->plans[i].parent = find_parent(app, operations[i]);
    }
}

bool steps_bind(struct app *app, const char **ret_error)
{
    boot = arena_new();
    const struct operation *const *operations = contract_operations(app->contract);
    int count = 0;
    while (operations[count])
        count++;
    app->plans = arena_alloc(boot, (size_t)(count + 1) * sizeof *app->plans);
    size_t len;
    const char *text = contract_text(app->contract, &len);
    json_auto_t *document = json_loadb(text, len, 0, NULL);
    for (int i = 0; i < count; i++) {
        if (served(app, operations[i]->service) &&
            !bind_operation(app, operations[i], document, ret_error))
            return false;
    }
    bind_parents(app);
    return check_statements_used(app, ret_error);
}
