/* SPDX-License-Identifier: Apache-2.0 */
/* `tocsin person export`: everything that a node holds about one person, as one JSON document, for
 * whoever must answer that person (Regulation (EU) 2016/679, article 15). Reads the files of a
 * node, running or not, like `audit list`: what is hidden from readers is held all the same. */
#include "cli/cmd.h"
#include "cli/person/person.h"
#include "cli/person/seen.h"
#include "cli/verbs.h"
#include "codec/json.h"
#include "codec/time.h"
#include "sys/env.h"

enum { OUTPUT_MAX = 64 << 20 };

struct export
{
	struct person person;
	struct buf out;
	struct json_writer w;
	uint64_t decisions, objects, seen;
	struct fault fault;
};

static enum err flush(struct export *e)
{
	if (e->out.failed != OK)
		return fail(&e->fault, e->out.failed, "a record passes %d bytes", OUTPUT_MAX);
	if (cmd_print(buf_str(&e->out)) != EXIT_GOOD)
		return fail(&e->fault, ERR_IO, "the document ends here");
	buf_reset(&e->out);
	return OK;
}

static void put_record(struct export *e, uint64_t seq, bool object)
{
	const struct row *row = store_row(e->person.store, seq);
	struct json_writer *w = &e->w;

	json_object(w, NULL);
	json_put_int(w, "record", (int64_t)seq);
	json_put_time(w, "received", row->received);
	json_put_str(w, object ? "id" : "path", store_id(e->person.store, seq));
	if (object) {
		json_put_bool(w, "hidden", store_withdrawn(row));
		json_put_bool(w, "superseded", store_superseded(row));
	}
	json_put_raw(w, "content", store_content(e->person.store, seq));
	json_end_object(w);
}

static enum err put_list(struct export *e, const char *key, bool object, uint64_t *count)
{
	uint64_t size = store_size(e->person.store);

	json_list(&e->w, key);
	for (uint64_t seq = 0; seq < size; seq++) {
		arena_reset(e->person.arena);
		if (!person_is_about(&e->person, seq, object))
			continue;
		put_record(e, seq, object);
		(*count)++;
		TRY(flush(e));
	}
	json_end_list(&e->w);
	return OK;
}

static void put_seen(void *ctx, const struct history_entry *s)
{
	struct export *e = ctx;
	struct json_writer *w = &e->w;

	json_object(w, NULL);
	json_put_str(w, "type", S("email-addr"));
	json_put_str(w, "value", s->term.value);
	json_put_str(w, "source", s->source);
	json_put_time(w, "first", s->first);
	json_put_time(w, "last", s->last);
	json_put_int(w, "count", (int64_t)s->count);
	json_end_object(w);
	e->seen++;
}

/* What streams showed. */
static enum err put_history(struct export *e, const char *dir)
{
	json_list(&e->w, "history");
	TRY(person_seen(&e->person, dir, put_seen, e, &e->fault));
	json_end_list(&e->w);
	return flush(e);
}

/* What is known of the account beside the ledger. */
static void put_account(struct export *e)
{
	const struct people *people = e->person.people;
	const struct named *a = people_by_id(people, people_id(people, e->person.name));

	if (!a)
		return;
	json_object(&e->w, "account");
	json_put_str(&e->w, "id", a->id);
	json_put_str(&e->w, "name", a->name);
	if (a->subject.n)
		json_put_str(&e->w, "subject", a->subject);
	json_end_object(&e->w);
}

static enum err put_document(struct export *e, const char *dir)
{
	json_object(&e->w, NULL);
	json_put_str(&e->w, "person", e->person.name);
	json_put_time(&e->w, "made", env_now(sys_env()));
	json_put_int(&e->w, "ledger_size", (int64_t)store_size(e->person.store));
	put_account(e);
	TRY(put_list(e, "decisions", false, &e->decisions));
	TRY(put_list(e, "objects", true, &e->objects));
	TRY(put_history(e, dir));
	json_end_object(&e->w);
	buf_byte(&e->out, '\n');
	return flush(e);
}

int cmd_person_export(int argc, char **argv)
{
	const struct cmd_option options[] = {{0}};
	struct export e = {0};
	int code;

	if (cmd_parse(argc, argv, options, 2, 2) < 0)
		return EXIT_NONE;
	buf_init(&e.out, OUTPUT_MAX);
	e.w = json_writer(&e.out);
	if (person_open(&e.person, argv[1], argv[2], &e.fault) != OK ||
	    put_document(&e, argv[1]) != OK)
		code = cmd_fail(argv[0], &e.fault);
	else
		code = e.decisions + e.objects + e.seen > 0 ? EXIT_GOOD : EXIT_SOME;
	person_close(&e.person);
	buf_free(&e.out);
	return code;
}
