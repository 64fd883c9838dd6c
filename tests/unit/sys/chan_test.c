/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "sys/chan.h"

/* What one side has seen. */
struct side {
	struct loop *loop;
	struct chan *chan;
	size_t messages;
	size_t bytes;
	size_t drained;
	bool closed;
	size_t stop_at; /* stops the loop after so many messages */
	int kept_fd;
	uint64_t last_id;
};

static void on_message(void *ctx, struct chan *c, const struct chan_message *m)
{
	struct side *s = ctx;

	(void)c;
	assert_int_equal(m->type, 7);
	assert_int_equal(m->id, s->last_id + 1);
	s->last_id = m->id;
	s->messages++;
	s->bytes += m->body.n;
	for (size_t i = 0; i < m->body.n; i += 997)
		assert_int_equal(m->body.p[i], (char)(m->id + i));
	if (m->fd_count > 0) {
		s->kept_fd = m->fds[0];
		m->fds[0] = -1;
	}
	if (s->messages == s->stop_at)
		loop_stop(s->loop);
}

static void on_drained(void *ctx, struct chan *c)
{
	struct side *s = ctx;

	(void)c;
	s->drained++;
}

static void on_closed(void *ctx, struct chan *c)
{
	struct side *s = ctx;

	s->closed = true;
	assert_true(chan_is_closed(c));
	loop_stop(s->loop);
}

static void open_pair(struct loop *loop, struct side *a, struct side *b, size_t body_max)
{
	int fds[2];
	struct chan_options o = {.loop = loop,
	    .body_max = body_max,
	    .high = 1 << 20,
	    .low = 256 << 10,
	    .message = on_message,
	    .drained = on_drained,
	    .closed = on_closed};

	assert_int_equal(chan_pair(fds, NULL), OK);
	*a = (struct side){.loop = loop, .kept_fd = -1};
	*b = (struct side){.loop = loop, .kept_fd = -1};
	o.fd = fds[0];
	o.ctx = a;
	a->chan = chan_new(&o);
	o.fd = fds[1];
	o.ctx = b;
	b->chan = chan_new(&o);
}

static enum err send_filled(struct side *s, uint64_t id, size_t n, int fd)
{
	char *body = mem_alloc(n);
	enum err rc;

	for (size_t i = 0; i < n; i++)
		body[i] = (char)(id + i);
	rc = chan_send(
	    s->chan, &(struct chan_message){
	                 .type = 7, .id = id, .body = {body, n}, .fds = &fd, .fd_count = fd >= 0});
	mem_free(body);
	return rc;
}

static void messages_of_every_size_arrive_whole_and_in_order(void **state)
{
	static const size_t sizes[] = {0, 1, 15, 16, 17, 65535, 65536, 65537, 200000, 3 << 20, 5};
	const size_t count = sizeof(sizes) / sizeof(sizes[0]);
	struct loop *loop;
	struct side a;
	struct side b;
	size_t sent = 0;

	(void)state;
	assert_int_equal(loop_new(&loop, NULL), OK);
	open_pair(loop, &a, &b, 4 << 20);
	for (uint64_t id = 1; id <= count; id++) {
		assert_int_equal(send_filled(&a, id, sizes[id - 1], -1), OK);
		sent += sizes[id - 1];
		b.stop_at = id;
		assert_int_equal(loop_run(loop, NULL), OK);
	}
	assert_int_equal(b.messages, count);
	assert_int_equal(b.bytes, sent);
	chan_free(a.chan);
	assert_int_equal(loop_run(loop, NULL), OK);
	assert_true(b.closed);
	chan_free(b.chan);
	loop_free(loop);
}

static void descriptors_come_with_their_own_message(void **state)
{
	struct loop *loop;
	struct side a;
	struct side b;
	int pipes[2];
	char c = 0;

	(void)state;
	assert_int_equal(loop_new(&loop, NULL), OK);
	assert_int_equal(pipe(pipes), 0);
	open_pair(loop, &a, &b, 1 << 20);
	assert_int_equal(send_filled(&a, 1, 100000, -1), OK);
	assert_int_equal(send_filled(&a, 2, 100000, -1), OK);
	assert_int_equal(send_filled(&a, 3, 10, pipes[1]), OK);
	assert_int_equal(send_filled(&a, 4, 10, -1), OK);
	close(pipes[1]);
	b.stop_at = 4;
	assert_int_equal(loop_run(loop, NULL), OK);
	assert_true(b.kept_fd >= 0);
	assert_int_equal(write(b.kept_fd, "x", 1), 1);
	close(b.kept_fd);
	assert_int_equal(read(pipes[0], &c, 1), 1);
	assert_int_equal(c, 'x');
	/* Every copy of the writing end is closed: nothing was leaked on the way. */
	assert_int_equal(read(pipes[0], &c, 1), 0);
	close(pipes[0]);
	chan_free(a.chan);
	chan_free(b.chan);
	loop_free(loop);
}

