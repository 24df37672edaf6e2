/* Life of a connection: connect, set the session up, serve, get lost, wait a little longer each time, connect again. */
#include "db_internal.h"
#include "clock.h"
#include "id.h"
#include "log.h"

#include <string.h>

enum { CONNECT_MS = 10000, RETRY_FIRST_MS = 50, RETRY_LAST_MS = 5000 };

static void on_poll(evutil_socket_t fd, short what, void *arg);

static void drop_event(struct event **event)
{
    if (*event != NULL)
        event_free(*event);
    *event = NULL;
}

static void drop_timer(struct loop_timer **timer)
{
    loop_cancel(*timer);
    *timer = NULL;
}

/* Events go before libpq closes the descriptor that they watch. */
static void close_link(struct connection *connection)
{
    drop_event(&connection->poll);
    drop_event(&connection->read);
    drop_event(&connection->write);
    drop_timer(&connection->deadline);
    PQfinish(connection->pg);
    connection->pg = NULL;
    connection->state = LINK_DOWN;
    connection->broken = connection->retiring = false;
    if (connection->owner != NULL)
        connection->owner->connection = NULL;
    connection->owner = NULL;
}

static void on_retry(void *arg)
{
    struct connection *connection = arg;
    connection->retry = NULL;
    link_connect(connection);
}

/* Between half of the pause and all of it, so that copies of a program do not come back in one wave. */
static int64_t retry_pause(int failures)
{
    uint16_t dice;
    int64_t pause = RETRY_FIRST_MS;
    for (int i = 1; i < failures && pause < RETRY_LAST_MS; i++)
        pause *= 2;
    if (pause > RETRY_LAST_MS)
        pause = RETRY_LAST_MS;
    id_random(&dice, sizeof(dice));
    return pause / 2 + pause * dice / 2 / UINT16_MAX;
}

static void complain(struct connection *connection, const char *message)
{
    struct db *db = connection->lane->db;
    if (db->complained || db->closing)
        return;
    db->complained = true;
    log_event(LOG_LEVEL_WARN, "database_lost", "reason", message, NULL);
}

void link_lost(struct connection *connection, const char *message)
{
    struct work *work = connection->head;
    struct arena *arena = connection->arena;
    struct loop *loop = connection->lane->db->loop;
    complain(connection, message);
    close_link(connection);
    connection->head = NULL;
    connection->tail = &connection->head;
    connection->in_flight = 0;
    connection->arena = NULL;
    connection->failures++;
    connection->retry =
        loop_after(loop, retry_pause(connection->failures), on_retry, connection);
    while (work != NULL) {
        struct work *next = work->next; /* the callback may end work's arena */
        work_lost(work, "connection lost");
        work_deliver(work);
        work = next;
    }
    arena_destroy(arena);
}

void link_close(struct connection *connection)
{
    drop_timer(&connection->retry);
    link_lost(connection, "closed");
    drop_timer(&connection->retry);
}

void link_break(struct connection *connection)
{
    connection->broken = true;
    event_active(connection->read, EV_READ, 0);
}

static const char *link_message(struct connection *connection)
{
    return db_message(connection->arena, connection->pg);
}

/* After the last answer of a retiring connection. Not a failure: no pause. */
static void retire(struct connection *connection)
{
    close_link(connection);
    arena_destroy(connection->arena);
    connection->arena = NULL;
    link_connect(connection);
}

/* Once libpq has met the end, what it has half parsed is not to be trusted: those calls are lost, whatever arrived. Answers before the end
 * were read in an earlier turn. */
static void on_readable(evutil_socket_t fd, short what, void *arg)
{
    struct connection *connection = arg;
    (void)fd;
    (void)what;
    bool good = !connection->broken && PQconsumeInput(connection->pg) &&
                pipe_receive(connection) && !connection->broken && pipe_flush(connection);
    if (!good || PQstatus(connection->pg) != CONNECTION_OK)
        link_lost(connection, link_message(connection));
    else if (connection->retiring && connection->head == NULL &&
             connection->owner == NULL)
        retire(connection);
    lane_dispatch(connection->lane);
}

