/* SPDX-License-Identifier: Apache-2.0 */
/* The message channel between nodes, over real sockets. */
#include "test.h"

#include "link_pair.h"

static const struct wire_options PLAIN = {0};

/* G16: the key exchange of a link is hybrid post-quantum. */
static void both_sides_know_each_other_and_the_key_exchange(void **state)
{
	struct pair p;
	const struct tls_facts *s;
	const struct tls_facts *c;

	(void)state;
	pair_open(&p, false, false);
	pair_connect(&p, &PLAIN);
	s = wire_facts(p.server.wire);
	c = wire_facts(p.client.wire);
	assert_true(sha256_eq(&s->cert, &p.client.cert));
	assert_true(sha256_eq(&c->cert, &p.server.cert));
	assert_true(s->post_quantum && c->post_quantum);
	assert_string_equal(s->group, "X25519MLKEM768");
	assert_memory_equal(s->binding, c->binding, TLS_BINDING);
	assert_int_equal(
	    s->cert_expires, (INT64_C(1700000000) + INT64_C(3650) * 86400) * USEC_PER_SEC);
	pair_free(&p);
}

static void a_classical_peer_is_told_apart(void **state)
{
	struct pair p;

	(void)state;
	for (int i = 0; i < 2; i++) {
		pair_open(&p, i == 0, i == 1);
		pair_connect(&p, &PLAIN);
		assert_true(p.server.ready && p.client.ready);
		assert_false(wire_facts(p.server.wire)->post_quantum);
		assert_false(wire_facts(p.client.wire)->post_quantum);
		assert_string_equal(wire_facts(p.client.wire)->group, "x25519");
		pair_free(&p);
	}
}

static void every_connection_has_a_binding_of_its_own(void **state)
{
	unsigned char before[TLS_BINDING];
	struct pair p;

	(void)state;
	pair_open(&p, false, false);
	pair_connect(&p, &PLAIN);
	memcpy(before, wire_facts(p.server.wire)->binding, TLS_BINDING);
	wire_free(p.server.wire);
	wire_free(p.client.wire);
	p.server.ready = p.client.ready = false;
	pair_connect(&p, &PLAIN);
	assert_memory_not_equal(before, wire_facts(p.server.wire)->binding, TLS_BINDING);
	pair_free(&p);
}

static void messages_of_every_size_arrive_whole_and_in_order(void **state)
{
	static const size_t sizes[] = {0, 1, 5, 6, 7, 16383, 16384, 16385, 200000, 9 << 20, 3};
	const size_t count = sizeof(sizes) / sizeof(sizes[0]);
	struct wire_counts counts;
	struct pair p;
	size_t sent = 0;

	(void)state;
	pair_open(&p, false, false);
	pair_connect(&p, &(struct wire_options){.high = 16 << 20, .low = 1 << 20});
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(side_send(&p.client, i, sizes[i]), OK);
		assert_int_equal(side_send(&p.server, i, sizes[i]), OK);
		sent += sizes[i];
	}
	p.server.stop_at = p.client.stop_at = count;
	while (p.server.messages < count || p.client.messages < count)
		assert_int_equal(loop_run(p.loop, NULL), OK);
	assert_int_equal(p.server.bytes, sent);
	assert_int_equal(p.client.bytes, sent);
	counts = wire_counts(p.server.wire);
	assert_int_equal(counts.messages_in, count);
	assert_int_equal(counts.bytes_in, sent + count * 6);
	assert_int_equal(wire_queued(p.server.wire), 0);
	pair_free(&p);
}

/* G15: what is urgent leaves before what waits, in the order in which it was said, though the queue
 * is full. */
static void what_goes_ahead_arrives_first(void **state)
{
	enum { LONG = 1 << 20, MANY = 8 };
	struct pair p;

	(void)state;
	pair_open(&p, false, false);
	pair_connect(&p, &(struct wire_options){.high = 2 * LONG, .low = LONG});
	assert_int_equal(side_send(&p.client, 2, LONG), OK);
	assert_int_equal(side_send(&p.client, 3, LONG), OK);
	assert_int_equal(side_send(&p.client, 4, 1), ERR_BUSY);
	assert_int_equal(side_send_by(&p.client, 0, 10, wire_send_ahead), OK);
	assert_int_equal(side_send_by(&p.client, 1, 10, wire_send_ahead), OK);
	p.server.stop_at = 1;
	assert_int_equal(loop_run(p.loop, NULL), OK);
	/* One that is on its way is not cut in two: number 2 may be. */
	p.server.stop_at = 4;
	while (p.server.messages < 4)
		assert_int_equal(loop_run(p.loop, NULL), OK);
	for (size_t i = 0; i < MANY; i++)
		(void)side_send_by(&p.client, 4 + i, LONG, wire_send_ahead);
	assert_int_equal(side_send_by(&p.client, 99, LONG, wire_send_ahead), ERR_BUSY);
	pair_free(&p);
}

