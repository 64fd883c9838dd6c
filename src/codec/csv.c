/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/csv.h"

#include <stdbool.h>
#include <string.h>

struct csv csv_open(struct str text, char separator)
{
	size_t at = str_starts(text, S("\xef\xbb\xbf")) ? 3 : 0;

	return (struct csv){.text = text, .at = at, .next_line = 1, .separator = separator};
}

static bool at_line_end(const struct csv *c, size_t at)
{
	return at >= c->text.n || c->text.p[at] == '\n' ||
	       (c->text.p[at] == '\r' && (at + 1 >= c->text.n || c->text.p[at + 1] == '\n'));
}

static size_t skip_line_end(const struct csv *c, size_t at)
{
	if (at < c->text.n && c->text.p[at] == '\r')
		at++;
	if (at < c->text.n && c->text.p[at] == '\n')
		at++;
	return at;
}

/* Gives up the record: reading goes on behind the line in which it started. */
static void skip_record(struct csv *c, size_t start)
{
	size_t end = start + str_find(str_from(c->text, start), '\n');

	c->at = end < c->text.n ? end + 1 : c->text.n;
	c->next_line = c->line + 1;
}

/* Doubled quotes made single. */
static enum err unescape(struct str *field, struct arena *arena)
{
	char *p = arena_alloc(arena, field->n);
	size_t n = 0;

	if (!p)
		return ERR_NOMEM;
	for (size_t i = 0; i < field->n; i++) {
		p[n++] = field->p[i];
		if (field->p[i] == '"')
			i++;
	}
	*field = (struct str){p, n};
	return OK;
}

/* The field whose opening quote is at c->at; leaves c->at behind the closing one. */
static enum err read_quoted(
    struct csv *c, struct str *field, struct arena *arena, struct fault *fault)
{
	size_t start = c->at + 1;
	size_t i = start;
	bool doubled = false;

	for (;;) {
		i += str_find(str_from(c->text, i), '"');
		if (i >= c->text.n)
			return fail(fault, ERR_PARSE, "line %zu: a quote is never closed", c->line);
		if (i + 1 >= c->text.n || c->text.p[i + 1] != '"')
			break;
		doubled = true;
		i += 2;
	}
	*field = str_slice(c->text, start, i);
	c->at = i + 1;
	for (size_t k = start; k < i; k++)
		c->next_line += c->text.p[k] == '\n';
	if (c->at < c->text.n && c->text.p[c->at] != c->separator && !at_line_end(c, c->at))
		return fail(fault, ERR_PARSE, "line %zu: text behind a closing quote", c->line);
	return doubled ? unescape(field, arena) : OK;
}

static enum err read_plain(struct csv *c, struct str *field, struct fault *fault)
{
	size_t start = c->at;

	while (!at_line_end(c, c->at) && c->text.p[c->at] != c->separator) {
		if (c->text.p[c->at] == '"')
			return fail(fault, ERR_PARSE,
			    "line %zu: a quote inside a field that does not start with one",
			    c->line);
		c->at++;
	}
	*field = str_slice(c->text, start, c->at);
	return OK;
}

static enum err read_field(
    struct csv *c, struct str *field, struct arena *arena, struct fault *fault)
{
	if (c->at < c->text.n && c->text.p[c->at] == '"')
		TRY(read_quoted(c, field, arena, fault));
	else
		TRY(read_plain(c, field, fault));
	if (field->n > CSV_FIELD_BYTES_MAX)
		return fail(fault, ERR_LIMIT,
		    "line %zu: a field of %zu bytes, more than the %d allowed", c->line, field->n,
		    CSV_FIELD_BYTES_MAX);
	return OK;
}

static enum err read_record(
    struct csv *c, struct str *fields, size_t *count, struct arena *arena, struct fault *fault)
{
	*count = 0;
	for (;;) {
		if (*count == CSV_FIELDS_MAX)
			return fail(fault, ERR_LIMIT, "line %zu: more than %d fields", c->line,
			    CSV_FIELDS_MAX);
		TRY(read_field(c, &fields[(*count)++], arena, fault));
		if (at_line_end(c, c->at))
			return OK;
		c->at++; /* the separator */
	}
}

enum err csv_next(struct csv *c, struct csv_record *out, struct arena *arena, struct fault *fault)
{
	struct str fields[CSV_FIELDS_MAX];
	struct str *kept;
	size_t start = c->at;
	size_t count;
	enum err rc;

	if (c->at >= c->text.n)
		return ERR_NOT_FOUND;
	c->line = c->next_line;
	rc = read_record(c, fields, &count, arena, fault);
	if (rc != OK) {
		skip_record(c, start);
		return rc;
	}
	c->at = skip_line_end(c, c->at);
	c->next_line++;
	kept = arena_array(arena, count, sizeof(struct str));
	if (!kept)
		return fail(fault, ERR_NOMEM, "line %zu: no memory for %zu fields", c->line, count);
	memcpy(kept, fields, count * sizeof(struct str));
	*out = (struct csv_record){kept, count};
	return OK;
}
