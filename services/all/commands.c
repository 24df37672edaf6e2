/* meguri migrate | admin create-consultancy | admin rotate-keys | admin run-jobs; operator_commands.c has the others. They talk to the database with MEGURI_MIGRATE_DATABASE. */
#include "commands.h"

#include "operator_commands.h"

#include "api/clock.h"
#include "api/id.h"
#include "api/keys.h"
#include "api/migrate.h"
#include "api/password.h"
#include "api/secret.h"
#include "api/session.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEY_DELAY_S = 15, PASSWORD_MIN = 12 };

struct command_context {
    const struct config *config;
    const struct service *const *services;
    struct arena *arena;
    int argc;
    char **argv;
};

void command_usage(void)
{
    puts(
        "Commands:\n"
        "  meguri                          serve all four services until SIGTERM\n"
        "  meguri migrate                  bring the database to this version\n"
        "  meguri admin create-consultancy --name N --email E --owner-name W [--locale "
        "ja|en]\n"
        "                                  [--time-zone Asia/Tokyo] [--password-file F]\n"
        "                                  make a tenant and its first owner; prints "
        "JSON with\n"
        "                                  a one-time password\n"
        "  meguri admin rotate-keys        a new signing key, used from 15 s on; the old "
        "one\n"
        "                                  verifies for a day longer\n"
        "  meguri admin run-jobs [--each-line]\n"
        "                                  run every job until nothing is due; again for "
        "each\n"
        "                                  line of standard input\n"
        "  meguri settings                 the settings as Markdown rows");
    (void)fputs(operator_usage, stdout);
    putchar('\n');
}

static const char *option(const struct command_context *context, const char *name)
{
    for (int i = 0; i + 1 < context->argc; i++) {
        if (strcmp(context->argv[i], name) == 0)
            return context->argv[i + 1];
    }
    return NULL;
}

static int fail(const char *what, const char *why)
{
    (void)fprintf(stderr, "meguri: %s: %s\n", what, why ? why : "unknown reason");
    return 1;
}

/* Everything the commands need of the boot. */
static struct session *connect_database(struct command_context *context,
                                        const char **ret_error)
{
    const struct config *config = context->config;
    clock_init(config->clock_file && *config->clock_file ? config->clock_file : NULL);
    secret_init(config->secret_file, config->secret_file_previous);
    return session_open(context->arena, config->migrate_database, NULL, ret_error);
}

static const char *known_options[] = {"--name",   "--email",     "--owner-name",
                                      "--locale", "--time-zone", "--password-file",
                                      NULL};

static bool options_known(const struct command_context *context)
{
    for (int i = 0; i < context->argc; i += 2) {
        bool known = false;
        for (const char **name = known_options; *name; name++)
            known |= strcmp(context->argv[i], *name) == 0;
        if (!known || i + 1 >= context->argc) {
            (void)fprintf(stderr, "meguri: unknown or incomplete option %s\n",
                          context->argv[i]);
            return false;
        }
    }
    return true;
}

enum { PASSWORD_FILE_MAX = 1024 };

/* The password from a file (first line), or a fresh one. NULL after saying why. */
static const char *owner_password(struct command_context *context)
{
    const char *path = option(context, "--password-file");
    if (!path)
        return password_generate(context->arena);
    FILE *file = fopen(path, "r");
    char *line = arena_alloc(context->arena, PASSWORD_FILE_MAX);
    bool read = file && fgets(line, PASSWORD_FILE_MAX, file);
    if (file)
        (void)fclose(file);
    line[strcspn(line, "\r\n")] = '\0';
    if (read && strlen(line) >= PASSWORD_MIN)
        return line;
    fail("password file", "needs one line of at least 12 characters");
    return NULL;
}

struct founding {
    const char *consultancy, *member, *email, *password;
};

static bool found_consultancy(struct command_context *context, struct session *session,
                              struct founding *made)
{
    struct arena *arena = context->arena;
    const char *locale = option(context, "--locale"),
               *zone = option(context, "--time-zone");
    made->consultancy = id_new(arena_alloc(arena, ID_TEXT));
    made->member = id_new(arena_alloc(arena, ID_TEXT));
    const char *values[] = {made->consultancy,
                            option(context, "--name"),
                            locale ? locale : "ja",
                            zone ? zone : "Asia/Tokyo",
                            made->member,
                            made->email,
                            option(context, "--owner-name"),
                            password_hash(arena, made->password),
                            id_new(arena_alloc(arena, ID_TEXT)),
                            clock_format(clock_now_us(), arena_alloc(arena, CLOCK_TEXT))};
    return session_exec(
        session, arena,
        "select auth.create_consultancy($1::uuid, $2, $3, $4, $5::uuid, $6, $7, "
        "$8, $9::uuid, $10::timestamptz) is null",
        10, values);
}

