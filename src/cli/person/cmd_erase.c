/* SPDX-License-Identifier: Apache-2.0 */
/* `tocsin person erase`: purges the objects that `person export` finds for a text (Regulation (EU)
 * 2016/679, article 17). It shows them first, and removes them only when it is told that they are
 * the ones. */
#include <inttypes.h>

#include "base/mem.h"
#include "cli/cmd.h"
#include "cli/decision/purge.h"
#include "cli/person/person.h"
#include "cli/person/seen.h"
#include "cli/terminal.h"
#include "cli/verbs.h"

enum {
	OBJECTS_MAX = 1000,
	IDS_MAX = 1 << 20,
	OUTPUT_MAX = 4 << 20,
	STAY_SHOWN = 100,
};

struct erase {
	struct person person;
	const char *dir, *reason;
	uint64_t expect;
	bool yes;
	struct arena *ids; /* of what is to be erased */
	struct str id[OBJECTS_MAX];
	size_t count;
	uint64_t stay; /* other records that mention it */
	/* Mail addresses in the history, which go with the objects. */
	struct str seen[OBJECTS_MAX];
	size_t seen_count;
	bool seen_too_many;
	struct buf out;
	struct fault fault;
};

static bool is_chosen(const struct erase *e, struct str id)
{
	for (size_t i = 0; i < e->count; i++)
		if (str_eq(e->id[i], id))
			return true;
	return false;
}

static enum err choose(struct erase *e, uint64_t seq)
{
	struct str id = store_id(e->person.store, seq);

	/* A ledger begins with its node's identity, and cannot be without it. */
	if (str_eq(id, store_id(e->person.store, 0)) || is_chosen(e, id))
		return OK;
	if (e->count == OBJECTS_MAX)
		return fail(&e->fault, ERR_LIMIT,
		    "more than %d objects hold it: nothing is erased; is it the name of one "
		    "person?",
		    OBJECTS_MAX);
	e->id[e->count] = arena_str(e->ids, id);
	if (!e->id[e->count++].p)
		return fail(&e->fault, ERR_NOMEM, "no memory for the list");
	return OK;
}

static enum err choose_all(struct erase *e)
{
	uint64_t size = store_size(e->person.store);

	for (uint64_t seq = 0; seq < size; seq++) {
		arena_reset(e->person.arena);
		if (person_is_about(&e->person, seq, true))
			TRY(choose(e, seq));
	}
	return OK;
}

static void choose_seen(void *ctx, const struct history_entry *s)
{
	struct erase *e = ctx;

	for (size_t i = e->seen_count; i > 0; i--)
		if (str_eq(e->seen[i - 1], s->term.value))
			return;
	if (e->seen_count == OBJECTS_MAX) {
		e->seen_too_many = true;
		return;
	}
	e->seen[e->seen_count] = arena_str(e->ids, s->term.value);
	e->seen_too_many |= !e->seen[e->seen_count].p;
	e->seen_count += e->seen[e->seen_count].p != NULL;
}

/* Of what streams showed. */
static enum err choose_history(struct erase *e)
{
	TRY(person_seen(&e->person, e->dir, choose_seen, e, &e->fault));
	if (e->seen_too_many)
		return fail(&e->fault, ERR_LIMIT,
		    "more than %d mail addresses in the history hold it: nothing is erased; is it "
		    "the name of one person?",
		    OBJECTS_MAX);
	return OK;
}

static uint64_t versions(const struct store *s, struct str id)
{
	uint64_t count = 0;

	for (uint64_t seq = store_find(s, id); seq != STORE_NONE; seq = store_older(s, seq))
		count += store_row(s, seq)->kind == RECORD_OBJECT &&
		         store_tombstone_of(store_row(s, seq)) == STORE_NONE;
	return count;
}

/* The name of an account is no record: it goes another way, and takes nothing with it. */
static void show_account(struct erase *e)
{
	const struct named *a = people_by_name(e->person.people, e->person.name);

	if (!a)
		return;
	buf_put(&e->out, S("stays   the name of account "));
	terminal_put(&e->out, a->id);
	buf_put(&e->out, S(": tocsin user remove, then tocsin user forget\n"));
}

