/* The sending half of webhooks: a pool of libcurl handles driven by one multi handle. */
#include "webhook_send.h"

#include "ssrf.h"

#include "api/clock.h"
#include "api/log.h"
#include "api/text.h"

#include <curl/curl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

enum {
    AT_ONCE = 64,
    AT_ONCE_PER_TARGET = 16,
    CONNECT_MS = 5000,
    TOTAL_MS = 10000,
    POLL_MS = 250,
    REPLY_KEPT = 900,
    REPLY_MAX = 64 * 1024,
    HEADERS_MAX = 32 * 1024,
    RETRY_AFTER_MAX_S = 24 * 3600,
    STATUS_TOO_MANY = 429,
    STATUS_UNAVAILABLE = 503,
    STATUS_GONE = 410
};

/* One handle of the pool with the call it carries. */
struct slot {
    CURL *curl;
    struct webhook_call *call; /* NULL = free */
    struct curl_slist *headers;
    struct text reply;
    size_t reply_len, headers_len;
    int64_t started_ms;
    bool refused; /* by the guard */
    char error[CURL_ERROR_SIZE];
};

struct webhook_sender {
    struct arena *arena;
    CURLM *multi;
    struct slot slots[AT_ONCE];
    int in_flight;
};

static struct {
    const struct ssrf_policy *policy;
    const char *ca_file;
} settings; /* set once before threads start */

void webhook_send_init(const struct config *config)
{
    settings.policy = ssrf_policy_new(config->webhook_allow, config->webhook_ports);
    settings.ca_file = config->webhook_ca_file;
    if (!settings.policy)
        log_die("bad_setting", "name", "MEGURI_WEBHOOK_ALLOW or MEGURI_WEBHOOK_PORTS",
                "allowed", "lists as 10.1.0.0/16,fd00:1::/64 and 80,443", NULL);
}

bool webhook_address_allowed(const char *address, uint16_t port)
{
    return ssrf_text_allowed(settings.policy, address, port);
}

/* ---- callbacks of libcurl ---- */

/* The guard stands where the address is known for certain: between the answer of the DNS and connect(2). */
static curl_socket_t open_socket(void *arg, curlsocktype purpose,
                                 struct curl_sockaddr *address)
{
    struct slot *slot = arg;
    if (purpose != CURLSOCKTYPE_IPCXN ||
        !ssrf_address_allowed(settings.policy, &address->addr, address->addrlen)) {
        slot->refused = true;
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static size_t take_reply(char *data, size_t size, size_t count, void *arg)
{
    struct slot *slot = arg;
    size_t len = size * count;
    size_t room = REPLY_KEPT - slot->reply.len;
    text_add(&slot->reply, data, len < room ? len : room);
    slot->reply_len += len;
    return slot->reply_len > REPLY_MAX ? 0 : len;
}

static size_t count_header(char *data, size_t size, size_t count, void *arg)
{
    struct slot *slot = arg;
    (void)data;
    slot->headers_len += size * count;
    return slot->headers_len > HEADERS_MAX ? 0 : size * count;
}

/* ---- the pool ---- */

static void set_up(struct slot *slot)
{
    CURL *curl = slot->curl;
    curl_easy_setopt(curl, CURLOPT_PRIVATE, slot);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)TOTAL_MS);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "Meguri-Webhooks/1.0");
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, slot);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_reply);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, slot);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, count_header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, slot);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, slot->error);
    if (settings.ca_file)
        curl_easy_setopt(curl, CURLOPT_CAINFO, settings.ca_file);
}

static void sender_free(void *arg)
{
    struct webhook_sender *sender = arg;
    for (int i = 0; i < AT_ONCE; i++) {
        struct slot *slot = &sender->slots[i];
        if (slot->call)
            curl_multi_remove_handle(sender->multi, slot->curl);
        curl_easy_cleanup(slot->curl);
        curl_slist_free_all(slot->headers);
        text_free(&slot->reply);
    }
    curl_multi_cleanup(sender->multi);
}