static void print_founding(const struct founding *made)
{
    json_t *out = json_pack("{s:s, s:s, s:s, s:s}", "consultancy_id", made->consultancy,
                            "member_id", made->member, "email", made->email, "password",
                            made->password);
    json_dumpf(out, stdout, JSON_COMPACT);
    putchar('\n');
    json_decref(out);
}

static int create_consultancy(struct command_context *context)
{
    struct founding made = {.email = option(context, "--email")};
    if (!options_known(context) || !option(context, "--name") || !made.email ||
        !option(context, "--owner-name")) {
        command_usage();
        return 2;
    }
    const char *error = NULL;
    struct session *session = connect_database(context, &error);
    if (!session)
        return fail("database", error);
    made.password = owner_password(context);
    bool done = made.password && found_consultancy(context, session, &made);
    if (done)
        print_founding(&made);
    else if (made.password)
        fail("create-consultancy", session_error(session)->message);
    session_close(session);
    return done ? 0 : 1;
}

static int rotate_keys(struct command_context *context)
{
    const char *error = NULL;
    struct session *session = connect_database(context, &error);
    if (!session)
        return fail("database", error);
    const char *kid = keys_rotate(session, context->arena, KEY_DELAY_S);
    if (kid)
        printf("{\"kid\":\"%s\",\"signs_in_seconds\":%d}\n", kid, KEY_DELAY_S);
    else
        fail("rotate-keys", session_error(session)->message);
    session_close(session);
    return kid ? 0 : 1;
}

static int run_jobs(struct command_context *context)
{
    bool each_line = context->argc == 1 && strcmp(context->argv[0], "--each-line") == 0;
    if (context->argc > 0 && !each_line) {
        command_usage();
        return 2;
    }
    return app_run_jobs(context->services, each_line)
               ? 0
               : fail("run-jobs", "not idle; see the log");
}

static int migrate(struct command_context *context)
{
    return migrate_run(context->config->migrate_database) ? 0 : 1;
}

static int print_settings(struct command_context *context)
{
    (void)context;
    config_print(stdout, true);
    return 0;
}

static int operate(struct command_context *context,
                   int (*command)(const struct operator_call *call))
{
    struct operator_call call = {context->services, context->argc, context->argv};
    return command(&call);
}

static const struct {
    const char *group;
    const char *name;
    int (*run)(struct command_context *context);
    int (*operate)(const struct operator_call *call);
} commands[] = {
    {NULL, "migrate", migrate, NULL},
    {NULL, "settings", print_settings, NULL},
    {"admin", "create-consultancy", create_consultancy, NULL},
    {"admin", "rotate-keys", rotate_keys, NULL},
    {"admin", "run-jobs", run_jobs, NULL},
    {"admin", "queues", NULL, operator_show_queues},
    {"admin", "pause", NULL, operator_pause},
    {"admin", "resume", NULL, operator_resume},
    {"admin", "test-mail", NULL, operator_send_test},
    {"admin", "dry-run", NULL, operator_show_forecast},
    {"admin", "reseal", NULL, operator_seal_anew},
};

/* How many words of argv name the command; 0 = not this one. */
static int matches(size_t i, int argc, char **argv)
{
    if (!commands[i].group)
        return argc >= 1 && strcmp(argv[0], commands[i].name) == 0;
    return argc >= 2 && strcmp(argv[0], commands[i].group) == 0 &&
                   strcmp(argv[1], commands[i].name) == 0
               ? 2
               : 0;
}

int command_run(int argc, char **argv, const struct service *const *services)
{
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        int words = matches(i, argc, argv);
        if (!words)
            continue;
        struct command_context context = {.config = config_load(),
                                          .services = services,
                                          .arena = arena_new(),
                                          .argc = argc - words,
                                          .argv = argv + words};
        int status = commands[i].run ? commands[i].run(&context)
                                     : operate(&context, commands[i].operate);
        arena_destroy(context.arena);
        return status;
    }
    command_usage();
    return 2;
}
