/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/person/seen.h"

#include "codec/json.h"
#include "serve/serve.h"
#include "sys/files.h"

enum { ARENA_MAX = 4 << 20, ARGS_MAX = 16384, EACH_BYTES = 4096 };

struct seen {
	const struct person *person;
	void (*fn)(void *ctx, const struct history_entry *e);
	void *ctx;
};

static bool look(void *ctx, const struct history_entry *e)
{
	const struct seen *s = ctx;

	if (person_is_in(s->person, e->term.value))
		s->fn(s->ctx, e);
	return true;
}

enum err person_seen(struct person *p, const char *dir,
    void (*fn)(void *ctx, const struct history_entry *e), void *ctx, struct fault *fault)
{
	struct seen s = {p, fn, ctx};
	struct history_reader *r;
	enum err rc;

	TRY(history_reader_open(&r, file_join(p->paths, str_c(dir), "history"), fault));
	rc =
	    history_scan(r, TERM_EMAIL, HISTORY_ALWAYS_FROM, HISTORY_ALWAYS_UNTIL, look, &s, fault);
	history_reader_close(r);
	return rc;
}

/* As many as one call takes, from *done on. */
static enum err some(const char *dir, const struct str *values, size_t count, size_t *done,
    uint64_t *rows, struct fault *fault)
{
	struct rpc_call rpc = {.op = S("history.erase"), .by = S("local"), .fd = -1};
	const struct json_limits limits = {.bytes = ARGS_MAX, .depth = 4};
	struct arena *arena = arena_new(ARENA_MAX);
	size_t from = *done;
	struct json_writer w;
	struct buf args;
	yyjson_val *root;
	struct str reply;
	enum err rc;

	buf_init(&args, ARGS_MAX);
	w = json_writer(&args);
	json_object(&w, NULL);
	json_list(&w, "values");
	for (; *done < count && (*done == from || args.n < EACH_BYTES); (*done)++)
		json_put_str(&w, NULL, values[*done]);
	json_end_list(&w);
	json_end_object(&w);
	rpc.args = buf_str(&args);
	rc = args.failed == OK ? node_call(str_c(dir), &rpc, arena, &reply, fault)
	                       : fail(fault, ERR_LIMIT, "the arguments are too long");
	if (rc == OK)
		rc = json_parse(&root, arena, reply, &limits, fault);
	if (rc == OK)
		*rows += yyjson_get_uint(yyjson_obj_get(root, "erased"));
	buf_free(&args);
	arena_free(arena);
	return rc;
}

enum err person_unsee(
    const char *dir, const struct str *values, size_t count, uint64_t *rows, struct fault *fault)
{
	size_t done = 0;

	*rows = 0;
	while (done < count)
		TRY(some(dir, values, count, &done, rows, fault));
	return OK;
}
