/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "sys/message.h"
#include "sys/rpc_chan.h"

/* A server that remembers what it was asked, and a client that remembers what it was told. */
struct both {
	struct loop *loop;
	struct chan *server;
	struct chan *client_chan;
	struct rpc_client *client;
	struct rpc rpc;
	bool silent; /* the server does not answer */
	size_t asked;
	size_t told;
	size_t told_closed;
	size_t want;
	bool had_fd;
};

static void on_call(void *ctx, struct chan *chan, const struct chan_message *m)
{
	struct both *b = ctx;
	struct rpc_call call;
	struct fault fault;

	assert_int_equal(rpc_call_read(&call, m, &fault), OK);
	assert_true(str_eq(call.op, S("object.add")));
	assert_true(str_eq(call.by, S("alice")));
	b->had_fd |= call.fd >= 0;
	b->asked++;
	if (!b->silent)
		assert_int_equal(
		    rpc_reply_send(chan, m->id, b->asked % 2 ? OK : ERR_CONFLICT, call.args), OK);
	else
		loop_stop(b->loop);
}

static void on_reply_message(void *ctx, struct chan *chan, const struct chan_message *m)
{
	struct both *b = ctx;

	(void)chan;
	assert_int_equal(rpc_client_take(b->client, m), OK);
}

static void on_gone(void *ctx, struct chan *chan)
{
	struct both *b = ctx;

	rpc_client_attach(b->client, NULL);
	chan_free(chan);
	b->client_chan = NULL;
	loop_stop(b->loop);
}

static void on_reply(void *ctx, enum err status, struct str reply)
{
	struct both *b = ctx;

	b->told++;
	if (status == ERR_CLOSED)
		b->told_closed++;
	else
		assert_true(str_eq(reply, S("{\"n\":1}")));
	if (b->told == b->want)
		loop_stop(b->loop);
}

static enum err call(struct both *b, int fd)
{
	return b->rpc.call(b->rpc.ctx,
	    &(struct rpc_call){
	        .op = S("object.add"), .by = S("alice"), .args = S("{\"n\":1}"), .fd = fd},
	    on_reply, b);
}

static void open_both(struct both *b, size_t pending)
{
	struct chan_options o;
	int fds[2];

	*b = (struct both){0};
	assert_int_equal(loop_new(&b->loop, NULL), OK);
	assert_int_equal(chan_pair(fds, NULL), OK);
	b->client = rpc_client_new(pending);
	b->rpc = rpc_client_rpc(b->client);
	o = (struct chan_options){
	    .loop = b->loop, .fd = fds[0], .message = on_call, .closed = on_gone, .ctx = b};
	b->server = chan_new(&o);
	o.fd = fds[1];
	o.message = on_reply_message;
	b->client_chan = chan_new(&o);
}

static void close_both(struct both *b)
{
	rpc_client_free(b->client);
	chan_free(b->server);
	chan_free(b->client_chan);
	loop_free(b->loop);
}

static void each_call_gets_its_own_answer(void **state)
{
	struct both b;

	(void)state;
	open_both(&b, 100);
	assert_int_equal(call(&b, -1), ERR_CLOSED);
	rpc_client_attach(b.client, b.client_chan);
	for (int i = 0; i < 100; i++)
		assert_int_equal(call(&b, -1), OK);
	assert_int_equal(call(&b, -1), ERR_BUSY);
	b.want = 100;
	assert_int_equal(loop_run(b.loop, NULL), OK);
	assert_int_equal(b.told, 100);
	assert_int_equal(b.told_closed, 0);
	assert_false(b.had_fd);
	close_both(&b);
}

static void a_call_may_bring_a_file(void **state)
{
	struct both b;
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	(void)state;
	open_both(&b, 1);
	rpc_client_attach(b.client, b.client_chan);
	b.want = 1;
	assert_int_equal(call(&b, fd), OK);
	assert_int_equal(loop_run(b.loop, NULL), OK);
	assert_true(b.had_fd);
	close(fd);
	close_both(&b);
}

static void when_the_other_side_goes_every_call_is_told(void **state)
{
	struct both b;

	(void)state;
	open_both(&b, 10);
	rpc_client_attach(b.client, b.client_chan);
	b.silent = true;
	for (int i = 0; i < 10; i++)
		assert_int_equal(call(&b, -1), OK);
	while (b.asked < 10)
		assert_int_equal(loop_run(b.loop, NULL), OK);
	chan_free(b.server);
	b.server = NULL;
	assert_int_equal(loop_run(b.loop, NULL), OK);
	assert_int_equal(b.told_closed, 10);
	assert_int_equal(call(&b, -1), ERR_CLOSED);
	close_both(&b);
}

static void malformed_calls_are_refused_whole(void **state)
{
	static const char good[] = "\x04ping\x00\x01x\x00\x00\x00\x02{}";
	struct rpc_call out = {.fd = 77};
	struct fault fault;

	(void)state;
	for (size_t n = 0; n < sizeof(good) + 1; n++) {
		char bytes[sizeof(good) + 1] = {0};
		struct chan_message m = {.type = MESSAGE_CALL, .id = 1, .body = {bytes, n}};

		memcpy(bytes, good, sizeof(good) - 1);
		if (n == sizeof(good) - 1)
			continue;
		assert_int_equal(rpc_call_read(&out, &m, &fault), ERR_PARSE);
		assert_int_equal(out.fd, 77);
	}
	assert_int_equal(rpc_call_read(&out,
	                     &(struct chan_message){
	                         .type = MESSAGE_CALL, .id = 1, .body = {good, sizeof(good) - 1}},
	                     &fault),
	    OK);
	assert_true(str_eq(out.op, S("ping")));
	assert_true(str_eq(out.args, S("{}")));
	assert_int_equal(out.fd, -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_call_gets_its_own_answer),
	    cmocka_unit_test(a_call_may_bring_a_file),
	    cmocka_unit_test(when_the_other_side_goes_every_call_is_told),
	    cmocka_unit_test(malformed_calls_are_refused_whole),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
