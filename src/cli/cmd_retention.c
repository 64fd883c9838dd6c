/* SPDX-License-Identifier: Apache-2.0 */
/* `tocsin retention list|apply`: what was kept long enough, found in the node's files, and removed
 * by its core, which looks at each again. */
#include <inttypes.h>

#include "base/mem.h"
#include "cli/cmd.h"
#include "cli/decision/purge.h"
#include "cli/verbs.h"
#include "codec/time.h"
#include "sys/env.h"
#include "sys/files.h"
#include "view/purge/retention.h"

enum {
	ARENA_MAX = 96 << 20,
	CONFIG_ARENA = 8 << 20,
	OBJECTS_MAX = 1000, /* of one run */
	ROW_MAX = 4096,
};

struct retaining {
	struct arena *keep, *arena; /* the latter for one object */
	struct store *store;
	struct config config;
	struct retention retention;
	struct str id[OBJECTS_MAX];
	size_t count;
	struct fault fault;
};

typedef enum err (*past_fn)(struct retaining *r, const struct retained *one, bool *more);

static enum err open_node(struct retaining *r, const char *dir)
{
	TRY(config_read(&r->config, r->keep, str_c(dir), &r->fault));
	TRY(retention_of(&r->retention, &r->config, &r->fault));
	return store_open(&r->store,
	    &(struct store_options){
	        .dir = file_join(r->keep, str_c(dir), "ledger"), .env = sys_env()},
	    &r->fault);
}

static enum err each(struct retaining *r, past_fn past)
{
	uint64_t size = store_size(r->store);
	usec now = env_now(sys_env());
	struct retained one;
	bool more = true;

	for (uint64_t seq = 0; seq < size && more; seq++)
		if (retention_is_past(&one, r->store, seq, &r->retention, now, r->arena))
			TRY(past(r, &one, &more));
	return OK;
}

static enum err print(struct retaining *r, const struct retained *one, bool *more)
{
	char since[TIME_TEXT + 1];
	struct buf out;
	int code;

	(void)more;
	r->count++;
	time_format_ms(since, one->since);
	buf_init(&out, ROW_MAX);
	buf_printf(&out, "%.*s  %.*s  %s\n", STR_ARG(one->id),
	    STR_ARG(stix_type_name((enum stix_type_id)one->type)), since);
	code = cmd_print(buf_str(&out));
	buf_free(&out);
	return code == EXIT_GOOD ? OK : fail(&r->fault, ERR_IO, "the list ends here");
}

static enum err choose(struct retaining *r, const struct retained *one, bool *more)
{
	r->id[r->count] = arena_str(r->keep, one->id);
	if (!r->id[r->count].p)
		return fail(&r->fault, ERR_NOMEM, "no memory for the list");
	*more = ++r->count < OBJECTS_MAX;
	return OK;
}

static enum err apply(struct retaining *r, const char *dir)
{
	const struct purge_list list = {
	    .dir = dir, .op = S("retention.apply"), .ids = r->id, .count = r->count};
	uint64_t records = 0;
	size_t dealt = 0;
	enum err rc = r->count > 0 ? purge_each(&list, &dealt, &records, &r->fault) : OK;
	struct buf out;

	buf_init(&out, ROW_MAX);
	buf_printf(&out, "purged: %zu objects, %" PRIu64 " records\n", dealt, records);
	if (r->count == OBJECTS_MAX)
		buf_printf(&out, "there may be more: run it again\n");
	if (cmd_print(buf_str(&out)) != EXIT_GOOD && rc == OK)
		rc = fail(&r->fault, ERR_IO, "the count cannot be printed");
	buf_free(&out);
	return rc;
}

static int run(int argc, char **argv, bool applies)
{
	const struct cmd_option options[] = {{0}};
	struct retaining *r;
	int code = EXIT_GOOD;
	enum err rc;

	if (cmd_parse(argc, argv, options, 1, 1) < 0)
		return EXIT_NONE;
	r = mem_alloc(sizeof(*r));
	r->keep = arena_new(CONFIG_ARENA);
	r->arena = arena_new(ARENA_MAX);
	rc = open_node(r, argv[1]);
	if (rc == OK)
		rc = each(r, applies ? choose : print);
	if (rc == OK && applies)
		rc = apply(r, argv[1]);
	if (rc != OK)
		code = cmd_fail(argv[0], &r->fault);
	store_close(r->store);
	arena_free(r->keep);
	arena_free(r->arena);
	mem_free(r);
	return code;
}

int cmd_retention_list(int argc, char **argv)
{
	return run(argc, argv, false);
}

int cmd_retention_apply(int argc, char **argv)
{
	return run(argc, argv, true);
}
