/*
 * The provider that the benchmark stands every contestant in front of: a single-threaded epoll HTTP/1.1 server that is
 * faster than any relay, so that the relay is what is measured. It listens on 127.0.0.1 only, prints `port <n>` when
 * ready and dies with its parent.
 *
 * POST .../chat/completions  a fixed reply of about 1 KB; with "stream":true 50 SSE events and [DONE], ten events a write
 *   model "paced-<n>"        one event every n milliseconds, the first at once
 *   model "delay-<n>"        n milliseconds before the reply
 * POST .../embeddings        one embedding of 1,536 dimensions: base64 by the model embed, numbers by embed-floats
 * GET  .../models            an empty list
 *
 * Members of the request are looked for in the first and last 4 KB of the body only: the benchmark's own bodies carry
 * them there, and scanning 200 KB of prompt would make the upstream the slow part.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { EVENTS = 50, BURST = 10, MODEL_MAX = 64, PACES = 16, HEADERS_MAX = 65536, BODY_MAX = 64 << 20, EDGE = 4096 };
enum body_kind { BODY_LENGTH, BODY_CHUNKED };
enum chunk_state { CHUNK_SIZE, CHUNK_EXTENSION, CHUNK_DATA, CHUNK_END, TRAILER_START, TRAILER };
enum waiting_for { NOTHING, REPLY, NEXT_EVENT };

struct pace;

struct conn {
  int fd;
  bool dead, watching_writes, close_after;
  char *in;
  size_t in_length, in_capacity;
  /* The request being read: where its headers end, and how much of its body is there. */
  size_t header_length, content_length, body_length, read_at;
  enum body_kind body_kind;
  enum chunk_state chunk_state;
  size_t chunk_left;
  char *out;
  size_t out_length, out_sent, out_capacity;
  /* The reply being written. */
  char model[MODEL_MAX + 1];
  bool include_usage;
  int next_event;
  enum waiting_for waiting;
  uint64_t due;
  struct pace *pace;
  struct conn *earlier, *later, *next_dead;
};

/* All connections that wait for the same number of milliseconds, the earliest first: insertion is at the end. */
struct pace {
  uint64_t milliseconds;
  struct conn *first, *last;
};

static int epoll_fd, timer_fd, listen_fd;
static struct pace paces[PACES];
static int pace_count;
static uint64_t armed_for;
static struct conn *graveyard;
static char embedding[1536 * 4 / 3 * 4 + 1];
static char floats[1536 * 24];
static char filler[640];

static void fatal(const char *what) {
  perror(what);
  exit(1);
}

static uint64_t now_ns(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000ull + (uint64_t)time.tv_nsec;
}

static void reserve(char **buffer, size_t *capacity, size_t wanted) {
  if (wanted <= *capacity) return;
  size_t next = *capacity ? *capacity : 8192;
  while (next < wanted) next *= 2;
  *buffer = realloc(*buffer, next);
  if (!*buffer) fatal("realloc");
  *capacity = next;
}

/* ---- timers ---- */

static void wait_remove(struct conn *c) {
  if (c->waiting == NOTHING) return;
  if (c->earlier) c->earlier->later = c->later;
  else c->pace->first = c->later;
  if (c->later) c->later->earlier = c->earlier;
  else c->pace->last = c->earlier;
  c->earlier = c->later = NULL;
  c->waiting = NOTHING;
}

static void wait_add(struct conn *c, struct pace *pace, enum waiting_for waiting, uint64_t due) {
  struct conn *after = pace->last;
  while (after && after->due > due) after = after->earlier;
  c->pace = pace;
  c->waiting = waiting;
  c->due = due;
  c->earlier = after;
  c->later = after ? after->later : pace->first;
  if (c->later) c->later->earlier = c;
  else pace->last = c;
  if (after) after->later = c;
  else pace->first = c;
}

static struct pace *pace_of(uint64_t milliseconds) {
  for (int i = 0; i < pace_count; i++)
    if (paces[i].milliseconds == milliseconds) return &paces[i];
  if (pace_count == PACES) return NULL;
  paces[pace_count].milliseconds = milliseconds;
  return &paces[pace_count++];
}