static void a_goodbye_brings_its_reason_after_what_was_sent_before(void **state)
{
	struct pair p;

	(void)state;
	pair_open(&p, false, false);
	pair_connect(&p, &PLAIN);
	assert_int_equal(side_send(&p.server, 0, 100000), OK);
	wire_close(p.server.wire, S("this peer was cut"));
	assert_int_equal(side_send(&p.server, 1, 1), ERR_CLOSED);
	run_until_closed(&p.client);
	run_until_closed(&p.server);
	assert_int_equal(p.client.messages, 1);
	assert_int_equal(p.client.end, WIRE_REFUSED);
	assert_string_equal(p.client.text, "this peer was cut");
	assert_int_equal(p.server.end, WIRE_LEFT);
	pair_free(&p);
}

static void a_cut_connection_is_noticed(void **state)
{
	struct pair p;

	(void)state;
	pair_open(&p, false, false);
	pair_connect(&p, &PLAIN);
	wire_free(p.server.wire);
	p.server.wire = NULL;
	run_until_closed(&p.client);
	assert_int_equal(p.client.end, WIRE_GONE);
	pair_free(&p);
}

static void a_slow_receiver_is_felt_and_memory_stays_bounded(void **state)
{
	enum { HIGH = 256 << 10, ONE = 64 << 10, TOTAL = 400 };
	struct pair p;
	size_t sent = 0;

	(void)state;
	pair_open(&p, false, false);
	pair_connect(&p, &(struct wire_options){.high = HIGH, .low = HIGH / 4});
	wire_pause(p.server.wire, true);
	/* Until nothing moves any more: the sockets are full, too. */
	for (int idle = 0; idle < 50; idle++) {
		while (side_send(&p.client, sent, ONE) == OK) {
			sent++;
			idle = 0;
		}
		assert_true(wire_queued(p.client.wire) <= HIGH + ONE + 6);
		(void)event_base_loop(loop_base(p.loop), EVLOOP_NONBLOCK);
	}
	assert_true(sent < TOTAL);
	assert_int_equal(p.server.messages, 0);
	wire_pause(p.server.wire, false);
	p.server.stop_at = sent;
	assert_int_equal(loop_run(p.loop, NULL), OK);
	assert_int_equal(p.server.messages, sent);
	assert_true(p.client.drained > 0);
	pair_free(&p);
}

static void a_message_past_the_limit_ends_the_wire(void **state)
{
	struct pair p;

	(void)state;
	pair_open(&p, false, false);
	pair_connect(&p, &PLAIN);
	wire_set_body_max(p.server.wire, 1000);
	assert_int_equal(side_send(&p.client, 0, 1000), OK);
	assert_int_equal(side_send(&p.client, 1, 1001), OK);
	run_until_closed(&p.server);
	assert_int_equal(p.server.messages, 1);
	assert_int_equal(p.server.end, WIRE_BROKEN);
	assert_int_equal(side_send(&p.client, 2, WIRE_BODY_MAX + 1), ERR_LIMIT);
	pair_free(&p);
}

static void silence_ends_a_wire_and_signs_of_life_keep_it(void **state)
{
	struct pair p;

	(void)state;
	pair_open(&p, false, false);
	/* The one says something every 20 ms, the other hears 300 ms of that. */
	pair_connect(&p, &(struct wire_options){.alive_every = USEC_PER_SEC / 50,
	                     .silence_max = USEC_PER_SEC * 3 / 10});
	while (wire_counts(p.server.wire).messages_in < 20)
		(void)event_base_loop(loop_base(p.loop), EVLOOP_ONCE);
	assert_false(p.server.closed || p.client.closed);
	pair_free(&p);

	pair_open(&p, false, false);
	pair_connect(&p, &(struct wire_options){.silence_max = USEC_PER_SEC / 20});
	run_until_closed(&p.server);
	assert_int_equal(p.server.end, WIRE_SILENT);
	pair_free(&p);
}

