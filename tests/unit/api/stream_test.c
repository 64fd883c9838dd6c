/* SPDX-License-Identifier: Apache-2.0 */
/* Live streams over real sockets, in one thread with the server: a reader that does not read, and
 * more readers than there is room for. The clock is the test's own. */
#include "world.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include "api/api.h"

enum {
	EVENTS = 400,
	NAME_BYTES = 1400,
	SMALL_BUFFER = 4096,
	STREAMS_MAX = 256, /* as in api/stream.c */
	STREAMS_OF_ONE_MAX = 32,
	ROUNDS_MAX = 20000,
};

struct scene {
	struct world w;
	usec now;
	struct env env;
	struct loop *loop;
	struct gate *gate;
	struct config config;
	struct api *api;
	struct http_server *server;
	struct sockaddr_in address;
	struct log log;
	char run[80];
	unsigned added;
};

static usec scene_now(void *ctx)
{
	return ((struct scene *)ctx)->now;
}

static void scene_random(void *ctx, void *out, size_t n)
{
	fill_random(&((struct scene *)ctx)->w.seed, out, n);
}

/* Who asks is who the request says. */
static void on_request(void *ctx, struct http_request *rq)
{
	struct scene *s = ctx;
	const struct identity who = {.reader = {.own = true,
	                                 .name = http_header(rq, "X-Reader"),
	                                 .role = ROLE_ANALYST,
	                                 .clearance = TLP_RED},
	    .kind = IDENTITY_PASSWORD};

	api_handle(s->api, rq, &(struct api_caller){.rc = OK, .who = &who});
}

static int listen_small(struct scene *s)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	socklen_t n = sizeof(s->address);
	int size = SMALL_BUFFER;

	/* Connections inherit it: what the kernel takes must not hide that nobody reads. */
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size)), 0);
	s->address = (struct sockaddr_in){.sin_family = AF_INET};
	s->address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)&s->address, n), 0);
	assert_int_equal(listen(fd, 64), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&s->address, &n), 0);
	return fd;
}

static void make(struct scene *s)
{
	memset(s, 0, sizeof(*s));
	world_make(&s->w);
	world_follow(&s->w);
	s->now = INT64_C(1790000000000000);
	s->env = (struct env){scene_now, scene_random, s};
	s->log = (struct log){.env = &s->env, .role = S("test"), .level = LOG_ALERT, .fd = 2};
	(void)snprintf(s->run, sizeof(s->run), "%s/run", s->w.dir);
	WORLD_OK(&s->w, loop_new(&s->loop, &s->w.fault));
	WORLD_OK(&s->w, gate_open(&s->gate, str_c(s->w.dir), &s->env, &s->w.fault));
	s->api = api_new(&(struct api_options){.loop = s->loop,
	    .gate = s->gate,
	    .log = &s->log,
	    .node = {.config = &s->config,
	        .env = &s->env,
	        .run_dir = str_c(s->run),
	        .version = S("test")},
	    .metrics_open = true});
	WORLD_OK(&s->w, http_server_new(&s->server,
	                    &(struct http_server_options){.base = loop_base(s->loop),
	                        .listen_fd = listen_small(s),
	                        .body_max = 1 << 16,
	                        .connections_max = 2 * STREAMS_MAX,
	                        .handler = on_request,
	                        .ctx = s},
	                    &s->w.fault));
}

static void end(struct scene *s)
{
	api_free(s->api);
	http_server_free(s->server);
	gate_close(s->gate);
	loop_free(s->loop);
	world_end(&s->w);
}

static void turn(struct scene *s)
{
	(void)event_base_loop(loop_base(s->loop), EVLOOP_NONBLOCK);
}

struct client {
	int fd;
	bool over; /* the server closed */
	struct buf in;
};

static void dial(struct scene *s, struct client *c, bool small)
{
	int size = SMALL_BUFFER;

	*c = (struct client){.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
	buf_init(&c->in, 16 << 20);
	if (small)
		assert_int_equal(setsockopt(c->fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size)), 0);
	assert_int_equal(connect(c->fd, (struct sockaddr *)&s->address, sizeof(s->address)), 0);
	assert_int_equal(fcntl(c->fd, F_SETFL, O_NONBLOCK), 0);
}