static void arm_timer(void) {
  uint64_t earliest = 0;
  for (int i = 0; i < pace_count; i++)
    if (paces[i].first && (!earliest || paces[i].first->due < earliest)) earliest = paces[i].first->due;
  if (earliest == armed_for) return;
  armed_for = earliest;
  struct itimerspec at = {.it_value = {(time_t)(earliest / 1000000000ull), (long)(earliest % 1000000000ull)}};
  if (timerfd_settime(timer_fd, TFD_TIMER_ABSTIME, &at, NULL) < 0) fatal("timerfd_settime");
}

/* ---- connections ---- */

/* Memory is freed after the batch of events: a later event of the same batch may still point to the connection. */
static void conn_close(struct conn *c) {
  if (c->dead) return;
  wait_remove(c);
  close(c->fd);
  c->dead = true;
  c->next_dead = graveyard;
  graveyard = c;
}

static void bury(void) {
  while (graveyard) {
    struct conn *c = graveyard;
    graveyard = c->next_dead;
    free(c->in);
    free(c->out);
    free(c);
  }
}

static void watch_writes(struct conn *c, bool wanted) {
  if (c->watching_writes == wanted) return;
  struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP | (wanted ? EPOLLOUT : 0), .data.ptr = c};
  if (epoll_ctl(epoll_fd, EPOLL_CTL_MOD, c->fd, &event) < 0) fatal("epoll_ctl");
  c->watching_writes = wanted;
}

static void out_add(struct conn *c, const char *bytes, size_t length) {
  reserve(&c->out, &c->out_capacity, c->out_length + length);
  memcpy(c->out + c->out_length, bytes, length);
  c->out_length += length;
}

static void flush(struct conn *c) {
  while (c->out_sent < c->out_length) {
    ssize_t sent = send(c->fd, c->out + c->out_sent, c->out_length - c->out_sent, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
      watch_writes(c, true);
      return;
    }
    if (sent <= 0) {
      conn_close(c);
      return;
    }
    c->out_sent += (size_t)sent;
  }
  c->out_length = c->out_sent = 0;
  watch_writes(c, false);
}

/* ---- replies ---- */

static void reply(struct conn *c, const char *status, const char *body, size_t length) {
  char head[512];
  int size = snprintf(head, sizeof head,
                      "HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n%s\r\n", status, length,
                      c->close_after ? "Connection: close\r\n" : "");
  out_add(c, head, (size_t)size);
  out_add(c, body, length);
}

static void reply_error(struct conn *c, const char *status, const char *message) {
  char body[512];
  int size = snprintf(body, sizeof body,
                      "{\"error\":{\"message\":\"%s\",\"type\":\"invalid_request_error\",\"param\":null,\"code\":null}}", message);
  reply(c, status, body, (size_t)size);
}

static void reply_chat(struct conn *c) {
  char body[1536];
  int size = snprintf(body, sizeof body,
                      "{\"id\":\"chatcmpl-bench\",\"object\":\"chat.completion\",\"created\":1700000000,\"model\":\"%s\","
                      "\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"%s\",\"refusal\":null},"
                      "\"logprobs\":null,\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":210,\"completion_tokens\":120,"
                      "\"total_tokens\":330,\"prompt_tokens_details\":{\"cached_tokens\":0},"
                      "\"completion_tokens_details\":{\"reasoning_tokens\":0}},\"system_fingerprint\":\"fp_bench\"}",
                      c->model, filler);
  reply(c, "200 OK", body, (size_t)size);
}

static void reply_embedding(struct conn *c) {
  bool numbers = strcmp(c->model, "embed-floats") == 0;
  char body[sizeof floats + 512];
  const char *quote = numbers ? "" : "\"";
  int size = snprintf(body, sizeof body,
                      "{\"object\":\"list\",\"data\":[{\"object\":\"embedding\",\"index\":0,\"embedding\":%s%s%s}],"
                      "\"model\":\"%s\",\"usage\":{\"prompt_tokens\":8,\"total_tokens\":8}}",
                      quote, numbers ? floats : embedding, quote, c->model);
  reply(c, "200 OK", body, (size_t)size);
}

