/* SPDX-License-Identifier: Apache-2.0 */
/* What a range of a peer's feed says of keys, as intake takes it: a message in, what is handed to
 * core out, over a real channel. */
#include "node.h"

#include <sys/mman.h>

#include "base/base64.h"
#include "crypt/mldsa.h"
#include "intake/messages.h"
#include "intake/range/range.h"
#include "store/rotation.h"
#include "sync/edge.h"
#include "sync/message.h"
#include "sync/range.h"

#define ORIGIN S("tocsin/6f0f3cf1-7f06-4c07-9e42-1d7e0b4f8a11")
#define WHEN INT64_C(1763781600000000)

/* A pair of keys of a node, made of a byte. */
struct pair {
	struct sign_key *key;
	struct mldsa_key *mldsa;
	struct key_lines lines;
};

struct taking {
	struct arena *arena;
	struct pair pairs[4];
	struct sync_maker maker;
	struct loop *loop;
	struct chan *intake, *core;
	char names[64]; /* of the peers whose statements reached core */
};

static struct str signed_by(struct taking *t, struct str text, const struct pair *p)
{
	const struct note_signer signer = {.name = ORIGIN, .key = p->key, .mldsa = p->mldsa};
	struct str note;

	assert_int_equal(note_sign(&note, t->arena, text, &signer, NULL), OK);
	return note;
}

/* That `before` is followed by `after`. */
static struct str statement(struct taking *t, struct str identity, size_t before, size_t after)
{
	const struct pair *b = &t->pairs[before], *a = &t->pairs[after];
	const struct rotation r = {
	    .identity = identity, .time = WHEN, .size = 7, .before = b->lines, .after = a->lines};
	struct str text, first, second;
	struct buf text_of;

	buf_init(&text_of, ROTATION_NOTE_MAX);
	rotation_text(&text_of, &r);
	text = arena_str(t->arena, buf_str(&text_of));
	buf_free(&text_of);
	first = signed_by(t, text, b);
	second = signed_by(t, text, a);
	return arena_printf(
	    t->arena, "%.*s%.*s", STR_ARG(first), STR_ARG(str_from(second, text.n + 1)));
}

/* An author as core tells of it: its keys that count, and those before them (the same: none). */
static void put_author(struct json_writer *w, const struct taking *t, struct str identity,
    struct str name, size_t pair, size_t former)
{
	const struct key_lines *k = &t->pairs[pair].lines, *f = &t->pairs[former].lines;

	json_object(w, NULL);
	json_put_str(w, "identity", identity);
	json_put_str(w, "name", name);
	json_put_str(
	    w, "keys", arena_printf(t->arena, "%.*s\n%.*s", STR_ARG(k->key), STR_ARG(k->pq_key)));
	json_put_int(w, "until", INT64_MAX);
	json_list(w, "former");
	if (former != pair) {
		json_object(w, NULL);
		json_put_str(w, "keys",
		    arena_printf(t->arena, "%.*s\n%.*s", STR_ARG(f->key), STR_ARG(f->pq_key)));
		json_put_int(w, "until", WHEN + ROTATION_OVERLAP);
		json_end_object(w);
	}
	json_end_list(w);
	json_end_object(w);
}

#define FIRST S("identity--6f0f3cf1-7f06-4c07-9e42-1d7e0b4f8a11")
#define SECOND S("identity--6f0f3cf1-7f06-4c07-9e42-1d7e0b4f8a22")

/* The first one's keys 0 were followed by 1, as is known; the second one's are 2. */
static void put_body(struct taking *t, struct buf *out)
{
	const struct sync_edge none = {0};
	struct json_writer w = json_writer(out);
	struct buf edge, text;

	buf_init(&edge, SYNC_EDGE_BYTES_MAX);
	buf_init(&text, 2 * SYNC_EDGE_BYTES_MAX);
	sync_edge_put(&none, &edge);
	base64_put(&text, buf_str(&edge));
	json_object(&w, NULL);
	json_put_str(&w, "peer", FIRST);
	json_put_str(&w, "edge", buf_str(&text));
	json_put_int(&w, "now", WHEN + 2 * ROTATION_OVERLAP);
	json_put_bool(&w, "urgent", true);
	json_list(&w, "authors");
	put_author(&w, t, FIRST, S("first"), 1, 0);
	put_author(&w, t, SECOND, S("second"), 2, 2);
	json_end_list(&w);
	json_end_object(&w);
	buf_free(&edge);
	buf_free(&text);
}