/* libpq reads while it waits to write: a big batch would dead-lock otherwise. */
static void on_writable(evutil_socket_t fd, short what, void *arg)
{
    struct connection *connection = arg;
    (void)fd;
    (void)what;
    if (!connection->broken && !pipe_flush(connection))
        link_break(connection);
}

static void became_ready(struct connection *connection)
{
    struct db *db = connection->lane->db;
    drop_timer(&connection->deadline);
    connection->state = LINK_READY;
    connection->failures = 0;
    if (db->complained)
        log_event(LOG_LEVEL_INFO, "database_back", NULL);
    db->complained = false;
}

static void on_setup(void *arg, const struct db_reply *reply)
{
    struct connection *connection = arg;
    if (reply->status == DB_OK) {
        became_ready(connection);
        return;
    }
    if (reply->status == DB_LOST)
        return; /* link_lost is at work already */
    log_event(LOG_LEVEL_ERROR, "session_refused", "reason", reply->message, NULL);
    link_break(connection);
}

static void set_up(struct connection *connection)
{
    struct event_base *base = loop_base(connection->lane->db->loop);
    int fd = PQsocket(connection->pg);
    connection->state = LINK_SETUP;
    connection->read = event_new(base, fd, EV_READ | EV_PERSIST, on_readable, connection);
    connection->write = event_new(base, fd, EV_WRITE, on_writable, connection);
    size_t statements = (size_t)statement_count(connection->lane->db->library);
    connection->prepared = arena_alloc(connection->arena, statements * sizeof(bool));
    connection->setup = work_new(connection->arena, WORK_SETUP, on_setup, connection);
    event_add(connection->read, NULL);
    if (PQsetnonblocking(connection->pg, 1) != 0 ||
        !PQenterPipelineMode(connection->pg) ||
        !pipe_send_setup(connection, connection->setup))
        link_break(connection);
}

/* The descriptor may be another one after each step (next address, TLS or not): one event per step. */
static void wait_for(struct connection *connection, short what)
{
    struct event_base *base = loop_base(connection->lane->db->loop);
    connection->poll =
        event_new(base, PQsocket(connection->pg), what, on_poll, connection);
    event_add(connection->poll, NULL);
}

static void on_poll(evutil_socket_t fd, short what, void *arg)
{
    struct connection *connection = arg;
    (void)fd;
    (void)what;
    drop_event(&connection->poll);
    switch (PQconnectPoll(connection->pg)) {
    case PGRES_POLLING_READING:
        wait_for(connection, EV_READ);
        break;
    case PGRES_POLLING_WRITING:
        wait_for(connection, EV_WRITE);
        break;
    case PGRES_POLLING_OK:
        set_up(connection);
        break;
    default:
        link_lost(connection, link_message(connection));
        break;
    }
}

static void on_deadline(void *arg)
{
    struct connection *connection = arg;
    connection->deadline = NULL;
    link_lost(connection, "no answer while connecting");
}

/* Our statements raise nothing that a caller should see; without this libpq writes to standard error. */
static void ignore_notice(void *arg, const char *message)
{
    (void)arg;
    (void)message;
}

/* PQconnectStart resolves names in the calling thread: a conninfo with a socket or an address never waits. */
void link_connect(struct connection *connection)
{
    struct db *db = connection->lane->db;
    struct db_parameters parameters = db_parameters_of(db->conninfo, "meguri");
    connection->arena = arena_new();
    connection->state = LINK_CONNECTING;
    connection->pg = PQconnectStartParams(parameters.keywords, parameters.values, 1);
    if (connection->pg == NULL || PQstatus(connection->pg) == CONNECTION_BAD) {
        link_lost(connection, link_message(connection));
        return;
    }
    PQsetNoticeProcessor(connection->pg, ignore_notice, NULL);
    connection->deadline = loop_after(db->loop, CONNECT_MS, on_deadline, connection);
    wait_for(connection, EV_WRITE);
}

void link_connect_after(struct connection *connection, int64_t ms)
{
    if (ms == 0)
        link_connect(connection);
    else
        connection->retry =
            loop_after(connection->lane->db->loop, ms, on_retry, connection);
}