static void out_chunk(struct conn *c, const char *bytes, int length) {
  char head[16];
  int size = snprintf(head, sizeof head, "%x\r\n", (unsigned)length);
  out_add(c, head, (size_t)size);
  out_add(c, bytes, (size_t)length);
  out_add(c, "\r\n", 2);
}

static void out_event(struct conn *c) {
  int n = c->next_event++;
  const char *delta = n == 0 ? "{\"role\":\"assistant\",\"content\":\"\"}" : n == EVENTS - 1 ? "{}" : "{\"content\":\" token\"}";
  const char *finish = n == EVENTS - 1 ? "\"stop\"" : "null";
  char event[512];
  int size = snprintf(event, sizeof event,
                      "data: {\"id\":\"chatcmpl-bench\",\"object\":\"chat.completion.chunk\",\"created\":1700000000,"
                      "\"model\":\"%s\",\"choices\":[{\"index\":0,\"delta\":%s,\"logprobs\":null,\"finish_reason\":%s}]%s}\n\n",
                      c->model, delta, finish, c->include_usage ? ",\"usage\":null" : "");
  out_chunk(c, event, size);
}

static void out_end(struct conn *c) {
  if (c->include_usage) {
    char event[512];
    int size = snprintf(event, sizeof event,
                        "data: {\"id\":\"chatcmpl-bench\",\"object\":\"chat.completion.chunk\",\"created\":1700000000,"
                        "\"model\":\"%s\",\"choices\":[],\"usage\":{\"prompt_tokens\":210,\"completion_tokens\":48,"
                        "\"total_tokens\":258}}\n\n",
                        c->model);
    out_chunk(c, event, size);
  }
  out_chunk(c, "data: [DONE]\n\n", 14);
  out_add(c, "0\r\n\r\n", 5);
}

static void stream_start(struct conn *c) {
  char head[512];
  int size = snprintf(head, sizeof head,
                      "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nCache-Control: no-cache\r\n"
                      "X-Accel-Buffering: no\r\nTransfer-Encoding: chunked\r\n%s\r\n",
                      c->close_after ? "Connection: close\r\n" : "");
  out_add(c, head, (size_t)size);
  c->next_event = 0;
}

/* ---- requests ---- */

static const char *find_member(const char *bytes, size_t length, const char *name) {
  size_t name_length = strlen(name);
  const char *end = bytes + length, *at = bytes;
  while ((at = memmem(at, (size_t)(end - at), name, name_length))) {
    at += name_length;
    const char *value = at;
    while (value < end && isspace((unsigned char)*value)) value++;
    if (value >= end || *value != ':') continue;
    value++;
    while (value < end && isspace((unsigned char)*value)) value++;
    return value < end ? value : NULL;
  }
  return NULL;
}

struct member {
  const char *value;
  const char *end;
};

static struct member member(const char *body, size_t length, const char *name) {
  size_t head = length < EDGE ? length : EDGE;
  const char *value = find_member(body, head, name);
  if (value) return (struct member){value, body + head};
  if (length > EDGE) value = find_member(body + length - EDGE, EDGE, name);
  return (struct member){value, body + length};
}

static bool member_is_true(const char *body, size_t length, const char *name) {
  struct member found = member(body, length, name);
  return found.value && found.end - found.value >= 4 && memcmp(found.value, "true", 4) == 0;
}

static void read_model(struct conn *c, const char *body, size_t length) {
  struct member found = member(body, length, "\"model\"");
  size_t size = 0;
  if (found.value && *found.value == '"')
    for (const char *at = found.value + 1; at < found.end && *at != '"' && size < MODEL_MAX; at++) {
      if (!isalnum((unsigned char)*at) && !strchr("._/-", *at)) break;
      c->model[size++] = *at;
    }
  c->model[size] = 0;
}

