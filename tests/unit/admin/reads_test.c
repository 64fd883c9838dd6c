/* SPDX-License-Identifier: Apache-2.0 */
#include "world.h"

#include "admin/admin.h"
#include "base/buf.h"

struct scene {
	struct world w;
	struct command_ctx ctx;
	void *part;
};

void command_answer(struct command_ticket *t, enum err status, struct str reply)
{
	(void)t;
	(void)status;
	(void)reply;
	assert_true(false);
}

static void make(struct scene *s)
{
	memset(s, 0, sizeof(*s));
	world_make(&s->w);
	s->ctx = (struct command_ctx){.store = s->w.store, .people = s->w.people, .env = &s->w.env};
	WORLD_OK(&s->w, ADMIN_READS.open(&s->part, &s->ctx, &s->w.fault));
}

static void end(struct scene *s)
{
	ADMIN_READS.close(s->part);
	world_end(&s->w);
}

static enum err note(struct scene *s, const char *by, struct str args)
{
	const struct rpc_call call = {
	    .op = S("read.note"), .by = str_c(by), .args = args, .fd = -1};
	struct command_reply reply = {0};
	enum err rc = ADMIN_READS.commands[0].run(s->part, &call, &reply, &s->w.fault);

	world_commit(&s->w);
	return rc;
}

/* So many objects, numbered from `first`. */
static enum err lot(struct scene *s, const char *by, const char *hour, size_t first, size_t count)
{
	struct buf b;
	enum err rc;

	buf_init(&b, 1 << 20);
	buf_printf(&b, "{\"outlet\":\"taxii\",\"hour\":\"%s\",\"objects\":[", hour);
	for (size_t i = 0; i < count; i++)
		buf_printf(&b, "%s\"indicator--%zu\"", i ? "," : "", first + i);
	buf_printf(&b, "],\"more\":2}");
	rc = note(s, by, buf_str(&b));
	buf_free(&b);
	return rc;
}

static bool newest_has(struct scene *s, const char *path, const char *part)
{
	struct str content = store_content(s->w.store, store_find(s->w.store, str_c(path)));

	return str_search(content, str_c(part)) < content.n;
}

/* G10, T3: an account's hour has an end. */
static void an_hour_names_so_many_objects_and_counts_the_rest(void **state)
{
	struct scene s;

	(void)state;
	make(&s);
	for (size_t i = 0; i < 10; i++) {
		assert_int_equal(lot(&s, "ann", "2026-11-28T03", i * 1000, i < 9 ? 1000 : 999), OK);
		assert_true(newest_has(&s, "read/ann", "\"more\":2}"));
	}
	assert_int_equal(lot(&s, "ann", "2026-11-28T03", 10000, 3), OK);
	assert_true(newest_has(&s, "read/ann", "\"objects\":[\"indicator--10000\"],\"more\":4}"));
	assert_int_equal(lot(&s, "ann", "2026-11-28T03", 20000, 1000), OK);
	assert_true(newest_has(&s, "read/ann", "\"objects\":[],\"more\":1002}"));
	assert_int_equal(lot(&s, "bob", "2026-11-28T03", 0, 1), OK);
	assert_true(newest_has(&s, "read/bob", "\"objects\":[\"indicator--0\"],\"more\":2}"));
	assert_int_equal(lot(&s, "ann", "2026-11-28T04", 0, 1), OK);
	assert_true(newest_has(&s, "read/ann", "\"objects\":[\"indicator--0\"],\"more\":2}"));
	end(&s);
}

static void what_is_no_lot_is_refused(void **state)
{
	static const char *const bad[] = {"", "[]", "{}",
	    "{\"outlet\":\"\",\"hour\":\"2026-11-28T03\",\"objects\":[],\"more\":0}",
	    "{\"outlet\":\"api\",\"hour\":\"2026-11-28\",\"objects\":[],\"more\":0}",
	    "{\"outlet\":\"api\",\"hour\":\"2026-11-28T03\",\"objects\":[7],\"more\":0}",
	    "{\"outlet\":\"api\",\"hour\":\"2026-11-28T03\",\"objects\":[\"\"],\"more\":0}"};
	struct scene s;
	uint64_t size;

	(void)state;
	make(&s);
	size = store_size(s.w.store);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_not_equal(note(&s, "ann", str_c(bad[i])), OK);
	assert_int_equal(lot(&s, "a/b", "2026-11-28T03", 0, 1), ERR_INVALID);
	assert_int_equal(lot(&s, "ann", "2026-11-28T03", 0, 1001), ERR_INVALID);
	assert_int_equal(store_size(s.w.store), size);
	assert_int_equal(lot(&s, "*", "2026-11-28T03", 0, 0), OK);
	end(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_hour_names_so_many_objects_and_counts_the_rest),
	    cmocka_unit_test(what_is_no_lot_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