struct webhook_sender *webhook_sender_new(struct arena *arena)
{
    struct webhook_sender *sender = arena_alloc(arena, sizeof *sender);
    sender->arena = arena;
    sender->multi = curl_multi_init();
    if (!sender->multi)
        arena_out_of_memory();
    arena_defer(arena, sender_free, sender);
    curl_multi_setopt(sender->multi, CURLMOPT_MAXCONNECTS, (long)AT_ONCE);
    return sender;
}

static struct slot *free_slot(struct webhook_sender *sender)
{
    for (int i = 0; i < AT_ONCE; i++) {
        struct slot *slot = &sender->slots[i];
        if (slot->call)
            continue;
        if (!slot->curl) {
            slot->curl = curl_easy_init();
            if (!slot->curl)
                arena_out_of_memory();
            set_up(slot);
        }
        return slot;
    }
    return NULL;
}

/* ---- one call ---- */

static struct curl_slist *headers_of(struct arena *arena, const struct webhook_call *call)
{
    struct curl_slist *list = curl_slist_append(NULL, "Content-Type: application/json");
    list = curl_slist_append(list, "Expect:");
    if (!call->id)
        return list;
    list = curl_slist_append(list, arena_printf(arena, "webhook-id: %s", call->id));
    list = curl_slist_append(
        list, arena_printf(arena, "webhook-timestamp: %" PRId64, call->timestamp_s));
    return curl_slist_append(
        list, arena_printf(arena, "webhook-signature: %s", call->signature));
}

static void launch(struct webhook_sender *sender, struct slot *slot,
                   struct webhook_call *call)
{
    slot->call = call;
    slot->headers = headers_of(sender->arena, call);
    slot->reply_len = slot->headers_len = 0;
    slot->refused = false;
    slot->error[0] = '\0';
    text_clear(&slot->reply);
    slot->started_ms = clock_monotonic_ms();
    curl_easy_setopt(slot->curl, CURLOPT_URL, call->target->url);
    curl_easy_setopt(slot->curl, CURLOPT_HTTPHEADER, slot->headers);
    curl_easy_setopt(slot->curl, CURLOPT_POST, 1L);
    curl_easy_setopt(slot->curl, CURLOPT_POSTFIELDS, call->body);
    curl_easy_setopt(slot->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)call->len);
    curl_multi_add_handle(sender->multi, slot->curl);
    call->target->in_flight++;
    sender->in_flight++;
}

/* One clean line of UTF-8. */
static const char *clean(struct arena *arena, const char *data, size_t len)
{
    size_t valid = data ? text_utf8_valid(data, len) : 0;
    char *line = arena_strndup(arena, data ? data : "", valid);
    for (char *at = line; *at; at++)
        *at = (char)((unsigned char)*at < ' ' || *at == '\x7f' ? ' ' : *at);
    return line;
}

static const char *detail_of(struct webhook_sender *sender, struct slot *slot,
                             CURLcode code)
{
    if (slot->refused)
        return "the address of this name is not allowed";
    if (slot->headers_len > HEADERS_MAX)
        return "the header fields of the reply are too large";
    if (slot->call->status && (code == CURLE_OK || code == CURLE_WRITE_ERROR))
        return clean(sender->arena, slot->reply.data, slot->reply.len);
    const char *said = slot->error[0] ? slot->error : curl_easy_strerror(code);
    return clean(sender->arena, said, strlen(said));
}

static enum webhook_result judge(const struct slot *slot, CURLcode code)
{
    long status = slot->call->status;
    bool whole = code == CURLE_OK ||
                 (code == CURLE_WRITE_ERROR && slot->headers_len <= HEADERS_MAX);
    if (status == STATUS_GONE)
        return WEBHOOK_GONE;
    return whole && status >= 200 && status < 300 ? WEBHOOK_DELIVERED : WEBHOOK_FAILED;
}