static struct pace *named_pace(const char *model, const char *prefix) {
  size_t length = strlen(prefix);
  if (strncmp(model, prefix, length) != 0) return NULL;
  unsigned long milliseconds = strtoul(model + length, NULL, 10);
  return milliseconds > 0 && milliseconds <= 10000 ? pace_of(milliseconds) : NULL;
}

static void answer_chat(struct conn *c, const char *body, size_t length) {
  read_model(c, body, length);
  if (!member_is_true(body, length, "\"stream\"")) {
    struct pace *delay = named_pace(c->model, "delay-");
    if (delay) wait_add(c, delay, REPLY, now_ns() + delay->milliseconds * 1000000ull);
    else reply_chat(c);
    return;
  }
  c->include_usage = member_is_true(body, length, "\"include_usage\"");
  stream_start(c);
  struct pace *pace = named_pace(c->model, "paced-");
  if (pace) {
    out_event(c);
    wait_add(c, pace, NEXT_EVENT, now_ns() + pace->milliseconds * 1000000ull);
    return;
  }
  while (c->next_event < EVENTS) {
    for (int i = 0; i < BURST && c->next_event < EVENTS; i++) out_event(c);
    if (c->next_event == EVENTS) break;
    flush(c);
    if (c->dead) return;
  }
  out_end(c);
}

static bool ends_with(const char *text, size_t length, const char *ending) {
  size_t size = strlen(ending);
  return length >= size && memcmp(text + length - size, ending, size) == 0;
}

static void answer(struct conn *c) {
  const char *space = memchr(c->in, ' ', c->header_length);
  const char *path = space ? space + 1 : c->in;
  size_t path_length = 0, left = c->header_length - (size_t)(path - c->in);
  while (path_length < left && !strchr(" ?\r\n", path[path_length])) path_length++;
  const char *body = c->in + c->header_length;
  if (strncmp(c->in, "POST ", 5) == 0 && ends_with(path, path_length, "/chat/completions")) answer_chat(c, body, c->body_length);
  else if (strncmp(c->in, "POST ", 5) == 0 && ends_with(path, path_length, "/embeddings")) {
    read_model(c, body, c->body_length);
    reply_embedding(c);
  } else if (strncmp(c->in, "GET ", 4) == 0 && ends_with(path, path_length, "/models")) {
    const char *list = "{\"object\":\"list\",\"data\":[]}";
    reply(c, "200 OK", list, strlen(list));
  } else reply_error(c, "404 Not Found", "unknown path");
  if (!c->dead) flush(c);
}

static bool header_value(const struct conn *c, const char *name, char *value, size_t size) {
  size_t name_length = strlen(name);
  const char *line = c->in, *end = c->in + c->header_length;
  while ((line = memchr(line, '\n', (size_t)(end - line)))) {
    line++;
    if ((size_t)(end - line) <= name_length || strncasecmp(line, name, name_length) != 0 || line[name_length] != ':') continue;
    const char *from = line + name_length + 1;
    while (from < end && *from == ' ') from++;
    size_t length = 0;
    while (from + length < end && from[length] != '\r' && from[length] != '\n' && length + 1 < size) length++;
    memcpy(value, from, length);
    value[length] = 0;
    return true;
  }
  return false;
}

static void refuse(struct conn *c, const char *status, const char *message) {
  c->close_after = true;
  reply_error(c, status, message);
  flush(c);
  conn_close(c);
}

/* Looks for the end of the headers and reads what decides the body's length. False: more bytes are needed. */
static bool read_headers(struct conn *c) {
  char *end = memmem(c->in, c->in_length, "\r\n\r\n", 4);
  if (!end) {
    if (c->in_length > HEADERS_MAX) refuse(c, "431 Request Header Fields Too Large", "headers too large");
    return false;
  }
  c->header_length = (size_t)(end - c->in) + 4;
  c->read_at = c->header_length;
  c->body_length = c->content_length = 0;
  c->body_kind = BODY_LENGTH;
  c->chunk_state = CHUNK_SIZE;
  c->chunk_left = 0;
  char value[64];
  if (header_value(c, "transfer-encoding", value, sizeof value) && strcasestr(value, "chunked")) c->body_kind = BODY_CHUNKED;
  else if (header_value(c, "content-length", value, sizeof value)) c->content_length = strtoull(value, NULL, 10);
  const char *line_end = memchr(c->in, '\r', c->header_length);
  c->close_after = ends_with(c->in, (size_t)(line_end - c->in), "HTTP/1.0") ||
                   (header_value(c, "connection", value, sizeof value) && strcasestr(value, "close"));
  if (header_value(c, "expect", value, sizeof value) && strcasestr(value, "100-continue")) {
    out_add(c, "HTTP/1.1 100 Continue\r\n\r\n", 25);
    flush(c);
  }
  return !c->dead;
}

