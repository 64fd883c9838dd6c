/* SPDX-License-Identifier: Apache-2.0 */
/* A submission in each format, to its end: bounded, and every item either JSON or refused; what is
 * given as plain values is what the JSON says. */
#include <stdlib.h>
#include <string.h>

#include "codec/json.h"
#include "codec/time.h"
#include "intake/prepare.h"
#include "stix/object.h"

static void same_as_written(const struct foreign_value *value, struct str json, struct arena *arena)
{
	char id[UUID_TEXT + 1];
	struct stix_object object;
	struct term_list terms;
	usec from = 0;

	uuid_format(id, &value->id);
	if (stix_object_parse(&object, arena, json, NULL) != OK ||
	    !str_ends(object.id, str_c(id)) ||
	    time_parse_any(&from, json_get_str(object.root, "valid_from")) != OK ||
	    from != value->from ||
	    equality_terms(&terms, arena, json_get_str(object.root, "pattern"), NULL) != OK ||
	    terms.count != 1 || terms.list[0].kind != value->term.kind ||
	    terms.list[0].prefix != value->term.prefix ||
	    !str_eq(terms.list[0].value, value->term.value))
		abort();
}

static void take_apart(enum foreign_format format, struct str text)
{
	struct foreign_options options = {.format = format,
	    .identity = S("identity--3f7a1a9e-6b0f-4c3e-9a58-7a4f0f3d2b10"),
	    .source = S("fuzz"),
	    .tlp = TLP_GREEN,
	    .now = INT64_C(1790000000000000)};
	struct arena *arena = arena_new(64 << 20);
	struct foreign_item item, bare;
	struct foreign *f, *plain;
	struct buf out;
	enum err rc = OK;

	if (foreign_open(&f, text, &options, NULL) != OK) {
		arena_free(arena);
		return;
	}
	options.plain = true;
	if (foreign_open(&plain, text, &options, NULL) != OK)
		abort();
	buf_init(&out, 64 << 20);
	for (size_t i = 0; rc != ERR_NOT_FOUND; i++) {
		struct prepared p, again;
		const struct place place = {S("objects.["), i, S("]")};
		struct rd in;

		if (i > text.n + 2)
			abort();
		arena_reset(arena);
		rc = foreign_next(f, &item, arena, NULL);
		if (foreign_next(plain, &bare, arena, NULL) != OK && rc == OK)
			abort();
		if (rc != OK)
			continue;
		if (item.made)
			same_as_written(&bare.value, item.json, arena);
		prepare_object(&p, &item, &place, &(struct labelling){0}, arena);
		/* What we make ourselves is always in order. */
		if (item.made && p.refused)
			abort();
		buf_reset(&out);
		prepared_put(&out, &p);
		in = rd_of(buf_str(&out));
		if (!prepared_get(&again, &in) || !rd_done(&in))
			abort();
	}
	buf_free(&out);
	foreign_free(plain);
	foreign_free(f);
	arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct str text = {(const char *)data, size};

	for (int format = 0; format < FOREIGN_FORMATS; format++)
		take_apart((enum foreign_format)format, text);
	return 0;
}
