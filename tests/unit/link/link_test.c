/* SPDX-License-Identifier: Apache-2.0 */
/* Two links in one process, over loopback, each with a clock of its own. */
#include "test.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "crypt/cert.h"
#include "link/admit.h"
#include "link/hello.h"
#include "link/link.h"
#include "sys/listen.h"
#include "wire/wire.h"

#define SMALLER "identity--00000000-0000-4000-8000-000000000001"
#define GREATER "identity--00000000-0000-4000-8000-000000000002"

struct node {
	struct loop *loop;
	struct link *link;
	struct ssl_ctx_st *tls;
	struct sha256 cert;
	char cert_hex[2 * SHA256_LEN + 1];
	const char *identity;
	char address[LISTEN_URL_MAX];
	usec offset; /* of its clock */
	struct env env;
	struct log log;
	char alarm[32]; /* the newest code */
	bool alarmed;
	char alarm_text[512];
	unsigned ups, downs;
	struct link_session *session;
	char heard[64];
};

static usec node_now(void *ctx)
{
	const struct node *n = ctx;

	return INT64_C(1700000000) * USEC_PER_SEC + sys_monotonic() + n->offset;
}

static void node_random(void *ctx, void *out, size_t n)
{
	(void)ctx;
	memset(out, 0x55, n);
}

static void on_alarm(void *ctx, const char *code, const char *text)
{
	struct node *n = ctx;

	(void)snprintf(n->alarm, sizeof(n->alarm), "%s", code);
	n->alarmed = text != NULL;
	(void)snprintf(n->alarm_text, sizeof(n->alarm_text), "%s", text ? text : "");
	loop_stop(n->loop);
}

static void *on_up(void *ctx, struct link_session *s, const struct link_peer *peer)
{
	struct node *n = ctx;

	assert_true(str_eq(peer->state, S("active")));
	n->ups++;
	n->session = s;
	loop_stop(n->loop);
	return n;
}

static void on_down(void *state)
{
	struct node *n = state;

	n->downs++;
	n->session = NULL;
	loop_stop(n->loop);
}

static enum err on_message(void *state, uint16_t type, struct str body, struct fault *fault)
{
	struct node *n = state;

	if (type != LINK_ENGINE_TYPES)
		return fail(fault, ERR_PARSE, "not a word that is understood");
	(void)snprintf(n->heard, sizeof(n->heard), "%.*s", STR_ARG(body));
	loop_stop(n->loop);
	return OK;
}

static void node_open(struct node *n, struct loop *loop, const char *identity, bool classical)
{
	const struct str hosts[] = {S("localhost")};
	const struct cert_request request = {.name = S("node"),
	    .hosts = hosts,
	    .host_count = 1,
	    .not_before = INT64_C(1700000000) * USEC_PER_SEC,
	    .days = 3650};
	struct arena *arena = arena_new(1 << 20);
	struct tls_link_options o = {.classical = classical};
	char url[LISTEN_URL_MAX];
	int fd;

	*n = (struct node){.loop = loop, .identity = identity};
	n->env = (struct env){node_now, node_random, n};
	n->log = (struct log){.env = &n->env, .role = S("link"), .level = LOG_ALERT, .fd = 2};
	assert_int_equal(cert_make(&o.cert_pem, &o.key_pem, arena, &request, NULL), OK);
	assert_int_equal(cert_fingerprint(&n->cert, o.cert_pem, NULL), OK);
	admit_hex(n->cert_hex, &n->cert);
	assert_int_equal(tls_link_new(&n->tls, &o, NULL), OK);
	arena_free(arena);
	n->link = link_new(&(struct link_options){.loop = loop,
	    .tls = n->tls,
	    .cert_expires = INT64_MAX,
	    .env = &n->env,
	    .log = &n->log,
	    .identity = str_c(identity),
	    .engine = {.ctx = n, .up = on_up, .down = on_down, .message = on_message},
	    .retry_first = USEC_PER_SEC / 100,
	    .retry_last = USEC_PER_SEC / 10,
	    .alarm = on_alarm,
	    .ctx = n});
	assert_int_equal(listen_tcp(&fd, url, S("127.0.0.1:0"), NULL), OK);
	(void)snprintf(n->address, sizeof(n->address), "%.*s",
	    (int)(strlen(url) - strlen("https://") - 1), url + strlen("https://"));
	link_listen(n->link, fd);
}

static void node_close(struct node *n)
{
	link_free(n->link);
	tls_link_free(n->tls);
}