/* Moves the payload of chunks together behind the headers. True when the last chunk is there. */
static bool read_chunks(struct conn *c) {
  while (c->read_at < c->in_length) {
    char byte = c->in[c->read_at];
    switch (c->chunk_state) {
      case CHUNK_SIZE:
        if (isxdigit((unsigned char)byte)) {
          c->chunk_left = c->chunk_left * 16 + (size_t)(isdigit((unsigned char)byte) ? byte - '0' : (byte | 32) - 'a' + 10);
          c->read_at++;
          if (c->chunk_left > BODY_MAX) {
            refuse(c, "413 Payload Too Large", "body too large");
            return false;
          }
          break;
        }
        c->chunk_state = CHUNK_EXTENSION;
        break;
      case CHUNK_EXTENSION:
        c->read_at++;
        if (byte == '\n') c->chunk_state = c->chunk_left ? CHUNK_DATA : TRAILER_START;
        break;
      case CHUNK_DATA: {
        size_t there = c->in_length - c->read_at, take = there < c->chunk_left ? there : c->chunk_left;
        memmove(c->in + c->header_length + c->body_length, c->in + c->read_at, take);
        c->body_length += take;
        c->read_at += take;
        c->chunk_left -= take;
        if (!c->chunk_left) c->chunk_state = CHUNK_END;
        break;
      }
      case CHUNK_END:
        c->read_at++;
        if (byte == '\n') c->chunk_state = CHUNK_SIZE;
        break;
      case TRAILER_START:
        c->read_at++;
        if (byte == '\n') return true;
        if (byte != '\r') c->chunk_state = TRAILER;
        break;
      case TRAILER:
        c->read_at++;
        if (byte == '\n') c->chunk_state = TRAILER_START;
        break;
    }
  }
  return false;
}

static bool read_body(struct conn *c) {
  if (c->content_length > BODY_MAX || c->in_length > 2 * (size_t)BODY_MAX) {
    refuse(c, "413 Payload Too Large", "body too large");
    return false;
  }
  if (c->body_kind == BODY_CHUNKED) return read_chunks(c);
  reserve(&c->in, &c->in_capacity, c->header_length + c->content_length);
  if (c->in_length < c->header_length + c->content_length) return false;
  c->body_length = c->content_length;
  c->read_at = c->header_length + c->content_length;
  return true;
}

/* Answers every whole request that is there, one after the other; while a reply is under way the next one waits. */
static void serve(struct conn *c) {
  while (!c->dead && c->waiting == NOTHING) {
    if (!c->header_length && (!c->in_length || !read_headers(c))) return;
    if (!read_body(c)) return;
    answer(c);
    if (c->dead) return;
    c->in_length -= c->read_at;
    memmove(c->in, c->in + c->read_at, c->in_length);
    c->header_length = 0;
    if (c->close_after && c->waiting == NOTHING && c->out_length == 0) conn_close(c);
  }
}

static void receive(struct conn *c) {
  for (;;) {
    reserve(&c->in, &c->in_capacity, c->in_length + 4096);
    size_t room = c->in_capacity - c->in_length;
    ssize_t got = recv(c->fd, c->in + c->in_length, room, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) break;
    if (got <= 0) {
      conn_close(c);
      return;
    }
    c->in_length += (size_t)got;
    if ((size_t)got < room) break;
    if (c->in_length > 2 * (size_t)BODY_MAX) break;
  }
  serve(c);
}

