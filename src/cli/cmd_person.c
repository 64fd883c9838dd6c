/* SPDX-License-Identifier: Apache-2.0 */
/* `tocsin person export`: everything that a node holds about one person, as one JSON document, for
 * whoever must answer that person (Regulation (EU) 2016/679, article 15). Reads the files of a
 * node, running or not, like `audit list`: what is hidden from readers is held all the same. */
#include <inttypes.h>
#include <stdio.h>

#include "base/buf.h"
#include "cli/cmd.h"
#include "cli/verbs.h"
#include "codec/jcs.h"
#include "codec/json.h"
#include "codec/time.h"
#include "policy/label.h"
#include "stix/object.h"
#include "stix/type.h"
#include "store/store.h"
#include "sys/env.h"
#include "sys/files.h"

enum {
	ARENA_MAX = 96 << 20, /* of one record */
	OUTPUT_MAX = 64 << 20,
	TERM_LEAST = 3,
	TERM_MOST = 250,
};

struct person {
	struct store *store;
	struct arena *arena; /* for one record */
	struct arena *paths;
	struct str term; /* lower case, as JSON writes it between its quotes */
	struct str name; /* as it was given */
	struct buf text; /* of one record, canonical, lower case */
	struct buf out;
	struct json_writer w;
	uint64_t decisions, objects;
	struct fault fault;
};

/* ASCII letters only: other scripts are compared as they are written. */
static void lower(struct buf *b)
{
	for (size_t i = 0; i < b->n; i++)
		if (b->p[i] >= 'A' && b->p[i] <= 'Z')
			b->p[i] |= 0x20;
}

/* One spelling of each text, whatever escapes it came with. */
static struct str text_of(struct person *p, uint64_t seq)
{
	struct str content = store_content(p->store, seq);
	yyjson_val *root;

	buf_reset(&p->text);
	if (json_parse(&root, p->arena, content, &JSON_LIMITS_OBJECT, NULL) != OK ||
	    jcs_write(&p->text, p->arena, root, NULL) != OK) {
		buf_reset(&p->text);
		buf_put(&p->text, content);
	}
	lower(&p->text);
	return buf_str(&p->text);
}

static bool holds(struct str text, struct str needle)
{
	return str_search(text, needle) < text.n;
}

/* Whether a decision names the account: as a value, in a list, as a source, or in arguments that
 * are a text themselves. */
static bool names_account(struct person *p, uint64_t seq)
{
	static const struct {
		const char *before, *behind;
	} FORMS[] = {{"\"", "\""}, {"\"api:", "\""}, {"\"taxii:", "\""}, {"\\\"", "\\\""}};
	struct str path = store_id(p->store, seq);
	struct str last = str_from(path, str_find(path, '/') + 1), text;

	if (str_eq_nocase(last, p->name) ||
	    str_eq_nocase(last, arena_printf(p->arena, "api:%.*s", STR_ARG(p->name))) ||
	    str_eq_nocase(last, arena_printf(p->arena, "taxii:%.*s", STR_ARG(p->name))))
		return true;
	text = text_of(p, seq);
	for (size_t i = 0; i < sizeof(FORMS) / sizeof(FORMS[0]); i++) {
		struct str form = arena_printf(
		    p->arena, "%s%.*s%s", FORMS[i].before, STR_ARG(p->term), FORMS[i].behind);

		if (form.p && holds(text, form))
			return true;
	}
	return false;
}

/* Where a person is to be expected: what says that it holds personal data, and what is about people
 * by its kind. */
static bool is_personal(struct person *p, const struct row *row, uint64_t seq)
{
	struct label label = label_decode(store_label(p->store, row->label));
	yyjson_val *root;

	if (label.personal != PERSONAL_NONE)
		return true;
	if (row->tag == STIX_TYPE_USER_ACCOUNT || row->tag == STIX_TYPE_EMAIL_ADDR ||
	    row->tag == STIX_TYPE_EMAIL_MESSAGE)
		return true;
	return row->tag == STIX_TYPE_IDENTITY &&
	       json_parse(&root, p->arena, store_content(p->store, seq), &JSON_LIMITS_OBJECT,
	           NULL) == OK &&
	       str_eq(json_get_str(root, "identity_class"), S("individual"));
}

