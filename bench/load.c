/*
 * The benchmark's load generator: a closed loop of keep-alive HTTP/1.1 connections to one port of 127.0.0.1, single
 * threaded on epoll. Each connection sends its next request when the reply to the last one is complete.
 *
 *   load --port <n> --requests <file> --connections <n> --seconds <s>
 *        [--stagger-ms <n>]  spreads the connections' first requests over this time
 *        [--stream <events>] replies are SSE; one is whole when it has [DONE] and this many `data:` events, [DONE] included
 *        [--sources]         every connection comes from its own loopback address
 *
 * The file holds raw requests, each after a line with its length in bytes; they are sent in turn. Where a request holds
 * `@client-address@` (16 characters) a fresh address of that length is written, padded with a space.
 *
 * Prints one line of JSON. Latencies are in microseconds from the first byte sent to the last byte received (`latency`)
 * or to the first byte of the body (`first`). Ends 1 s after the last reply is due at the latest, and with its parent.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
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
#include <time.h>
#include <unistd.h>

enum { HEADERS_MAX = 16384, CONNECTIONS_MAX = 1024, FAILURES_IN_A_ROW_MAX = 500, GRACE_SECONDS = 10, PLACE_LENGTH = 16 };
enum phase { IDLE, CONNECTING, SENDING, RECEIVING };
enum body { HEADERS, BY_LENGTH, UNTIL_CLOSE, CHUNK_SIZE, CHUNK_EXTENSION, CHUNK_DATA, CHUNK_END, TRAILER_START, TRAILER };

struct request {
  char *bytes;
  size_t length;
  char *place;
};

struct conn {
  int fd, index;
  enum phase phase;
  uint64_t starts_at, sent_at, first_at;
  const struct request *request;
  char *own; /* The request with an address of its own, when it has a place for one. */
  size_t sent;
  enum body body;
  char headers[HEADERS_MAX];
  size_t headers_length, left;
  int status;
  bool close_after, reused;
  /* The SSE line being read: its first bytes are enough to know what it is. */
  char line[20];
  size_t line_length;
  int events;
  bool done, error_event;
};

struct samples {
  uint32_t *values;
  size_t count, capacity;
};

static int port, connections = 1, stream_events;
static double seconds = 1;
static uint64_t stagger_ns;
static bool own_sources;
static struct request *requests;
static size_t request_count, next_request;
static struct conn *conns;
static int epoll_fd, failures_in_a_row, in_flight;
static struct samples latency, first;
static uint64_t completed, failed, broken, reconnects, events_total, bytes_total, statuses[600], began_at, ended_at, random_state = 88172645463325252ull;

static void fatal(const char *what) {
  perror(what);
  exit(1);
}

static uint64_t now_ns(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000ull + (uint64_t)time.tv_nsec;
}

static void add_sample(struct samples *samples, uint64_t ns) {
  if (samples->count == samples->capacity) {
    samples->capacity = samples->capacity ? samples->capacity * 2 : 65536;
    samples->values = realloc(samples->values, samples->capacity * sizeof *samples->values);
    if (!samples->values) fatal("realloc");
  }
  samples->values[samples->count++] = (uint32_t)(ns / 1000);
}

static void read_requests(const char *path) {
  FILE *file = fopen(path, "rb");
  if (!file) fatal(path);
  unsigned long length;
  while (fscanf(file, "%lu", &length) == 1) {
    if (fgetc(file) != '\n') break;
    requests = realloc(requests, (request_count + 1) * sizeof *requests);
    struct request *request = &requests[request_count++];
    request->bytes = malloc(length + 1);
    if (!requests || !request->bytes) fatal("malloc");
    if (fread(request->bytes, 1, length, file) != length) fatal("the file of requests is cut short");
    request->bytes[length] = 0;
    request->length = length;
    request->place = memmem(request->bytes, length, "@client-address@", PLACE_LENGTH);
  }
  fclose(file);
  if (!request_count) {
    fprintf(stderr, "no request in %s\n", path);
    exit(1);
  }
}

/* ---- one request ---- */

static void write_fresh_address(char *at) {
  random_state ^= random_state << 13;
  random_state ^= random_state >> 7;
  random_state ^= random_state << 17;
  unsigned n = (unsigned)(random_state % 100000000u);
  char text[PLACE_LENGTH + 1];
  snprintf(text, sizeof text, "1%02u.1%02u.1%02u.1%02u ", n / 1000000, n / 10000 % 100, n / 100 % 100, n % 100);
  memcpy(at, text, PLACE_LENGTH);
}

static void watch(const struct conn *c, uint32_t events, int operation) {
  struct epoll_event event = {.events = events, .data.u32 = (uint32_t)c->index};
  if (epoll_ctl(epoll_fd, operation, c->fd, &event) < 0) fatal("epoll_ctl");
}