static void hang_up(struct client *c)
{
	(void)close(c->fd);
	buf_free(&c->in);
}

static void take(struct client *c)
{
	char bytes[65536];
	ssize_t n;

	while ((n = recv(c->fd, bytes, sizeof(bytes), 0)) > 0)
		buf_put(&c->in, (struct str){bytes, (size_t)n});
	c->over = n == 0;
}

static size_t count(const struct client *c, const char *text)
{
	struct str rest = buf_str(&c->in), what = str_c(text);
	size_t n = 0, at;

	while ((at = str_search(rest, what)) < rest.n) {
		rest = str_from(rest, at + what.n);
		n++;
	}
	return n;
}

/* Turns the server and reads until so many of a text have come, or the server has closed. */
static void read_until(struct scene *s, struct client *c, const char *text, size_t wanted)
{
	for (unsigned round = 0; round < ROUNDS_MAX; round++) {
		struct pollfd ready = {.fd = c->fd, .events = POLLIN};

		turn(s);
		(void)poll(&ready, 1, 10);
		take(c);
		if (c->over || count(c, text) >= wanted)
			return;
		api_committed(s->api);
	}
	assert_true(false);
}

static void ask(struct scene *s, struct client *c, const char *path, const char *reader)
{
	char text[256];
	int n = snprintf(text, sizeof(text),
	    "GET %s HTTP/1.1\r\nHost: localhost\r\nX-Reader: %s\r\n\r\n", path, reader);

	assert_int_equal(send(c->fd, text, (size_t)n, MSG_NOSIGNAL), n);
	turn(s);
}

/* The status of the answer, whose head has come when this returns. */
static int open_stream(struct scene *s, struct client *c, const char *reader)
{
	dial(s, c, false);
	ask(s, c, "/api/v1/events", reader);
	read_until(s, c, "\r\n\r\n", 1);
	return count(c, "HTTP/1.1 200 ") ? 200 : count(c, "HTTP/1.1 503 ") ? 503 : 0;
}

static bool metrics_say(struct scene *s, const char *line)
{
	struct client c;
	bool said;

	dial(s, &c, false);
	ask(s, &c, "/metrics", "ann");
	read_until(s, &c, "tocsin_http_streams_cut_total ", 1);
	said = count(&c, line) == 1;
	if (!said)
		print_error("%.*s\n", STR_ARG(buf_str(&c.in)));
	hang_up(&c);
	turn(s);
	return said;
}

static void add_indicators(struct scene *s, unsigned many)
{
	char text[WORLD_TEXT], name[NAME_BYTES + 1];

	memset(name, 'n', NAME_BYTES);
	name[NAME_BYTES] = '\0';
	for (unsigned i = 0; i < many; i++) {
		world_indicator(text, ++s->added, 1, "[domain-name:value = 'a.example']", name);
		(void)world_add(&s->w, text, TLP_GREEN);
	}
	world_follow(&s->w);
	api_committed(s->api);
}

/* Everything that two readers are to have, one of which does not read. */
static void fill(struct scene *s, struct client *slow, struct client *quick)
{
	dial(s, slow, true);
	ask(s, slow, "/api/v1/events", "slow");
	assert_int_equal(open_stream(s, quick, "quick"), 200);
	assert_true(metrics_say(s, "tocsin_http_streams 2\n"));
	add_indicators(s, EVENTS);
	read_until(s, quick, "event: indicator\n", EVENTS);
	assert_int_equal(count(quick, "event: indicator\n"), EVENTS);
}