static enum err flush(struct person *p)
{
	if (p->out.failed != OK)
		return fail(&p->fault, p->out.failed, "a record passes %d bytes", OUTPUT_MAX);
	if (cmd_print(buf_str(&p->out)) != EXIT_GOOD)
		return fail(&p->fault, ERR_IO, "the document ends here");
	buf_reset(&p->out);
	return OK;
}

static void put_record(struct person *p, uint64_t seq, bool object)
{
	const struct row *row = store_row(p->store, seq);
	struct json_writer *w = &p->w;

	json_object(w, NULL);
	json_put_int(w, "record", (int64_t)seq);
	json_put_time(w, "received", row->received);
	json_put_str(w, object ? "id" : "path", store_id(p->store, seq));
	if (object) {
		json_put_bool(w, "hidden", store_withdrawn(row));
		json_put_bool(w, "superseded", store_superseded(row));
	}
	json_put_raw(w, "content", store_content(p->store, seq));
	json_end_object(w);
}

static bool is_about(struct person *p, uint64_t seq, bool object)
{
	const struct row *row = store_row(p->store, seq);

	if (object)
		return row->kind == RECORD_OBJECT && is_personal(p, row, seq) &&
		       holds(text_of(p, seq), p->term);
	return row->kind == RECORD_DECISION &&
	       !str_starts(store_id(p->store, seq), S("position/")) && names_account(p, seq);
}

static enum err put_list(struct person *p, const char *key, bool object, uint64_t *count)
{
	uint64_t size = store_size(p->store);

	json_list(&p->w, key);
	for (uint64_t seq = 0; seq < size; seq++) {
		arena_reset(p->arena);
		if (!is_about(p, seq, object))
			continue;
		put_record(p, seq, object);
		(*count)++;
		TRY(flush(p));
	}
	json_end_list(&p->w);
	return OK;
}

static enum err put_document(struct person *p)
{
	json_object(&p->w, NULL);
	json_put_str(&p->w, "person", p->name);
	json_put_time(&p->w, "made", env_now(sys_env()));
	json_put_int(&p->w, "ledger_size", (int64_t)store_size(p->store));
	TRY(put_list(p, "decisions", false, &p->decisions));
	TRY(put_list(p, "objects", true, &p->objects));
	json_end_object(&p->w);
	buf_byte(&p->out, '\n');
	return flush(p);
}

static enum err open_person(struct person *p, char **argv)
{
	struct buf quoted;

	p->name = str_c(argv[2]);
	if (p->name.n < TERM_LEAST || p->name.n > TERM_MOST)
		return fail(&p->fault, ERR_INVALID, "a name or a term has %d to %d bytes",
		    TERM_LEAST, TERM_MOST);
	buf_init(&quoted, 8u * TERM_MOST);
	json_quote(&quoted, p->name);
	lower(&quoted);
	p->term = arena_str(p->paths, str_slice(buf_str(&quoted), 1, quoted.n - 1));
	buf_free(&quoted);
	return store_open(&p->store,
	    &(struct store_options){
	        .dir = file_join(p->paths, str_c(argv[1]), "ledger"), .env = sys_env()},
	    &p->fault);
}

int cmd_person_export(int argc, char **argv)
{
	const struct cmd_option options[] = {{0}};
	struct person p = {0};
	int code;

	if (cmd_parse(argc, argv, options, 2, 2) < 0)
		return EXIT_NONE;
	p.arena = arena_new(ARENA_MAX);
	p.paths = arena_new(1 << 20);
	buf_init(&p.text, STORE_CONTENT_MAX + STORE_CONTENT_MAX);
	buf_init(&p.out, OUTPUT_MAX);
	p.w = json_writer(&p.out);
	if (open_person(&p, argv) != OK || put_document(&p) != OK)
		code = cmd_fail(argv[0], &p.fault);
	else
		code = p.decisions + p.objects > 0 ? EXIT_GOOD : EXIT_SOME;
	store_close(p.store);
	buf_free(&p.text);
	buf_free(&p.out);
	arena_free(p.arena);
	arena_free(p.paths);
	return code;
}
