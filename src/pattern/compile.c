/* SPDX-License-Identifier: Apache-2.0 */
/* What stands between brackets, made ready to run. */
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "pattern/compile.h"
#include "pattern/text.h"
#include "pattern/value.h"

enum err compile_wrong(struct compile *c, enum err code, size_t at, const char *what)
{
	c->at = at;
	return fail(c->fault, code, "position %zu: %s", at, what);
}

enum err compile_no_memory(struct compile *c)
{
	return fail(c->fault, ERR_NOMEM, "no memory to compile the pattern");
}

/* The last name in the path says what its text is. */
static enum pattern_encoding encoding_of(const struct pattern_test *t)
{
	for (size_t i = t->step_count; i > 0; i--) {
		if (t->steps[i - 1].kind != PATTERN_KEY)
			continue;
		if (str_ends(t->steps[i - 1].key, S("_hex")))
			return PATTERN_OF_HEX;
		return str_ends(t->steps[i - 1].key, S("_bin")) ? PATTERN_OF_BASE64 : PATTERN_TEXT;
	}
	return PATTERN_TEXT;
}

static enum err hex_bytes(struct str *out, struct compile *c, struct str text)
{
	char *p = arena_alloc(c->arena, text.n / 2);

	if (!p)
		return compile_no_memory(c);
	for (size_t i = 0; i + 1 < text.n; i += 2)
		p[i / 2] = (char)((unsigned)str_hex_digit(text.p[i]) << 4 |
		                  (unsigned)str_hex_digit(text.p[i + 1]));
	*out = (struct str){p, text.n / 2};
	return OK;
}

/* Line feeds are ignored (section 9.2). */
static enum err base64_bytes(struct str *out, struct compile *c, const struct pattern_value *v)
{
	char *p = arena_alloc(c->arena, v->text.n);
	size_t n = 0;
	enum err rc;

	if (!p)
		return compile_no_memory(c);
	for (size_t i = 0; i < v->text.n; i++)
		if (v->text.p[i] != '\n' && v->text.p[i] != '\r')
			p[n++] = v->text.p[i];
	rc = base64_decode(out, c->arena, (struct str){p, n});
	if (rc == ERR_NOMEM)
		return compile_no_memory(c);
	return rc == OK ? OK
	                : compile_wrong(c, ERR_PARSE, v->at, "base64 with bits that mean nothing");
}

static enum err compile_constant(
    struct pattern_constant *out, struct compile *c, const struct pattern_value *v)
{
	*out = (struct pattern_constant){.kind = v->kind, .text = v->text};
	switch (v->kind) {
	case PATTERN_NUMBER:
		out->number = pattern_number(v->text);
		return OK;
	case PATTERN_BOOL:
		out->truth = str_eq(v->text, S("true"));
		return OK;
	case PATTERN_HEX:
		out->bytes = true;
		TRY(hex_bytes(&out->octets, c, v->text));
		return OK;
	case PATTERN_BINARY:
		out->bytes = true;
		return base64_bytes(&out->octets, c, v);
	case PATTERN_STRING:
		out->bytes = text_octets(&out->octets, c->arena, v->text);
		return OK;
	default:
		return OK;
	}
}

static int by_text(const void *a, const void *b)
{
	return str_cmp(
	    ((const struct pattern_constant *)a)->text, ((const struct pattern_constant *)b)->text);
}

static enum err compile_values(
    struct compile *c, struct pattern_check *k, const struct pattern_test *t)
{
	k->values = arena_array(c->arena, t->value_count, sizeof(*k->values));
	if (!k->values)
		return compile_no_memory(c);
	k->value_count = t->value_count;
	for (size_t i = 0; i < t->value_count; i++)
		TRY(compile_constant(&k->values[i], c, &t->values[i]));
	k->sorted = t->op == PATTERN_IN && t->value_count > 0 &&
	            t->values[0].kind == PATTERN_STRING && k->encoding == PATTERN_TEXT;
	if (k->sorted)
		qsort(k->values, k->value_count, sizeof(*k->values), by_text);
	return OK;
}