/* G17 */
static void a_paced_wire_sends_whole_beats_only_and_loses_nothing(void **state)
{
	enum { BEAT = 700, COUNT = 40 };
	static const size_t sizes[] = {0, 1, 687, 688, 689, 694, 695, 3000};
	const size_t size_count = sizeof(sizes) / sizeof(sizes[0]);
	struct wire_counts counts;
	struct pair p;

	(void)state;
	pair_open(&p, false, false);
	pair_connect(
	    &p, &(struct wire_options){.pace_bytes = BEAT, .pace_every = USEC_PER_SEC / 2000});
	/* Idle: beats all the same. */
	while (wire_counts(p.server.wire).fillers_in < 20)
		(void)event_base_loop(loop_base(p.loop), EVLOOP_ONCE);
	for (size_t i = 0; i < COUNT; i++)
		assert_int_equal(side_send(&p.client, i, sizes[i % size_count]), OK);
	p.server.stop_at = COUNT;
	assert_int_equal(loop_run(p.loop, NULL), OK);
	counts = wire_counts(p.client.wire);
	assert_true(counts.bytes_out >= 20 * BEAT);
	assert_int_equal(counts.bytes_out % BEAT, 0);
	assert_int_equal(wire_counts(p.server.wire).bytes_in % BEAT, 0);
	wire_close(p.client.wire, S("enough"));
	run_until_closed(&p.server);
	assert_string_equal(p.server.text, "enough");
	pair_free(&p);
}

static void who_does_not_speak_tls_is_refused_with_words(void **state)
{
	struct wire_options o;
	struct pair p;
	int fd;

	(void)state;
	pair_open(&p, false, false);
	o = side_options(&p.server, -1);
	fd = pair_sockets(&p, &o.fd);
	p.server.wire = wire_new(&o);
	assert_int_equal(send(fd, "GET / HTTP/1.1\r\n\r\n", 18, 0), 18);
	run_until_closed(&p.server);
	assert_int_equal(p.server.end, WIRE_NO_TLS);
	assert_true(strlen(p.server.text) > 5);
	assert_false(p.server.ready);
	close(fd);
	pair_free(&p);
}

static void a_handshake_has_little_time(void **state)
{
	struct wire_options o;
	struct pair p;
	int fd;

	(void)state;
	pair_open(&p, false, false);
	o = side_options(&p.server, -1);
	fd = pair_sockets(&p, &o.fd);
	o.handshake_max = USEC_PER_SEC / 20;
	p.server.wire = wire_new(&o);
	run_until_closed(&p.server);
	assert_int_equal(p.server.end, WIRE_NO_TLS);
	assert_int_equal(side_send(&p.server, 0, 1), ERR_CLOSED);
	close(fd);
	pair_free(&p);
}

static void a_closed_port_is_unreachable(void **state)
{
	struct wire_options o;
	struct pair p;

	(void)state;
	pair_open(&p, false, false);
	close(p.listener);
	p.listener = -1;
	o = side_options(&p.client, -1);
	o.client = true;
	assert_int_equal(address_dial(&o.fd, pair_address(&p), NULL), OK);
	p.client.wire = wire_new(&o);
	run_until_closed(&p.client);
	assert_int_equal(p.client.end, WIRE_UNREACHABLE);
	assert_non_null(strstr(p.client.text, "refused"));
	pair_free(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(both_sides_know_each_other_and_the_key_exchange),
	    cmocka_unit_test(a_classical_peer_is_told_apart),
	    cmocka_unit_test(every_connection_has_a_binding_of_its_own),
	    cmocka_unit_test(messages_of_every_size_arrive_whole_and_in_order),
	    cmocka_unit_test(what_goes_ahead_arrives_first),
	    cmocka_unit_test(a_goodbye_brings_its_reason_after_what_was_sent_before),
	    cmocka_unit_test(a_cut_connection_is_noticed),
	    cmocka_unit_test(a_slow_receiver_is_felt_and_memory_stays_bounded),
	    cmocka_unit_test(a_message_past_the_limit_ends_the_wire),
	    cmocka_unit_test(silence_ends_a_wire_and_signs_of_life_keep_it),
	    cmocka_unit_test(a_paced_wire_sends_whole_beats_only_and_loses_nothing),
	    cmocka_unit_test(who_does_not_speak_tls_is_refused_with_words),
	    cmocka_unit_test(a_handshake_has_little_time),
	    cmocka_unit_test(a_closed_port_is_unreachable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