static void a_receiver_that_pauses_is_felt_by_the_sender(void **state)
{
	struct loop *loop;
	struct side a;
	struct side b;
	uint64_t sent = 0;

	(void)state;
	assert_int_equal(loop_new(&loop, NULL), OK);
	open_pair(loop, &a, &b, 1 << 20);
	chan_pause(b.chan, true);
	while (send_filled(&a, sent + 1, 50000, -1) == OK)
		sent++;
	assert_int_equal(send_filled(&a, sent + 1, 1, -1), ERR_BUSY);
	/* The high mark and the kernel's own buffer bound what can be on its way. */
	assert_in_range(chan_queued(a.chan), 1 << 20, (1 << 20) + 60000);
	assert_int_equal(a.drained, 0);
	chan_pause(b.chan, false);
	b.stop_at = sent;
	assert_int_equal(loop_run(loop, NULL), OK);
	assert_int_equal(b.messages, sent);
	assert_int_equal(a.drained, 1);
	assert_int_equal(send_filled(&a, sent + 1, 1, -1), OK);
	chan_free(a.chan);
	chan_free(b.chan);
	loop_free(loop);
}

static void a_message_past_the_limit_closes_the_channel(void **state)
{
	struct loop *loop;
	struct side a;
	struct side b;
	const unsigned char evil[16] = {0xff, 0xff, 0xff, 0xff, 0, 7};
	const unsigned char no_fd[16] = {0, 0, 0, 0, 0, 7, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1};
	const unsigned char *const attempts[] = {evil, no_fd};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		int fds[2];

		assert_int_equal(loop_new(&loop, NULL), OK);
		open_pair(loop, &a, &b, 1000);
		assert_int_equal(send_filled(&a, 1, 1001, -1), ERR_LIMIT);
		chan_free(b.chan);
		assert_int_equal(chan_pair(fds, NULL), OK);
		b.chan = chan_new(&(struct chan_options){.loop = loop,
		    .fd = fds[0],
		    .body_max = 1000,
		    .message = on_message,
		    .closed = on_closed,
		    .ctx = &b});
		assert_int_equal(write(fds[1], attempts[i], 16), 16);
		b.closed = false;
		while (!b.closed)
			assert_int_equal(loop_run(loop, NULL), OK);
		assert_int_equal(b.messages, 0);
		close(fds[1]);
		chan_free(a.chan);
		chan_free(b.chan);
		loop_free(loop);
	}
}

static void free_itself(void *ctx, struct chan *c, const struct chan_message *m)
{
	struct side *s = ctx;

	(void)m;
	s->messages++;
	chan_free(c);
	loop_stop(s->loop);
}

static void a_channel_may_be_freed_from_its_own_callback(void **state)
{
	struct loop *loop;
	struct side s = {0};
	struct side a = {0};
	int fds[2];

	(void)state;
	assert_int_equal(loop_new(&loop, NULL), OK);
	assert_int_equal(chan_pair(fds, NULL), OK);
	s.loop = loop;
	a.loop = loop;
	a.chan = chan_new(&(struct chan_options){
	    .loop = loop, .fd = fds[0], .message = on_message, .closed = on_closed, .ctx = &a});
	(void)chan_new(&(struct chan_options){
	    .loop = loop, .fd = fds[1], .message = free_itself, .closed = on_closed, .ctx = &s});
	assert_int_equal(send_filled(&a, 1, 10, -1), OK);
	assert_int_equal(send_filled(&a, 2, 10, -1), OK);
	assert_int_equal(loop_run(loop, NULL), OK);
	assert_int_equal(s.messages, 1);
	while (!a.closed)
		assert_int_equal(loop_run(loop, NULL), OK);
	chan_free(a.chan);
	loop_free(loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(messages_of_every_size_arrive_whole_and_in_order),
	    cmocka_unit_test(descriptors_come_with_their_own_message),
	    cmocka_unit_test(a_receiver_that_pauses_is_felt_by_the_sender),
	    cmocka_unit_test(a_message_past_the_limit_closes_the_channel),
	    cmocka_unit_test(a_channel_may_be_freed_from_its_own_callback),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
