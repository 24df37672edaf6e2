/* A loop, a db and a small library of statements for the tests of the lanes. One test = one process (check forks). */
#ifndef MEGURI_TESTS_DB_HARNESS_H
#define MEGURI_TESTS_DB_HARNESS_H

#include "api/db.h"
#include "api/session.h"

#include <check.h>

struct harness {
    struct arena *arena;
    const char *conninfo; /* MEGURI_TEST_DATABASE */
    struct statement_library *library;
    struct loop *loop;
    struct db *db;
    struct session *side; /* another connection, as superuser */
};

/* What came back of one call. */
struct answer {
    struct harness *harness;
    struct arena *arena;
    int times;
    enum db_status status;
    const struct rows *rows;
    const char *sqlstate;
    struct db_transaction *transaction;
};

/* Makes the tables anew; ends the program with a message when there is no database. */
void harness_open(struct harness *harness);
void harness_close(struct harness *harness);
/* options.conninfo NULL = the harness's; waits until the lanes are ready when wait is true. */
void harness_connect(struct harness *harness, struct db_options options, bool wait);
/* write 1, read 1, slow 1, queue 1000, 2 s */
struct db_options harness_options(void);

const struct statement *harness_statement(const struct harness *harness,
                                          const char *name);
/* Values "name", "text", ... up to NULL; lives in the arena. */
struct binder harness_values(struct arena *arena, ...) __attribute__((sentinel));

struct answer harness_answer(struct harness *harness);
void harness_call(struct answer *answer, enum db_lane lane,
                  const struct db_context *context, const char *statement,
                  const char *name, const char *value);
/* The same, and waits. */
struct answer harness_ask(struct harness *harness, enum db_lane lane,
                          const char *statement, const char *name, const char *value);
void harness_begin(struct answer *answer, const struct db_context *context);
void harness_step(struct answer *answer, struct db_transaction *transaction,
                  const char *statement, const char *name, const char *value);
/* The same, and wait. */
struct db_transaction *harness_begin_now(struct harness *harness,
                                         const struct db_context *context);
struct answer harness_step_now(struct harness *harness,
                               struct db_transaction *transaction, const char *statement,
                               const char *n);
struct answer harness_commit(struct harness *harness, struct db_transaction *transaction);
struct answer harness_rollback(struct harness *harness,
                               struct db_transaction *transaction);
void harness_reply(void *answer, const struct db_reply *reply); /* db_callback */
/* Turns the loop until answer->times > 0; fails the test after 20 s. */
void harness_wait(const struct answer *answer);
void harness_turn(struct harness *harness); /* once */

/* Of the side session: the text in the first column of the first row. */
const char *harness_side(struct harness *harness, const char *sql);
int harness_run(Suite *suite);

#endif
