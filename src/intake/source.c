/* SPDX-License-Identifier: Apache-2.0 */
/* Sources are decisions "source/NAME" that give each name a number for the rows of its records;
 * "source-number/N" says that a number is taken. */
#include <stdio.h>

#include "codec/json.h"
#include "intake/imports.h"
#include "policy/label.h"
#include "store/store.h"

enum { SOURCE_MEMORY = 256 << 10, SOURCE_TEXT = 64 << 10, SOURCES_MAX = 100000 };

static enum err number_in(uint32_t *out, struct arena *arena, struct str json)
{
	const struct json_limits limits = {.bytes = SOURCE_TEXT, .depth = 4};
	yyjson_val *root;
	uint64_t number;

	TRY(json_parse(&root, arena, json, &limits, NULL));
	number = yyjson_get_uint(yyjson_obj_get(root, "number"));
	if (number == 0 || number > UINT32_MAX)
		return ERR_CORRUPT;
	*out = (uint32_t)number;
	return OK;
}

static void put_facts(struct buf *out, const struct source_facts *f, uint32_t number)
{
	struct json_writer w = json_writer(out);

	buf_reset(out);
	json_object(&w, NULL);
	json_put_int(&w, "number", number);
	json_put_str(&w, "kind", f->kind);
	if (f->path.p)
		json_put_str(&w, "path", f->path);
	json_put_str(&w, "label", f->label.p ? f->label : S("TLP:RED"));
	if (f->trust >= 0)
		json_put_int(&w, "trust", f->trust);
	json_end_object(&w);
}

static uint32_t free_number(const struct store *s, struct arena *arena)
{
	for (uint32_t n = 1; n < SOURCES_MAX; n++)
		if (store_find(s, arena_printf(arena, "source-number/%u", n)) == STORE_NONE)
			return n;
	return 0;
}

/* number 0: it has one already. */
static enum err append(const struct command_ctx *ctx, struct str path, struct str json,
    uint32_t number, struct fault *fault)
{
	char encoded[LABEL_ENCODED_MAX], taken[32];
	const struct label red = {.tlp = TLP_RED};
	struct str label = {encoded, label_encode(&red, encoded)};
	int64_t version = env_now(ctx->env);
	struct record r[2] = {
	    {RECORD_DECISION, .id = path, .version = version, .label = label, .content = json},
	    {RECORD_DECISION, .version = version, .label = label, .content = S("{}")},
	};
	uint64_t first;

	(void)snprintf(taken, sizeof(taken), "source-number/%u", number);
	r[1].id = str_c(taken);
	return store_append(ctx->store, r, number ? 2 : 1, &first, fault);
}

enum err source_number(const struct command_ctx *ctx, const struct source_facts *facts,
    uint32_t *out, struct fault *fault)
{
	struct arena *arena = arena_new(SOURCE_MEMORY);
	struct str path = arena_printf(arena, "source/%.*s", STR_ARG(facts->name));
	uint64_t seq = store_find(ctx->store, path);
	uint32_t number = 0;
	bool same = false;
	enum err rc = OK;
	struct buf json;

	buf_init(&json, SOURCE_TEXT);
	if (seq != STORE_NONE) {
		rc = number_in(&number, arena, store_content(ctx->store, seq));
		put_facts(&json, facts, number);
		/* An import under a stream's name does not make it something else. */
		same = str_eq(facts->kind, S("import")) ||
		       str_eq(buf_str(&json), store_content(ctx->store, seq));
	} else {
		number = free_number(ctx->store, arena);
		put_facts(&json, facts, number);
		if (number == 0)
			rc = fail(fault, ERR_LIMIT, "there are %d sources already", SOURCES_MAX);
	}
	if (rc == OK)
		rc = json.failed;
	if (rc == OK && !same)
		rc = append(ctx, path, buf_str(&json), seq == STORE_NONE ? number : 0, fault);
	if (rc == OK)
		*out = number;
	buf_free(&json);
	arena_free(arena);
	return rc;
}