static void show(struct erase *e)
{
	const struct store *s = e->person.store;
	uint64_t size = store_size(s);

	show_account(e);

	for (size_t i = 0; i < e->count; i++) {
		buf_put(&e->out, S("erase   "));
		terminal_put(&e->out, e->id[i]);
		buf_printf(&e->out, ", versions: %" PRIu64 "\n", versions(s, e->id[i]));
	}
	for (size_t i = 0; i < e->seen_count; i++) {
		buf_put(&e->out, S("erase   from the history, "));
		terminal_put(&e->out, e->seen[i]);
		buf_byte(&e->out, '\n');
	}
	for (uint64_t seq = 0; seq < size; seq++) {
		struct str id = store_id(s, seq);

		arena_reset(e->person.arena);
		if (is_chosen(e, id) || !person_is_mentioned(&e->person, seq))
			continue;
		if (e->stay++ >= STAY_SHOWN)
			continue;
		buf_printf(&e->out, "stays   record %" PRIu64 ", ", seq);
		terminal_put(&e->out, id);
		buf_byte(&e->out, '\n');
	}
	if (e->stay > STAY_SHOWN)
		buf_printf(&e->out, "stays   %" PRIu64 " more records\n", e->stay - STAY_SHOWN);
}

static enum err flush(struct erase *e)
{
	if (e->out.failed != OK || cmd_print(buf_str(&e->out)) != EXIT_GOOD)
		return fail(&e->fault, ERR_IO, "what is to be erased cannot be shown");
	buf_reset(&e->out);
	return OK;
}

static enum err check(struct erase *e)
{
	if (e->expect != UINT64_MAX && e->expect != e->count)
		return fail(&e->fault, ERR_CONFLICT,
		    "%zu objects are to be erased, not %" PRIu64 ": nothing is", e->count,
		    e->expect);
	if (!e->reason || person_is_in(&e->person, str_c(e->reason)))
		return fail(&e->fault, ERR_INVALID,
		    "--reason says for good, also to peers, why bytes were removed, without the "
		    "name that is erased");
	return OK;
}

static enum err erase(struct erase *e)
{
	const struct purge_list list = {.dir = e->dir,
	    .op = S("purge.each"),
	    .ids = e->id,
	    .count = e->count,
	    .reason = str_c(e->reason)};
	uint64_t records = 0;
	size_t dealt = 0;
	enum err rc = purge_each(&list, &dealt, &records, &e->fault);

	buf_printf(&e->out, "erased: %zu objects, %" PRIu64 " records\n", dealt, records);
	if (rc != OK) {
		(void)!cmd_print(buf_str(&e->out));
		return rc;
	}
	return flush(e);
}

static enum err erase_history(struct erase *e)
{
	uint64_t rows;

	if (e->seen_count == 0)
		return OK;
	TRY(person_unsee(e->dir, e->seen, e->seen_count, &rows, &e->fault));
	buf_printf(&e->out, "erased from the history: %zu mail addresses\n", e->seen_count);
	return flush(e);
}

static enum err run(struct erase *e, int *code)
{
	TRY(choose_all(e));
	TRY(choose_history(e));
	show(e);
	*code = EXIT_SOME;
	if (!e->yes && e->expect == UINT64_MAX) {
		buf_printf(&e->out, "nothing is erased: say --expect %zu to erase these objects\n",
		    e->count);
		return flush(e);
	}
	TRY(flush(e));
	TRY(check(e));
	if (e->count + e->seen_count == 0)
		return OK;
	*code = EXIT_GOOD;
	TRY(erase_history(e));
	return e->count ? erase(e) : OK;
}

int cmd_person_erase(int argc, char **argv)
{
	struct erase *e = mem_alloc(sizeof(*e));
	const struct cmd_option options[] = {{"reason", CMD_TEXT, &e->reason},
	    {"yes", CMD_FLAG, &e->yes}, {"expect", CMD_NUMBER, &e->expect}, {0}};
	int code = EXIT_NONE;

	e->expect = UINT64_MAX;
	if (cmd_parse(argc, argv, options, 2, 2) >= 0) {
		e->dir = argv[1];
		e->ids = arena_new(IDS_MAX);
		buf_init(&e->out, OUTPUT_MAX);
		if (person_open(&e->person, e->dir, argv[2], &e->fault) != OK ||
		    run(e, &code) != OK)
			code = cmd_fail(argv[0], &e->fault);
		person_close(&e->person);
		arena_free(e->ids);
		buf_free(&e->out);
	}
	mem_free(e);
	return code;
}