static void knows_as(
    struct node *n, const struct node *other, const char *state, bool dials, bool post_quantum)
{
	const struct link_peer peer = {.name = S("other"),
	    .state = str_c(state),
	    .identity = str_c(other->identity),
	    .origin = S("tocsin/x"),
	    .cert = str_c(other->cert_hex),
	    .address = dials ? str_c(other->address) : STR_NONE,
	    .post_quantum = post_quantum};

	link_set_peers(n->link, &peer, 1);
}

static void knows(struct node *n, const struct node *other, const char *state, bool dials)
{
	knows_as(n, other, state, dials, true);
}

struct two {
	struct loop *loop;
	struct node a, b;
};

static void two_open(struct two *t, bool b_classical)
{
	assert_int_equal(loop_new(&t->loop, NULL), OK);
	node_open(&t->a, t->loop, SMALLER, false);
	node_open(&t->b, t->loop, GREATER, b_classical);
}

static void two_close(struct two *t)
{
	node_close(&t->a);
	node_close(&t->b);
	loop_free(t->loop);
}

static void run_until_linked(struct two *t)
{
	while (!t->a.session || !t->b.session)
		assert_int_equal(loop_run(t->loop, NULL), OK);
}

static void what_the_engine_says_arrives_and_nonsense_ends_the_session(void **state)
{
	struct two t;

	(void)state;
	two_open(&t, false);
	knows(&t.a, &t.b, "active", true);
	knows(&t.b, &t.a, "active", false);
	run_until_linked(&t);
	assert_int_equal(link_session_send(t.a.session, LINK_ENGINE_TYPES, S("hello there")), OK);
	while (!t.b.heard[0])
		assert_int_equal(loop_run(t.loop, NULL), OK);
	assert_string_equal(t.b.heard, "hello there");
	assert_int_equal(link_session_send(t.b.session, LINK_ENGINE_TYPES + 1, S("?")), OK);
	while (t.a.downs == 0 || t.b.downs == 0)
		assert_int_equal(loop_run(t.loop, NULL), OK);
	/* And comes back. */
	run_until_linked(&t);
	two_close(&t);
}

static void two_that_dial_each_other_have_one_link(void **state)
{
	struct two t;

	(void)state;
	for (int i = 0; i < 5; i++) {
		two_open(&t, false);
		knows(i % 2 ? &t.a : &t.b, i % 2 ? &t.b : &t.a, "active", true);
		knows(i % 2 ? &t.b : &t.a, i % 2 ? &t.a : &t.b, "active", true);
		run_until_linked(&t);
		/* Whatever was on its way settles: what one says the other hears. */
		while (!t.b.heard[0]) {
			if (t.a.session)
				(void)!link_session_send(
				    t.a.session, LINK_ENGINE_TYPES, S("settled"));
			(void)event_base_loop(loop_base(t.loop), EVLOOP_ONCE);
		}
		assert_int_equal(t.a.ups - t.a.downs, 1);
		assert_int_equal(t.b.ups - t.b.downs, 1);
		two_close(&t);
	}
}

/* G21: clocks that differ by more than two seconds are an alarm, on both sides. */
static void a_clock_that_is_off_is_an_alarm(void **state)
{
	struct two t;

	(void)state;
	two_open(&t, false);
	t.b.offset = 3 * USEC_PER_SEC;
	knows(&t.a, &t.b, "active", true);
	knows(&t.b, &t.a, "active", false);
	while (!t.a.alarmed || !t.b.alarmed)
		assert_int_equal(loop_run(t.loop, NULL), OK);
	assert_string_equal(t.a.alarm, "clock-skew");
	assert_string_equal(t.b.alarm, "clock-skew");
	/* Cutting the peer ends the alarm about it. */
	knows(&t.a, &t.b, "cut", true);
	assert_false(t.a.alarmed);
	two_close(&t);
}

static void clocks_are_compared_to_half_a_round_trip(void **state)
{
	struct clock_skew c = clock_skew(1000000, 3500000, 2000000);

	(void)state;
	assert_int_equal(c.skew, 2000000);
	assert_int_equal(c.trip, 1000000);
	/* 2.0 s, give or take 0.5 s: not proven. */
	assert_false(clock_is_off(&c));
	c = clock_skew(1000000, 1000000 + 86400 * USEC_PER_SEC, 1001000);
	assert_true(clock_is_off(&c));
	c = clock_skew(86400 * USEC_PER_SEC, 1000000, 86400 * USEC_PER_SEC + 1000);
	assert_true(clock_is_off(&c));
	/* Foreign numbers do not overflow. */
	c = clock_skew(1000000, INT64_MAX, 1001000);
	c = clock_skew(1000000, INT64_MIN, 1001000);
	assert_int_equal(c.trip, 1000);
}