static void who_does_not_read_is_cut_off_and_others_go_on(void **state)
{
	struct client slow, quick;
	struct scene s;

	(void)state;
	make(&s);
	fill(&s, &slow, &quick);
	s.now += 59 * USEC_PER_SEC;
	api_committed(s.api);
	turn(&s);
	assert_true(metrics_say(&s, "tocsin_http_streams 2\n"));
	assert_true(metrics_say(&s, "tocsin_http_streams_cut_total 0\n"));
	s.now += 2 * USEC_PER_SEC;
	api_committed(s.api);
	turn(&s);
	assert_true(metrics_say(&s, "tocsin_http_streams 1\n"));
	assert_true(metrics_say(&s, "tocsin_http_streams_cut_total 1\n"));
	add_indicators(&s, 10);
	read_until(&s, &quick, "event: indicator\n", EVENTS + 10);
	assert_int_equal(count(&quick, "event: indicator\n"), EVENTS + 10);
	/* What was kept for it is no more than the limit and what kernels keep. */
	read_until(&s, &slow, "no such text", 1);
	assert_true(slow.over);
	assert_true(count(&slow, "event: indicator\n") < EVENTS);
	assert_true(slow.in.n < HTTP_STREAM_QUEUE_MAX + 32 * SMALL_BUFFER);
	hang_up(&slow);
	hang_up(&quick);
	end(&s);
}

static void who_reads_again_in_time_misses_nothing(void **state)
{
	struct client slow, quick;
	struct scene s;

	(void)state;
	make(&s);
	fill(&s, &slow, &quick);
	s.now += 59 * USEC_PER_SEC;
	read_until(&s, &slow, "event: indicator\n", EVENTS);
	assert_int_equal(count(&slow, "event: indicator\n"), EVENTS);
	s.now += 59 * USEC_PER_SEC;
	add_indicators(&s, 1);
	read_until(&s, &slow, "event: indicator\n", EVENTS + 1);
	assert_false(slow.over);
	assert_true(metrics_say(&s, "tocsin_http_streams_cut_total 0\n"));
	hang_up(&slow);
	hang_up(&quick);
	end(&s);
}

static void a_reader_who_leaves_while_behind_is_counted(void **state)
{
	struct client slow, quick;
	struct scene s;

	(void)state;
	make(&s);
	fill(&s, &slow, &quick);
	hang_up(&slow);
	turn(&s);
	hang_up(&quick);
	turn(&s);
	api_committed(s.api);
	assert_true(metrics_say(&s, "tocsin_http_streams 0\n"));
	assert_true(metrics_say(&s, "tocsin_http_streams_cut_total 1\n"));
	end(&s);
}

static void streams_are_limited_for_each_reader_and_for_all(void **state)
{
	struct client *all = calloc(STREAMS_MAX, sizeof(*all));
	struct client more;
	struct scene s;
	char name[16];

	(void)state;
	make(&s);
	for (int i = 0; i < STREAMS_MAX; i++) {
		(void)snprintf(name, sizeof(name), "r%d", i / STREAMS_OF_ONE_MAX);
		assert_int_equal(open_stream(&s, &all[i], name), 200);
		if (i != STREAMS_OF_ONE_MAX - 1)
			continue;
		assert_int_equal(open_stream(&s, &more, name), 503);
		assert_int_equal(count(&more, "too many live streams"), 1);
		hang_up(&more);
	}
	assert_int_equal(open_stream(&s, &more, "another"), 503);
	hang_up(&more);
	hang_up(&all[0]);
	turn(&s);
	assert_int_equal(open_stream(&s, &all[0], "another"), 200);
	assert_true(metrics_say(&s, "tocsin_http_streams 256\n"));
	for (int i = 0; i < STREAMS_MAX; i++)
		hang_up(&all[i]);
	end(&s);
	free(all);
}

/* Waits for the server's own timer: that is what is measured. */
static void a_quiet_stream_lets_the_server_sleep(void **state)
{
	struct client c;
	struct scene s;
	usec before;

	(void)state;
	make(&s);
	assert_int_equal(open_stream(&s, &c, "ann"), 200);
	read_until(&s, &c, "event: status\n", 1);
	turn(&s);
	before = sys_monotonic();
	(void)event_base_loop(loop_base(s.loop), EVLOOP_ONCE);
	assert_true(sys_monotonic() - before > USEC_PER_SEC);
	hang_up(&c);
	end(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(who_does_not_read_is_cut_off_and_others_go_on),
	    cmocka_unit_test(who_reads_again_in_time_misses_nothing),
	    cmocka_unit_test(a_reader_who_leaves_while_behind_is_counted),
	    cmocka_unit_test(streams_are_limited_for_each_reader_and_for_all),
	    cmocka_unit_test(a_quiet_stream_lets_the_server_sleep),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
