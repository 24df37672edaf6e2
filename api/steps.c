/* Runs an operation's steps. Between two offload steps the sql and compute steps share one transaction when more than one statement or a
 * later refusal is involved; a lone statement travels in the pipeline. */
#include "request_internal.h"

#include "clock.h"
#include "log.h"

#include <string.h>

/* ---- running ---- */

static void run_sql(struct flow *flow);

void steps_fail(struct flow *flow)
{
    if (flow->transaction) {
        struct db_transaction *transaction = flow->transaction;
        flow->transaction = NULL;
        db_rollback(transaction, NULL, NULL);
    }
    reply_problem(flow);
}

static void committed(void *arg, const struct db_reply *reply)
{
    struct flow *flow = arg;
    flow->transaction = NULL;
    if (reply->status != DB_OK) {
        flow->header_count = 0; /* the reply that was built is not sent */
        sqlstate_refuse(flow, reply);
        reply_problem(flow);
        return;
    }
    reply_send(flow);
}

static bool writes(const struct plan *plan)
{
    for (int i = 0; i < plan->count; i++) {
        if (plan->steps[i].statement && plan->steps[i].statement->writes)
            return true;
    }
    return false;
}

static void finish(struct flow *flow)
{
    struct jobs *jobs = writes(flow->plan) ? flow->worker->app->jobs : NULL;
    reply_build(flow);
    if (flow->claimed)
        idempotency_store(flow);
    else if (flow->transaction)
        db_commit(flow->transaction, committed, flow);
    else
        reply_send(flow);
    if (jobs)
        jobs_wake(jobs);
}

static void offload_work(void *arg)
{
    struct flow *flow = arg;
    flow->plan->steps[flow->step].offload(&flow->rq);
}

static void offload_done(void *arg)
{
    struct flow *flow = arg;
    flow->step++;
    if (flow->rq.problem.code != PROBLEM_NONE)
        steps_fail(flow);
    else
        steps_next(flow);
}

static void run_offload(struct flow *flow)
{
    struct worker *worker = flow->worker;
    if (offload_run(worker->app->pool, worker->loop, offload_work, offload_done, flow))
        return;
    refuse(&flow->rq, PROBLEM_UNAVAILABLE, NULL, NULL);
    flow->rq.problem.retry_after_s = 1;
    steps_fail(flow);
}

static void committed_before_offload(void *arg, const struct db_reply *reply)
{
    struct flow *flow = arg;
    flow->transaction = NULL;
    if (reply->status == DB_OK) {
        run_offload(flow);
        return;
    }
    sqlstate_refuse(flow, reply);
    reply_problem(flow);
}

void steps_next(struct flow *flow)
{
    while (flow->step < flow->plan->count) {
        const struct plan_step *step = &flow->plan->steps[flow->step];
        if (step->compute) {
            flow->step++;
            if (!step->compute(&flow->rq)) {
                steps_fail(flow);
                return;
            }
        } else if (step->offload) {
            if (flow->transaction)
                db_commit(flow->transaction, committed_before_offload, flow);
            else
                run_offload(flow);
            return;
        } else {
            run_sql(flow);
            return;
        }
    }
    finish(flow);
}

/* ---- no row: is it missing, or only of another version? ---- */

static void compared(void *arg, const struct db_reply *reply)
{
    struct flow *flow = arg;
    if (reply->status != DB_OK) {
        sqlstate_refuse(flow, reply);
    } else if (rows_count(reply->rows) == 0) {
        refuse(&flow->rq, PROBLEM_NOT_FOUND, NULL, NULL);
    } else {
        const char *version = rows_text(reply->rows, 0, "version");
        reply_header(flow, "ETag", arena_printf(flow->rq.arena, "\"v%s\"", version));
        refuse(&flow->rq, PROBLEM_PRECONDITION_FAILED, NULL, NULL);
    }
    steps_fail(flow);
}

/* Only where the reading is one statement; operations with more steps judge the version themselves. */
static const struct statement *get_statement(const struct flow *flow)
{
    const struct operation *get = flow->rq.operation->get;
    const struct plan *plan = get ? &flow->worker->app->plans[get->index] : NULL;
    return plan && plan->operation && plan->count == 1 ? plan->steps[0].statement : NULL;
}

static void query_aside(struct flow *flow, const struct statement *statement,
                        db_callback *callback)
{
    struct binder binder = flow_binder(flow);
    struct db_context context = flow_context(flow);
    if (flow->transaction)
        db_transaction_call(flow->transaction, statement, &binder, callback, flow);
    else
        db_call(flow->worker->db, DB_READ, &context, statement, &binder, flow->rq.arena,
                callback, flow);
}

static void no_row(struct flow *flow, const struct plan_step *step)
{
    const struct statement *get = get_statement(flow);
    if (flow->if_match && step->statement->writes && get) {
        query_aside(flow, get, compared);
        return;
    }
    refuse(&flow->rq, PROBLEM_NOT_FOUND, NULL, NULL);
    steps_fail(flow);
}

/* An empty list below something that is not there is a 404, not an empty page. */
static void parent_checked(void *arg, const struct db_reply *reply)
{
    struct flow *flow = arg;
    if (reply->status != DB_OK)
        sqlstate_refuse(flow, reply);
    else if (rows_count(reply->rows) == 0)
        refuse(&flow->rq, PROBLEM_NOT_FOUND, NULL, NULL);
    if (flow->rq.problem.code != PROBLEM_NONE) {
        steps_fail(flow);
        return;
    }
    flow->step++;
    steps_next(flow);
}

