/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/person/person.h"

#include "codec/jcs.h"
#include "codec/json.h"
#include "policy/label.h"
#include "stix/type.h"
#include "sys/env.h"
#include "sys/files.h"

enum {
	ARENA_MAX = 96 << 20, /* of one record */
	TERM_LEAST = 3,
	TERM_MOST = 250,
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

	if (str_eq_nocase(last, p->account) ||
	    str_eq_nocase(last, arena_printf(p->arena, "api:%.*s", STR_ARG(p->account))) ||
	    str_eq_nocase(last, arena_printf(p->arena, "taxii:%.*s", STR_ARG(p->account))))
		return true;
	text = text_of(p, seq);
	for (size_t i = 0; i < sizeof(FORMS) / sizeof(FORMS[0]); i++) {
		struct str form = arena_printf(
		    p->arena, "%s%.*s%s", FORMS[i].before, STR_ARG(p->account), FORMS[i].behind);

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

bool person_is_about(struct person *p, uint64_t seq, bool object)
{
	const struct row *row = store_row(p->store, seq);

	if (object)
		return row->kind == RECORD_OBJECT && is_personal(p, row, seq) &&
		       holds(text_of(p, seq), p->term);
	return row->kind == RECORD_DECISION &&
	       !str_starts(store_id(p->store, seq), S("position/")) && names_account(p, seq);
}

bool person_is_mentioned(struct person *p, uint64_t seq)
{
	const struct row *row = store_row(p->store, seq);

	if (row->kind == RECORD_OBJECT)
		return holds(text_of(p, seq), p->term);
	return row->kind == RECORD_DECISION &&
	       (holds(text_of(p, seq), p->term) || person_is_about(p, seq, false));
}

bool person_is_in(const struct person *p, struct str text)
{
	struct buf b;
	bool in;

	buf_init(&b, 8u * STORE_ID_MAX + 8u * text.n);
	json_quote(&b, text);
	lower(&b);
	in = b.failed != OK || holds(buf_str(&b), p->term);
	buf_free(&b);
	return in;
}

static struct str quote(struct person *p, struct str text)
{
	struct buf quoted;
	struct str out;

	buf_init(&quoted, 8u * TERM_MOST);
	json_quote(&quoted, text);
	lower(&quoted);
	out = arena_str(p->paths, str_slice(buf_str(&quoted), 1, quoted.n - 1));
	buf_free(&quoted);
	return out;
}

enum err person_open(struct person *p, const char *dir, const char *name, struct fault *fault)
{
	p->arena = arena_new(ARENA_MAX);
	p->paths = arena_new(1 << 20);
	buf_init(&p->text, STORE_CONTENT_MAX + STORE_CONTENT_MAX);
	p->name = str_c(name);
	if (p->name.n < TERM_LEAST || p->name.n > TERM_MOST)
		return fail(fault, ERR_INVALID, "a name or a term has %d to %d bytes", TERM_LEAST,
		    TERM_MOST);
	p->term = quote(p, p->name);
	TRY(people_open(&p->people, str_c(dir), fault));
	p->account = quote(p, people_id(p->people, p->name));
	return store_open(&p->store,
	    &(struct store_options){
	        .dir = file_join(p->paths, str_c(dir), "ledger"), .env = sys_env()},
	    fault);
}

void person_close(struct person *p)
{
	store_close(p->store);
	people_close(p->people);
	buf_free(&p->text);
	arena_free(p->arena);
	arena_free(p->paths);
}