static int file_of(struct taking *t)
{
	struct sync_message m = {.type = SYNC_URGENT, .count = 1, .packing = SYNC_PLAIN};
	/* Taken back before it was given. */
	const struct sync_entry nothing = {.kind = SYNC_OBJECT};
	int fd = memfd_create("range", MFD_CLOEXEC);
	struct buf plain, body;

	assert_true(fd >= 0);
	assert_true(sync_maker_add(&t->maker, &nothing));
	buf_init(&plain, SYNC_UNPACKED_MAX);
	buf_init(&body, SYNC_BODY_MAX);
	sync_maker_put(&t->maker, S("head"), &plain);
	m.unpacked = (uint32_t)plain.n;
	m.packed = buf_str(&plain);
	sync_message_put(&body, &m);
	assert_int_equal(body.failed, OK);
	assert_int_equal(write(fd, body.p, body.n), (ssize_t)body.n);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	buf_free(&plain);
	buf_free(&body);
	return fd;
}

static void on_message(void *ctx, struct chan *c, const struct chan_message *m)
{
	struct taking *t = ctx;
	struct rd r = rd_of(m->body);

	(void)c;
	if (m->type == INTAKE_RANGE_END) {
		assert_int_equal(rd_u8(&r), OK);
		loop_stop(t->loop);
		return;
	}
	assert_int_equal(m->type, INTAKE_RANGE_ITEMS);
	for (uint32_t n = rd_u32(&r); n > 0; n--) {
		struct str name;

		assert_int_equal(rd_u8(&r), RANGE_KEYS);
		name = rd_bytes(&r, rd_u32(&r));
		(void)rd_bytes(&r, rd_u32(&r));
		(void)snprintf(t->names + strlen(t->names), sizeof(t->names) - strlen(t->names),
		    "%.*s ", STR_ARG(name));
	}
	assert_true(rd_done(&r));
}

static void on_closed(void *ctx, struct chan *c)
{
	(void)ctx;
	(void)c;
	assert_true(false);
}

static void setup(struct taking *t)
{
	int ends[2];

	*t = (struct taking){.arena = arena_new(64 << 20)};
	for (size_t i = 0; i < sizeof(t->pairs) / sizeof(t->pairs[0]); i++) {
		const unsigned char seed[ED25519_SEED] = {(unsigned char)(i + 1)};
		struct pair *p = &t->pairs[i];
		struct sign_public public;

		assert_int_equal(sign_key_from_seed(&p->key, seed), OK);
		assert_int_equal(mldsa_key_from_seed(&p->mldsa, seed), OK);
		public = sign_key_public(p->key);
		p->lines.key = note_verifier_format(t->arena, ORIGIN, &public);
		p->lines.pq_key =
		    note_verifier_format_mldsa(t->arena, ORIGIN, mldsa_key_public(p->mldsa));
	}
	sync_maker_init(&t->maker);
	assert_int_equal(loop_new(&t->loop, NULL), OK);
	assert_int_equal(chan_pair(ends, NULL), OK);
	t->intake = chan_new(&(struct chan_options){
	    .loop = t->loop, .fd = ends[0], .message = on_message, .closed = on_closed, .ctx = t});
	t->core = chan_new(&(struct chan_options){
	    .loop = t->loop, .fd = ends[1], .message = on_message, .closed = on_closed, .ctx = t});
}

static void teardown(struct taking *t)
{
	chan_free(t->intake);
	chan_free(t->core);
	loop_free(t->loop);
	sync_maker_free(&t->maker);
	for (size_t i = 0; i < sizeof(t->pairs) / sizeof(t->pairs[0]); i++) {
		sign_key_free(t->pairs[i].key);
		mldsa_key_free(t->pairs[i].mldsa);
	}
	arena_free(t->arena);
}

static void take(struct taking *t)
{
	int fd = file_of(t);
	struct chan_message m = {.type = INTAKE_RANGE, .id = 1, .fds = &fd, .fd_count = 1};
	struct range_job *j;
	struct buf body;
	bool blocked = false;

	buf_init(&body, CHAN_MESSAGE_MAX);
	put_body(t, &body);
	m.body = buf_str(&body);
	j = range_job_new(&m);
	while (range_job_step(j, t->intake, &blocked))
		assert_false(blocked);
	assert_int_equal(loop_run(t->loop, NULL), OK);
	range_job_free(j);
	buf_free(&body);
	(void)close(fd);
}

static void keys_that_follow_are_taken(void **state)
{
	struct taking t;

	(void)state;
	setup(&t);
	sync_maker_seal(&t.maker, statement(&t, SECOND, 2, 3));
	take(&t);
	assert_string_equal(t.names, "second ");
	teardown(&t);
}

/* Each range says again what was said before: no number of such statements may use up the room for
 * those that wait for one that comes later. */
static void what_is_known_takes_no_room_from_what_is_new(void **state)
{
	struct taking t;
	struct str known;

	(void)state;
	setup(&t);
	known = statement(&t, FIRST, 0, 1);
	for (size_t i = 0; i < 64; i++)
		sync_maker_seal(&t.maker, known);
	sync_maker_seal(&t.maker, statement(&t, SECOND, 2, 3));
	take(&t);
	assert_string_equal(t.names, "second ");
	teardown(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(keys_that_follow_are_taken),
	    cmocka_unit_test(what_is_known_takes_no_room_from_what_is_new),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