static bool below_client(const struct flow *flow)
{
    for (int i = 0; i < flow->rq.path.count; i++) {
        if (strcmp(flow->rq.path.names[i], "client_id") == 0)
            return true;
    }
    return false;
}

static const struct statement *parent_of(const struct flow *flow)
{
    if (flow->plan->parent)
        return flow->plan->parent;
    return below_client(flow) ? flow->worker->app->find_client : NULL;
}

/* ---- a reference to nothing: are there more? ---- */

static void others_found(void *arg, const struct db_reply *reply)
{
    struct flow *flow = arg;
    if (reply->status == DB_OK)
        sqlstate_add_unknown(flow, reply->rows);
    else
        log_event(LOG_LEVEL_WARN, "references_not_looked_for", "operation",
                  flow->rq.operation->id, "message", reply->message, NULL);
    reply_problem(flow);
}

static void refused(struct flow *flow, const struct db_reply *reply)
{
    struct db_transaction *transaction = flow->transaction;
    sqlstate_refuse(flow, reply);
    if (!sqlstate_may_hide_others(flow, reply)) {
        steps_fail(flow);
        return;
    }
    flow->transaction = NULL;
    if (transaction)
        db_rollback(transaction, NULL, NULL);
    query_aside(flow, flow->worker->app->find_unknown_references, others_found);
}

/* ---- one sql step ---- */

static void sql_done(void *arg, const struct db_reply *reply)
{
    struct flow *flow = arg;
    const struct plan_step *step = &flow->plan->steps[flow->step];
    if (reply->status != DB_OK) {
        refused(flow, reply);
        return;
    }
    flow_keep(flow, step->statement->name, reply->rows);
    bool empty = rows_count(reply->rows) == 0;
    bool list = flow->rq.operation->has_page && step->statement->sort;
    if (empty && list && parent_of(flow) && !flow->as_of && !flow->has_cursor) {
        query_aside(flow, parent_of(flow), parent_checked);
        return;
    }
    if (empty && !list && !flow->rq.operation->has_page && !step->optional) {
        no_row(flow, step);
        return;
    }
    /* Reading as of an instant is one statement, whatever steps read the present. */
    flow->step = flow->as_of ? flow->plan->count : flow->step + 1;
    steps_next(flow);
}

/* The list variant for sort and page, or the as-of reading of a resource. */
static const struct statement *statement_of(struct flow *flow,
                                            const struct plan_step *step)
{
    const struct app *app = flow->worker->app;
    const struct plan *plan = flow->plan;
    if (flow->as_of && flow->step == 0) {
        const struct request *rq = &flow->rq;
        request_set(&flow->rq, "entity_id",
                    rq->path.count ? rq->path.values[rq->path.count - 1]
                                   : rq->caller.consultancy);
        request_set(&flow->rq, "client_id", request_parameter(rq, "client_id"));
        return rq->operation->has_page ? app->list_as_of : app->read_as_of;
    }
    for (int i = 0; i < plan->variant_count && step->statement->sort; i++) {
        if (!flow->sort || strcmp(plan->variants[i].sort, flow->sort) == 0)
            return flow->has_cursor ? plan->variants[i].next : plan->variants[i].first;
    }
    return step->statement;
}

static enum db_lane lane_of(const struct flow *flow, const struct statement *statement)
{
    if (statement->writes)
        return DB_WRITE;
    return strcmp(flow->rq.operation->lane, "slow") == 0 ? DB_SLOW : DB_READ;
}

static void began(void *arg, struct db_transaction *transaction,
                  const struct db_reply *reply)
{
    struct flow *flow = arg;
    if (reply->status != DB_OK) {
        sqlstate_refuse(flow, reply);
        reply_problem(flow);
        return;
    }
    flow->transaction = transaction;
    if (flow->idempotency_key && !flow->claimed)
        idempotency_begin(flow);
    else
        run_sql(flow);
}

static void begin(struct flow *flow)
{
    struct db_context context = flow_context(flow);
    db_begin(flow->worker->db, &context, flow->rq.arena, began, flow);
}

static void run_sql(struct flow *flow)
{
    const struct plan_step *step = &flow->plan->steps[flow->step];
    if (step->in_transaction && !flow->transaction) {
        begin(flow);
        return;
    }
    const struct statement *statement = statement_of(flow, step);
    struct binder binder = flow_binder(flow);
    struct db_context context = flow_context(flow);
    if (flow->transaction)
        db_transaction_call(flow->transaction, statement, &binder, sql_done, flow);
    else
        db_call(flow->worker->db, lane_of(flow, statement), &context, statement, &binder,
                flow->rq.arena, sql_done, flow);
}

void steps_start(struct flow *flow)
{
    if (flow->idempotency_key)
        begin(flow);
    else
        steps_next(flow);
}

const struct schema *request_body_schema(const struct request *rq,
                                         const char *operation_id)
{
    const struct flow *flow = (const struct flow *)rq;
    const struct operation *operation =
        contract_find(flow->worker->app->contract, operation_id);
    return operation ? operation->body : NULL;
}