/* A receiver that is away, asks for patience or does not end its reply is left alone; one that dislikes one message may get the next. */
static void account(struct webhook_call *call)
{
    struct webhook_target *target = call->target;
    if (call->result == WEBHOOK_DELIVERED) {
        target->delivered++;
        return;
    }
    target->failed++;
    target->error = call->detail;
    target->gone |= call->result == WEBHOOK_GONE;
    target->resting |= call->status < 300 || call->status == STATUS_TOO_MANY ||
                       call->status == STATUS_UNAVAILABLE || call->retry_after_s > 0 ||
                       target->gone;
    if (call->retry_after_s > target->retry_after_s)
        target->retry_after_s = call->retry_after_s;
}

static struct webhook_call *finish(struct webhook_sender *sender, struct slot *slot,
                                   CURLcode code)
{
    struct webhook_call *call = slot->call;
    curl_off_t patience = 0;
    curl_easy_getinfo(slot->curl, CURLINFO_RESPONSE_CODE, &call->status);
    curl_easy_getinfo(slot->curl, CURLINFO_RETRY_AFTER, &patience);
    call->retry_after_s =
        (long)(patience < RETRY_AFTER_MAX_S ? patience : RETRY_AFTER_MAX_S);
    call->latency_ms = (long)(clock_monotonic_ms() - slot->started_ms);
    call->result = judge(slot, code);
    call->detail = detail_of(sender, slot, code);
    call->finished = true;
    account(call);
    curl_multi_remove_handle(sender->multi, slot->curl);
    curl_slist_free_all(slot->headers);
    slot->headers = NULL;
    slot->call = NULL;
    call->target->in_flight--;
    sender->in_flight--;
    return call;
}

/* ---- all calls ---- */

/* What comes after a call that was not delivered waits for another time. */
static bool may_start(struct webhook_call *call)
{
    if (call->finished || call->target->resting ||
        (call->after && call->after->finished &&
         call->after->result != WEBHOOK_DELIVERED)) {
        call->finished = true;
        return false;
    }
    return call->target->in_flight < AT_ONCE_PER_TARGET &&
           (!call->after || call->after->finished);
}

/* Returns how many calls still wait. */
static int launch_some(struct webhook_sender *sender, struct webhook_call **waiting,
                       int count, bool stopping)
{
    int left = 0;
    for (int i = 0; i < count; i++) {
        struct webhook_call *call = waiting[i];
        struct slot *slot = stopping || !may_start(call) ? NULL : free_slot(sender);
        if (slot)
            launch(sender, slot, call);
        else if (!call->finished && !stopping)
            waiting[left++] = call;
    }
    return left;
}

static void collect(struct webhook_sender *sender,
                    void (*finished)(void *arg, struct webhook_call *call), void *arg)
{
    int queued = 0;
    for (CURLMsg *message = curl_multi_info_read(sender->multi, &queued); message;
         message = curl_multi_info_read(sender->multi, &queued)) {
        struct slot *slot = NULL;
        CURLcode code = message->data.result;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&slot);
        finished(arg, finish(sender, slot, code));
    }
}

void webhook_send(struct webhook_sender *sender, struct webhook_call *calls, int count,
                  const bool *stopping,
                  void (*finished)(void *arg, struct webhook_call *call), void *arg)
{
    struct webhook_call **waiting =
        arena_alloc(sender->arena, ((size_t)count + 1) * sizeof(struct webhook_call *));
    for (int i = 0; i < count; i++)
        waiting[i] = &calls[i];
    int left = count;
    while (left > 0 || sender->in_flight > 0) {
        bool stop = __atomic_load_n(stopping, __ATOMIC_ACQUIRE);
        left = launch_some(sender, waiting, left, stop);
        int running = 0;
        curl_multi_perform(sender->multi, &running);
        collect(sender, finished, arg);
        if (running > 0 && running == sender->in_flight)
            curl_multi_poll(sender->multi, NULL, 0, POLL_MS, NULL);
    }
}