/* G16: a peer known to be post-quantum is not spoken to without it. */
static void a_classical_peer_is_refused_and_alarmed_whoever_dials(void **state)
{
	struct two t;

	(void)state;
	for (int dials = 0; dials < 2; dials++) {
		two_open(&t, true);
		knows_as(&t.b, &t.a, "active", dials == 0, false);
		knows(&t.a, &t.b, "active", dials == 1);
		while (!t.a.alarmed)
			assert_int_equal(loop_run(t.loop, NULL), OK);
		assert_string_equal(t.a.alarm, "peer-classical");
		assert_int_equal(t.a.ups, 0);
		two_close(&t);
	}
}

/* G18: cut at once. */
static void a_cut_peer_is_let_go_in_the_same_turn(void **state)
{
	struct two t;

	(void)state;
	two_open(&t, false);
	knows(&t.a, &t.b, "active", true);
	knows(&t.b, &t.a, "active", false);
	run_until_linked(&t);
	knows(&t.b, &t.a, "cut", false);
	assert_int_equal(t.b.downs, 1);
	while (t.a.downs == 0)
		assert_int_equal(loop_run(t.loop, NULL), OK);
	assert_int_equal(t.b.ups, 1);
	two_close(&t);
}

static void only_an_active_peer_with_its_own_certificate_is_admitted(void **state)
{
	struct tls_facts facts = {.post_quantum = true};
	char hex[2 * SHA256_LEN + 1];
	struct link_peer peer = {.state = S("active"), .post_quantum = true};

	(void)state;
	admit_hex(hex, &facts.cert);
	peer.cert = str_c(hex);
	assert_int_equal(link_admit(&peer, &facts), ADMIT_YES);
	assert_int_equal(link_admit(NULL, &facts), ADMIT_UNKNOWN);
	facts.post_quantum = false;
	assert_int_equal(link_admit(&peer, &facts), ADMIT_CLASSICAL);
	peer.post_quantum = false;
	assert_int_equal(link_admit(&peer, &facts), ADMIT_YES);
	peer.state = S("met");
	assert_int_equal(link_admit(&peer, &facts), ADMIT_MET);
	peer.state = S("cut");
	assert_int_equal(link_admit(&peer, &facts), ADMIT_CUT);
	peer.state = S("something new");
	assert_int_equal(link_admit(&peer, &facts), ADMIT_CUT);
	facts.cert.b[0] = 1;
	assert_int_equal(link_admit(&peer, &facts), ADMIT_OTHER);
	for (int v = ADMIT_UNKNOWN; v < ADMIT_VERDICTS; v++)
		assert_true(strlen(admit_words_here((enum admit)v)) > 10 &&
		            strlen(admit_words_there((enum admit)v)) > 10);
}

static void certificates_that_end_soon_are_announced(void **state)
{
	static const struct {
		int days;
		const char *text; /* NULL: no alarm */
	} CASES[] = {{31, NULL}, {30, "in less than 30 days"}, {8, "in less than 30 days"},
	    {7, "in less than 7 days"}, {2, "in less than 7 days"}, {1, "in less than 1 day."},
	    {-1, "ended on"}};
	struct loop *loop;

	(void)state;
	assert_int_equal(loop_new(&loop, NULL), OK);
	for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
		struct node n = {.loop = loop};
		struct link *link;

		n.env = (struct env){node_now, node_random, &n};
		link = link_new(&(struct link_options){.loop = loop,
		    .cert_expires = node_now(&n) + (usec)CASES[i].days * 24 * 3600 * USEC_PER_SEC,
		    .env = &n.env,
		    .log = &n.log,
		    .identity = S(SMALLER),
		    .alarm = on_alarm,
		    .ctx = &n});
		assert_int_equal(n.alarmed, CASES[i].text != NULL);
		if (n.alarmed) {
			assert_string_equal(n.alarm, "certificate-expires");
			assert_non_null(strstr(n.alarm_text, CASES[i].text));
		}
		link_free(link);
	}
	loop_free(loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_the_engine_says_arrives_and_nonsense_ends_the_session),
	    cmocka_unit_test(two_that_dial_each_other_have_one_link),
	    cmocka_unit_test(a_clock_that_is_off_is_an_alarm),
	    cmocka_unit_test(clocks_are_compared_to_half_a_round_trip),
	    cmocka_unit_test(a_classical_peer_is_refused_and_alarmed_whoever_dials),
	    cmocka_unit_test(a_cut_peer_is_let_go_in_the_same_turn),
	    cmocka_unit_test(only_an_active_peer_with_its_own_certificate_is_admitted),
	    cmocka_unit_test(certificates_that_end_soon_are_announced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