static void wake(struct conn *c) {
  struct pace *pace = c->pace;
  enum waiting_for waiting = c->waiting;
  uint64_t due = c->due;
  wait_remove(c);
  if (waiting == REPLY) reply_chat(c);
  else {
    out_event(c);
    if (c->next_event == EVENTS) out_end(c);
    else wait_add(c, pace, NEXT_EVENT, due + pace->milliseconds * 1000000ull);
  }
  flush(c);
  if (c->dead || c->waiting != NOTHING) return;
  if (c->close_after && c->out_length == 0) conn_close(c);
  else serve(c);
}

static void wake_due(void) {
  uint64_t now = now_ns();
  for (int i = 0; i < pace_count; i++)
    while (paces[i].first && paces[i].first->due <= now) wake(paces[i].first);
}

static void accept_all(void) {
  for (;;) {
    int fd = accept4(listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return;
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    struct conn *c = calloc(1, sizeof *c);
    if (!c) fatal("calloc");
    c->fd = fd;
    struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP, .data.ptr = c};
    if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0) fatal("epoll_ctl");
  }
}

static void handle(const struct epoll_event *event) {
  struct conn *c = event->data.ptr;
  if (c->dead) return;
  if (event->events & (EPOLLERR | EPOLLHUP)) {
    conn_close(c);
    return;
  }
  if (event->events & EPOLLOUT) {
    flush(c);
    if (!c->dead && c->close_after && c->out_length == 0 && c->waiting == NOTHING && !c->header_length) conn_close(c);
  }
  if (!c->dead && event->events & (EPOLLIN | EPOLLRDHUP)) receive(c);
}

static void prepare_texts(void) {
  memset(embedding, 'P', sizeof embedding - 1);
  for (size_t i = 0; i + 1 < sizeof embedding; i += 7) embedding[i] = (char)('A' + i % 26);
  char *next = floats;
  for (int i = 0; i < 1536; i++) next += sprintf(next, "%s%.9f", i == 0 ? "[" : ",", ((i * 7919) % 2003 - 1001) / 20011.0);
  strcpy(next, "]");
  for (size_t i = 0; i + 1 < sizeof filler; i++) filler[i] = "The relay is what is measured. "[i % 31];
}

static int listen_on(uint16_t port) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;
  if (fd < 0) fatal("socket");
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
  if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0) fatal("bind");
  if (listen(fd, 1024) < 0) fatal("listen");
  socklen_t size = sizeof address;
  if (getsockname(fd, (struct sockaddr *)&address, &size) < 0) fatal("getsockname");
  printf("port %u\n", ntohs(address.sin_port));
  fflush(stdout);
  return fd;
}

int main(int argc, char **argv) {
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  signal(SIGPIPE, SIG_IGN);
  prepare_texts();
  epoll_fd = epoll_create1(EPOLL_CLOEXEC);
  timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  if (epoll_fd < 0 || timer_fd < 0) fatal("epoll or timerfd");
  listen_fd = listen_on(argc > 1 ? (uint16_t)atoi(argv[1]) : 0);
  struct epoll_event on_listen = {.events = EPOLLIN, .data.ptr = &listen_fd};
  struct epoll_event on_timer = {.events = EPOLLIN, .data.ptr = &timer_fd};
  epoll_ctl(epoll_fd, EPOLL_CTL_ADD, listen_fd, &on_listen);
  epoll_ctl(epoll_fd, EPOLL_CTL_ADD, timer_fd, &on_timer);
  struct epoll_event events[256];
  for (;;) {
    int count = epoll_wait(epoll_fd, events, 256, -1);
    if (count < 0 && errno != EINTR) fatal("epoll_wait");
    for (int i = 0; i < count; i++) {
      if (events[i].data.ptr == &listen_fd) accept_all();
      else if (events[i].data.ptr == &timer_fd) {
        uint64_t expirations;
        if (read(timer_fd, &expirations, sizeof expirations) > 0) armed_for = 0;
      } else handle(&events[i]);
    }
    wake_due();
    arm_timer();
    bury();
  }
}