static void fail(struct conn *c);
static void receive(struct conn *c);

static void send_rest(struct conn *c) {
  const char *bytes = c->own ? c->own : c->request->bytes;
  while (c->sent < c->request->length) {
    ssize_t sent = send(c->fd, bytes + c->sent, c->request->length - c->sent, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
      if (c->phase != SENDING) watch(c, EPOLLIN | EPOLLOUT, EPOLL_CTL_MOD);
      c->phase = SENDING;
      return;
    }
    if (sent <= 0) {
      fail(c);
      return;
    }
    c->sent += (size_t)sent;
  }
  if (c->phase == SENDING) watch(c, EPOLLIN, EPOLL_CTL_MOD);
  c->phase = RECEIVING;
}

static void begin_request(struct conn *c) {
  c->request = &requests[next_request++ % request_count];
  if (c->request->place) {
    c->own = realloc(c->own, c->request->length);
    if (!c->own) fatal("realloc");
    memcpy(c->own, c->request->bytes, c->request->length);
    write_fresh_address(c->own + (c->request->place - c->request->bytes));
  } else {
    free(c->own);
    c->own = NULL;
  }
  c->sent = c->headers_length = c->left = c->line_length = 0;
  c->first_at = 0;
  c->status = c->events = 0;
  c->done = c->error_event = c->close_after = false;
  c->body = HEADERS;
  c->phase = RECEIVING;
  c->sent_at = now_ns();
  send_rest(c);
}

static void open_connection(struct conn *c) {
  c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (c->fd < 0) fatal("socket");
  int on = 1;
  setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  c->reused = false;
  if (own_sources) {
    struct sockaddr_in source = {.sin_family = AF_INET, .sin_addr = {htonl(0x7f000100u + (uint32_t)c->index + 1)}};
    if (bind(c->fd, (struct sockaddr *)&source, sizeof source) < 0) fatal("bind to a loopback address");
  }
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
  int result = connect(c->fd, (struct sockaddr *)&to, sizeof to);
  if (result < 0 && errno != EINPROGRESS) fatal("connect");
  c->phase = CONNECTING;
  watch(c, EPOLLOUT, EPOLL_CTL_ADD);
}

static bool time_is_up(uint64_t now) {
  return now >= began_at + (uint64_t)(seconds * 1e9);
}

static void next(struct conn *c) {
  if (time_is_up(now_ns())) {
    if (c->fd >= 0) close(c->fd);
    c->fd = -1;
    c->phase = IDLE;
    in_flight--;
    return;
  }
  if (c->fd < 0) open_connection(c);
  else begin_request(c);
}

static void drop(struct conn *c) {
  close(c->fd);
  c->fd = -1;
  reconnects++;
}

/* A server may close an idle connection just as the next request is sent: such a one is sent again, not counted. */
static void fail(struct conn *c) {
  bool nothing_came = c->phase != CONNECTING && c->body == HEADERS && c->headers_length == 0;
  if (!(c->reused && nothing_came)) failed++;
  if (++failures_in_a_row > FAILURES_IN_A_ROW_MAX) {
    fprintf(stderr, "the server on port %d fails every request (%s)\n", port, strerror(errno));
    exit(3);
  }
  drop(c);
  next(c);
}

static void complete(struct conn *c) {
  uint64_t now = now_ns();
  failures_in_a_row = 0;
  completed++;
  ended_at = now;
  if (c->status >= 0 && c->status < 600) statuses[c->status]++;
  add_sample(&latency, now - c->sent_at);
  if (c->first_at) add_sample(&first, c->first_at - c->sent_at);
  events_total += (uint64_t)c->events;
  if (stream_events && (c->status != 200 || !c->done || c->error_event || c->events != stream_events)) broken++;
  c->reused = true;
  if (c->close_after || c->sent < c->request->length) drop(c);
  next(c);
}

/* ---- reading a reply ---- */

static void end_line(struct conn *c) {
  if (c->line_length >= 5 && memcmp(c->line, "data:", 5) == 0) {
    c->events++;
    const char *text = c->line + 5, *end = c->line + c->line_length;
    while (text < end && *text == ' ') text++;
    if (end - text >= 6 && memcmp(text, "[DONE]", 6) == 0) c->done = true;
    if (end - text >= 8 && memcmp(text, "{\"error\"", 8) == 0) c->error_event = true;
  }
  c->line_length = 0;
}

static void body_bytes(struct conn *c, const char *bytes, size_t length) {
  if (!length) return;
  if (!c->first_at) c->first_at = now_ns();
  if (!stream_events) return;
  const char *end = bytes + length;
  while (bytes < end) {
    const char *newline = memchr(bytes, '\n', (size_t)(end - bytes));
    size_t size = (size_t)((newline ? newline : end) - bytes), room = sizeof c->line - c->line_length;
    memcpy(c->line + c->line_length, bytes, size < room ? size : room);
    c->line_length += size < room ? size : room;
    if (!newline) return;
    end_line(c);
    bytes = newline + 1;
  }
}

