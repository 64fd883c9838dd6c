/* SPDX-License-Identifier: Apache-2.0 */
#include "pattern/values.h"

#include "base/mem.h"
#include "codec/json.h"
#include "pattern/compile.h"
#include "pattern/find.h"
#include "pattern/machine.h"

enum { PROGRAM_BYTES = 16 << 20, VALUE_BYTES = 1 << 20, JSON_BYTES = 64 << 10 };

struct pattern_values {
	struct arena *memory; /* of the program */
	struct arena *work;   /* of one value */
	struct pattern_program *program;
	struct pattern_machine *machine;
	struct buf json;
	uint64_t *leaves;
	enum term_kind kind;
};

static enum term_kind kind_of_type(struct str type)
{
	static const enum term_kind KINDS[] = {
	    TERM_IPV4, TERM_IPV6, TERM_DOMAIN, TERM_URL, TERM_EMAIL};

	for (size_t i = 0; i < sizeof(KINDS) / sizeof(KINDS[0]); i++)
		if (str_eq(type, str_c(term_kind_name(KINDS[i]))))
			return KINDS[i];
	return TERM_KINDS;
}

static enum err not_here(struct fault *fault, const char *why)
{
	return fail(fault, ERR_UNSUPPORTED, "%s; the history keeps values, not whole events", why);
}

/* Whether every comparison is of `value` of one type of which the history has values. */
static enum err find_kind(
    enum term_kind *out, struct arena *arena, struct str text, struct fault *fault)
{
	struct pattern p;

	TRY(pattern_parse(&p, arena, text, PATTERN_READ_LENIENT, fault));
	*out = kind_of_type(p.tests[0].type);
	if (*out == TERM_KINDS)
		return not_here(fault, "patterns are hunted over addresses, names, URLs and mail "
		                       "addresses, or as plain values");
	for (size_t i = 0; i < p.count; i++) {
		if (!str_eq(p.tests[i].type, p.tests[0].type))
			return not_here(fault, "its comparisons are of several types");
		if (!str_eq(p.tests[i].path, S("value")))
			return not_here(fault, "it compares more than the value");
	}
	return OK;
}

static enum err compile(struct pattern_values *s, struct str text, struct fault *fault)
{
	size_t at;

	TRY(find_kind(&s->kind, s->memory, text, fault));
	TRY(pattern_compile(&s->program, s->memory, text, PATTERN_READ_LENIENT, &at, fault));
	if (!s->program->single)
		return not_here(fault, "it needs several observations");
	s->leaves = arena_array(s->memory, s->program->words, sizeof(*s->leaves));
	return s->leaves ? OK : fail(fault, ERR_NOMEM, "no memory for a pattern");
}

enum err pattern_values_new(struct pattern_values **out, struct str pattern, struct fault *fault)
{
	struct pattern_values *s = mem_alloc(sizeof(*s));
	enum err rc;

	s->memory = arena_new(PROGRAM_BYTES);
	s->work = arena_new(VALUE_BYTES);
	s->machine = pattern_machine_new();
	buf_init(&s->json, JSON_BYTES);
	rc = compile(s, pattern, fault);
	if (rc != OK) {
		pattern_values_free(s);
		return rc;
	}
	*out = s;
	return OK;
}

void pattern_values_free(struct pattern_values *s)
{
	if (!s)
		return;
	pattern_machine_free(s->machine);
	buf_free(&s->json);
	arena_free(s->work);
	arena_free(s->memory);
	mem_free(s);
}

enum term_kind pattern_values_kind(const struct pattern_values *s)
{
	return s->kind;
}

bool pattern_values_takes(struct pattern_values *s, const struct term *value)
{
	const struct json_limits limits = {.bytes = JSON_BYTES, .depth = 2};
	struct json_writer w = json_writer(&s->json);
	struct pattern_thing thing = {.id = S("0"), .type = str_c(term_kind_name(s->kind))};
	const struct pattern_observation o = {.number = 1, .things = {&thing, 1}};
	struct pattern_item item = {.number = 1, .leaves = s->leaves};
	struct pattern_tally tally = {0};
	struct pattern_found found;

	arena_reset(s->work);
	buf_reset(&s->json);
	json_object(&w, NULL);
	json_put_str(&w, "type", thing.type);
	json_put_str(&w, "value", term_text(s->work, value));
	json_end_object(&w);
	if (s->json.failed != OK ||
	    json_parse(&thing.json, s->work, buf_str(&s->json), &limits, NULL) != OK ||
	    !pattern_see(s->machine, s->program, &o, s->leaves, &tally))
		return false;
	return pattern_find(&found, s->work, s->program, &item, 1, PATTERN_WORK_MAX) == OK &&
	       found.verdict == PATTERN_MATCH;
}