/* LIKE and MATCHES: on bytes where the property is bytes, else on normal form C (section 9.6). */
static enum err compile_wording(
    struct compile *c, struct pattern_check *k, const struct pattern_test *t)
{
	bool octets = k->encoding != PATTERN_TEXT;
	const struct pattern_value *v = &t->values[0];
	struct str text = v->text;
	struct fault why = {OK, ""};
	size_t at;
	enum err rc;

	k->like_fits = !octets || text_octets(&text, c->arena, v->text);
	if (!k->like_fits)
		return OK;
	if (!octets) {
		rc = text_normal(&text, c->arena, v->text);
		if (rc != OK)
			return compile_wrong(
			    c, rc, v->at, "text that cannot be brought into a normal form");
	}
	k->like = text;
	if (k->op == PATTERN_LIKE)
		return OK;
	if (text.n > PATTERN_REGEX_BYTES_MAX)
		return compile_wrong(c, ERR_LIMIT, v->at, "a regular expression that is too long");
	rc = text_regex(&k->regex, c->arena, text, octets, &at, &why);
	return rc == OK ? OK : compile_wrong(c, rc, v->at + 1 + at, why.text);
}

static enum err compile_check(struct pattern_check **out, struct compile *c, size_t test)
{
	const struct pattern_test *t = &c->pattern.tests[test];
	struct pattern_check *k = arena_zalloc(c->arena, sizeof(*k));

	if (!k)
		return compile_no_memory(c);
	*out = k;
	k->type = t->type;
	k->path = t->path;
	k->alone = t->alone;
	k->steps = t->steps;
	k->step_count = t->step_count;
	k->negated = t->negated;
	k->op = t->op;
	k->at = t->at;
	k->encoding = encoding_of(t);
	switch (t->op) {
	case PATTERN_EXISTS:
		return OK;
	case PATTERN_LIKE:
	case PATTERN_MATCHES:
		return compile_wording(c, k, t);
	case PATTERN_ISSUBSET:
	case PATTERN_ISSUPERSET:
		k->has_network = pattern_network(&k->network, c->arena, t->values[0].text);
		return OK;
	default:
		return compile_values(c, k, t);
	}
}

enum err compile_expr(struct pattern_expr **out, struct compile *c, const struct pattern_node *node)
{
	struct pattern_expr *e = arena_zalloc(c->arena, sizeof(*e));
	struct pattern_expr **end;

	if (!e)
		return compile_no_memory(c);
	*out = e;
	if (node->kind == PATTERN_TEST) {
		e->kind = PATTERN_CHECK;
		return compile_check(&e->check, c, node->test);
	}
	e->kind = node->kind == PATTERN_ALL ? PATTERN_EVERY : PATTERN_SOME;
	end = &e->first;
	for (const struct pattern_node *n = node->first; n; n = n->next) {
		TRY(compile_expr(end, c, n));
		end = &(*end)->next;
	}
	return OK;
}

enum err pattern_compile(struct pattern_program **out, struct arena *arena, struct str text,
    enum pattern_reading reading, size_t *at, struct fault *fault)
{
	struct compile c = {.arena = arena, .text = text, .fault = fault};
	enum err rc;

	*at = 0;
	if (text.n > PATTERN_BYTES_MAX)
		return fail(fault, ERR_LIMIT, "a pattern of %zu bytes; at most %d are taken",
		    text.n, PATTERN_BYTES_MAX);
	rc = pattern_parse(&c.pattern, arena, text, reading, fault);
	if (rc != OK) {
		*at = c.pattern.at;
		return rc;
	}
	c.program = arena_zalloc(arena, sizeof(*c.program));
	if (!c.program)
		return compile_no_memory(&c);
	rc = compile_spans(&c);
	*at = c.at;
	*out = c.program;
	return rc;
}