static bool header_is(const char *line, const char *end, const char *name, const char **value) {
  size_t length = strlen(name);
  if ((size_t)(end - line) <= length || strncasecmp(line, name, length) != 0 || line[length] != ':') return false;
  *value = line + length + 1;
  while (*value < end && **value == ' ') (*value)++;
  return true;
}

static bool holds(const char *from, const char *end, const char *word) {
  size_t length = strlen(word);
  for (; from + length <= end; from++)
    if (strncasecmp(from, word, length) == 0) return true;
  return false;
}

static void read_headers(struct conn *c, const char *end) {
  c->status = c->headers_length > 12 ? atoi(c->headers + 9) : 0;
  c->body = UNTIL_CLOSE;
  for (const char *line = c->headers; line < end;) {
    const char *line_end = memchr(line, '\n', (size_t)(end - line)), *value;
    if (!line_end) break;
    if (header_is(line, line_end, "content-length", &value)) {
      c->left = strtoull(value, NULL, 10);
      c->body = BY_LENGTH;
    } else if (header_is(line, line_end, "transfer-encoding", &value) && holds(value, line_end, "chunked")) {
      c->left = 0;
      c->body = CHUNK_SIZE;
    } else if (header_is(line, line_end, "connection", &value) && holds(value, line_end, "close")) c->close_after = true;
    line = line_end + 1;
  }
  if (c->status == 204 || c->status == 304) {
    c->body = BY_LENGTH;
    c->left = 0;
  }
}

/* Reads a part of the reply. True when it is complete; what a server sends beyond it is not ours to understand. */
static bool reply_bytes(struct conn *c, const char *at, size_t length) {
  const char *end = at + length;
  while (at < end || (c->body == BY_LENGTH && !c->left)) {
    size_t there = (size_t)(end - at), take;
    switch (c->body) {
      case HEADERS: {
        size_t before = c->headers_length, room = HEADERS_MAX - 1 - before;
        take = there < room ? there : room;
        memcpy(c->headers + before, at, take);
        c->headers_length += take;
        c->headers[c->headers_length] = 0;
        char *blank = memmem(c->headers, c->headers_length, "\r\n\r\n", 4);
        if (!blank) {
          if (c->headers_length == HEADERS_MAX - 1) {
            c->status = 0;
            c->close_after = true;
            return true;
          }
          return false;
        }
        size_t size = (size_t)(blank - c->headers) + 4;
        at += size - before;
        c->headers_length = size;
        read_headers(c, c->headers + size);
        if (c->status == 100) {
          c->headers_length = 0;
          c->body = HEADERS;
        }
        break;
      }
      case BY_LENGTH:
        take = there < c->left ? there : c->left;
        body_bytes(c, at, take);
        c->left -= take;
        if (!c->left) return true;
        at += take;
        break;
      case UNTIL_CLOSE:
        body_bytes(c, at, there);
        return false;
      case CHUNK_SIZE:
        if (isxdigit((unsigned char)*at)) c->left = c->left * 16 + (size_t)(isdigit((unsigned char)*at) ? *at - '0' : (*at | 32) - 'a' + 10);
        else {
          c->body = CHUNK_EXTENSION;
          break;
        }
        at++;
        break;
      case CHUNK_EXTENSION:
        if (*at++ == '\n') c->body = c->left ? CHUNK_DATA : TRAILER_START;
        break;
      case CHUNK_DATA:
        take = there < c->left ? there : c->left;
        body_bytes(c, at, take);
        c->left -= take;
        at += take;
        if (!c->left) c->body = CHUNK_END;
        break;
      case CHUNK_END:
        if (*at++ == '\n') c->body = CHUNK_SIZE;
        break;
      case TRAILER_START:
        if (*at == '\n') return true;
        if (*at != '\r') c->body = TRAILER;
        at++;
        break;
      case TRAILER:
        if (*at++ == '\n') c->body = TRAILER_START;
        break;
    }
  }
  return false;
}

static void receive(struct conn *c) {
  static char buffer[1 << 17];
  for (;;) {
    ssize_t got = recv(c->fd, buffer, sizeof buffer, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
    if (got < 0) {
      fail(c);
      return;
    }
    if (got == 0) {
      if (c->body == UNTIL_CLOSE) {
        c->close_after = true;
        complete(c);
      } else fail(c);
      return;
    }
    bytes_total += (uint64_t)got;
    if (reply_bytes(c, buffer, (size_t)got)) {
      complete(c);
      return;
    }
    if ((size_t)got < sizeof buffer) return;
  }
}

static void handle(struct conn *c, uint32_t events) {
  if (c->phase == IDLE || c->fd < 0) return;
  if (c->phase == CONNECTING) {
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error) {
      errno = error;
      fail(c);
      return;
    }
    watch(c, EPOLLIN, EPOLL_CTL_MOD);
    begin_request(c);
    return;
  }
  int fd = c->fd;
  if (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) receive(c);
  if (events & EPOLLOUT && c->fd == fd && c->phase == SENDING) send_rest(c);
}

/* ---- the run ---- */

static int start_due(int started, uint64_t now) {
  while (started < connections && conns[started].starts_at <= now) {
    in_flight++;
    next(&conns[started++]);
  }
  return started;
}

static void run(void) {
  began_at = ended_at = now_ns();
  uint64_t gives_up_at = began_at + (uint64_t)((seconds + GRACE_SECONDS) * 1e9);
  for (int i = 0; i < connections; i++) conns[i].starts_at = began_at + stagger_ns * (uint64_t)i / (uint64_t)connections;
  struct epoll_event events[256];
  int started = 0;
  for (;;) {
    uint64_t now = now_ns();
    if (!time_is_up(now)) started = start_due(started, now);
    if (!in_flight && (started == connections || time_is_up(now))) return;
    if (now > gives_up_at) {
      failed += (uint64_t)in_flight;
      return;
    }
    int count = epoll_wait(epoll_fd, events, 256, started < connections ? 1 : 100);
    if (count < 0 && errno != EINTR) fatal("epoll_wait");
    for (int i = 0; i < count; i++) handle(&conns[events[i].data.u32], events[i].events);
  }
}

static int by_value(const void *left, const void *right) {
  uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
  return a < b ? -1 : a > b;
}

static void print_samples(const char *name, struct samples *samples) {
  if (!samples->count) {
    printf(",\"%s\":null", name);
    return;
  }
  qsort(samples->values, samples->count, sizeof *samples->values, by_value);
  size_t last = samples->count - 1;
  printf(",\"%s\":{\"p50\":%u,\"p90\":%u,\"p99\":%u,\"max\":%u}", name, samples->values[last / 2], samples->values[last * 90 / 100],
         samples->values[last * 99 / 100], samples->values[last]);
}

static void print_result(void) {
  double took = (double)(ended_at - began_at) / 1e9;
  printf("{\"requests\":%lu,\"failed\":%lu,\"seconds\":%.3f,\"perSecond\":%.1f,\"events\":%lu,\"broken\":%lu,\"reconnects\":%lu,\"bytes\":%lu",
         completed, failed, took, took > 0 ? (double)completed / took : 0, events_total, broken, reconnects, bytes_total);
  printf(",\"statuses\":{");
  const char *comma = "";
  for (int i = 0; i < 600; i++)
    if (statuses[i]) {
      printf("%s\"%d\":%lu", comma, i, statuses[i]);
      comma = ",";
    }
  printf("}");
  print_samples("latency", &latency);
  print_samples("first", &first);
  printf("}\n");
}

static void read_options(int argc, char **argv) {
  const char *path = NULL;
  for (int i = 1; i < argc; i++) {
    if (strcmp(argv[i], "--sources") == 0) {
      own_sources = true;
      continue;
    }
    const char *value = i + 1 < argc ? argv[++i] : "";
    const char *name = argv[i - 1];
    if (strcmp(name, "--port") == 0) port = atoi(value);
    else if (strcmp(name, "--requests") == 0) path = value;
    else if (strcmp(name, "--connections") == 0) connections = atoi(value);
    else if (strcmp(name, "--seconds") == 0) seconds = atof(value);
    else if (strcmp(name, "--stagger-ms") == 0) stagger_ns = (uint64_t)atol(value) * 1000000ull;
    else if (strcmp(name, "--stream") == 0) stream_events = atoi(value);
    else {
      fprintf(stderr, "unknown option %s\n", name);
      exit(2);
    }
  }
  if (port < 1 || port > 65535 || !path || connections < 1 || connections > CONNECTIONS_MAX || seconds <= 0 || seconds > 600 ||
      (own_sources && connections > 250)) {
    fprintf(stderr, "load: see the head of load.c\n");
    exit(2);
  }
  read_requests(path);
}

int main(int argc, char **argv) {
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  signal(SIGPIPE, SIG_IGN);
  read_options(argc, argv);
  epoll_fd = epoll_create1(EPOLL_CLOEXEC);
  if (epoll_fd < 0) fatal("epoll_create1");
  conns = calloc((size_t)connections, sizeof *conns);
  if (!conns) fatal("calloc");
  for (int i = 0; i < connections; i++) {
    conns[i].index = i;
    conns[i].fd = -1;
  }
  run();
  print_result();
  return 0;
}
