/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/mime.h"

#include <string.h>

#include "base/base64.h"

/* ---- headers ---- */

/* The next line without its end; *rest is STR_NONE behind the last. */
static struct str next_line(struct str *rest)
{
	struct str line = str_cut(rest, '\n');

	if (line.n && line.p[line.n - 1] == '\r')
		line.n--;
	return line;
}

static struct str lower(struct arena *arena, struct str s)
{
	char *out = arena_alloc(arena, s.n + 1);

	if (!out)
		return STR_NONE;
	for (size_t i = 0; i < s.n; i++)
		out[i] = s.p[i] >= 'A' && s.p[i] <= 'Z' ? (char)(s.p[i] | 0x20) : s.p[i];
	out[s.n] = '\0';
	return (struct str){out, s.n};
}

static bool is_token_char(char c)
{
	return c > ' ' && c < 0x7f && str_find(S("()<>@,;:\\\"/[]?="), c) == 15;
}

/* What is left of a structured field. */
struct field {
	struct str rest;
	struct arena *arena;
	struct fault *fault;
};

static enum err skip_space(struct field *f)
{
	unsigned depth = 0;

	for (size_t i = 0; i < f->rest.n; i++) {
		char c = f->rest.p[i];

		if (c == '(')
			depth++;
		else if (c == ')' && depth > 0)
			depth--;
		else if (c == '\\' && depth > 0)
			i++;
		else if (depth == 0 && c != ' ' && c != '\t' && c != '\r' && c != '\n') {
			f->rest = str_from(f->rest, i);
			return OK;
		}
	}
	f->rest = S("");
	return depth == 0 ? OK : fail(f->fault, ERR_PARSE, "a header has a comment without end");
}

static struct str token(struct field *f, bool slash)
{
	size_t n = 0;
	struct str out;

	while (n < f->rest.n && (is_token_char(f->rest.p[n]) || (slash && f->rest.p[n] == '/')))
		n++;
	out = str_slice(f->rest, 0, n);
	f->rest = str_from(f->rest, n);
	return out;
}

static enum err quoted(struct field *f, struct str *out)
{
	char *text = arena_alloc(f->arena, MIME_VALUE_MAX);
	size_t n = 0;

	if (!text)
		return fail(f->fault, ERR_NOMEM, "no memory for a header");
	for (size_t i = 1; i < f->rest.n && n < MIME_VALUE_MAX; i++) {
		char c = f->rest.p[i];

		if (c == '"') {
			f->rest = str_from(f->rest, i + 1);
			*out = (struct str){text, n};
			return OK;
		}
		if (c == '\\' && i + 1 < f->rest.n)
			c = f->rest.p[++i];
		if (c != '\r' && c != '\n')
			text[n++] = c;
	}
	return fail(f->fault, ERR_PARSE, "a header has a text without end, or too long a one");
}

static struct str *place_of(struct mime *m, struct str name)
{
	const struct {
		struct str name;
		struct str *at;
	} places[] = {{S("boundary"), &m->boundary}, {S("protocol"), &m->protocol},
	    {S("smime-type"), &m->smime_type}, {S("name"), &m->name}, {S("filename"), &m->name}};

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (str_eq(places[i].name, name))
			return places[i].at;
	return NULL;
}

/* "; name=value" ... */
static enum err read_parameters(struct mime *m, struct field *f)
{
	for (;;) {
		struct str name, value, *at;

		TRY(skip_space(f));
		if (f->rest.n == 0)
			return OK;
		if (f->rest.p[0] != ';')
			return fail(f->fault, ERR_PARSE, "a header's parameters cannot be read");
		f->rest = str_from(f->rest, 1);
		TRY(skip_space(f));
		if (f->rest.n == 0)
			return OK;
		name = lower(f->arena, token(f, false));
		TRY(skip_space(f));
		if (name.n == 0 || f->rest.n == 0 || f->rest.p[0] != '=')
			return fail(f->fault, ERR_PARSE, "a header's parameters cannot be read");
		f->rest = str_from(f->rest, 1);
		TRY(skip_space(f));
		if (f->rest.n && f->rest.p[0] == '"')
			TRY(quoted(f, &value));
		else
			value = token(f, true);
		at = place_of(m, name);
		if (at && at != &m->name && at->p)
			return fail(f->fault, ERR_PARSE, "a header says %.*s twice", STR_ARG(name));
		if (at)
			*at = value;
	}
}

enum header { HEADER_TYPE = 1, HEADER_ENCODING = 2, HEADER_DISPOSITION = 4 };

static enum err read_field(struct mime *m, unsigned *seen, struct str name, struct field *f)
{
	static const struct {
		const char *name;
		enum header header;
	} KNOWN[] = {{"content-type", HEADER_TYPE}, {"content-transfer-encoding", HEADER_ENCODING},
	    {"content-disposition", HEADER_DISPOSITION}};
	unsigned which = 0;

	for (size_t i = 0; i < sizeof(KNOWN) / sizeof(KNOWN[0]); i++)
		if (str_eq_nocase(name, str_c(KNOWN[i].name)))
			which = KNOWN[i].header;
	if (!which)
		return OK;
	if (*seen & which)
		return fail(f->fault, ERR_PARSE, "a header has %.*s twice", STR_ARG(name));
	*seen |= which;
	TRY(skip_space(f));
	if (which == HEADER_TYPE)
		m->type = lower(f->arena, token(f, true));
	else if (which == HEADER_ENCODING)
		m->encoding = lower(f->arena, token(f, false));
	else
		(void)token(f, false);
	return which == HEADER_ENCODING ? OK : read_parameters(m, f);
}

/* A field goes on in lines that begin with a space. */
static struct str unfolded(struct str line, struct str *rest)
{
	while (rest->p && rest->n && (rest->p[0] == ' ' || rest->p[0] == '\t')) {
		struct str more = next_line(rest);

		line.n = (size_t)(more.p + more.n - line.p);
	}
	return line;
}

enum err mime_read(struct mime *out, struct arena *arena, struct str entity, struct fault *fault)
{
	struct mime m = {.type = S("text/plain"), .encoding = S("7bit")};
	struct str rest = entity;
	unsigned seen = 0;

	if (str_starts(rest, S("From ")))
		(void)next_line(&rest);
	for (;;) {
		struct str line, name;
		struct field f = {.arena = arena, .fault = fault};

		if (!rest.p || (size_t)(rest.p - entity.p) > MIME_HEAD_MAX)
			return fail(fault, rest.p ? ERR_LIMIT : ERR_PARSE,
			    "not a message: its header has no end");
		line = next_line(&rest);
		if (line.n == 0)
			break;
		line = unfolded(line, &rest);
		name = str_cut(&line, ':');
		if (!line.p || name.n == 0 || str_find(name, ' ') < name.n)
			return fail(fault, ERR_PARSE, "not a message: its header cannot be read");
		f.rest = line;
		TRY(read_field(&m, &seen, name, &f));
	}
	if (m.type.n == 0 || m.encoding.n == 0)
		return fail(fault, ERR_PARSE, "a header says no type or no encoding");
	m.body = rest.p ? rest : S("");
	*out = m;
	return OK;
}

/* ---- parts ---- */

/* Whether a line is "--boundary" (1) or "--boundary--" (2). */
static int is_boundary(struct str line, struct str boundary)
{
	struct str tail;

	if (!str_starts(line, S("--")) || !str_starts(str_from(line, 2), boundary))
		return 0;
	tail = str_from(line, 2 + boundary.n);
	if (str_trim(tail).n == 0)
		return 1;
	return str_starts(tail, S("--")) && str_trim(str_from(tail, 2)).n == 0 ? 2 : 0;
}

/* What stands before the next boundary line; rest goes behind that line. */
static enum err until_boundary(struct mime_parts *p, struct str *out, struct fault *fault)
{
	struct str rest = p->rest;

	while (rest.p) {
		struct str before = {p->rest.p, (size_t)(rest.p - p->rest.p)};
		struct str line = next_line(&rest);
		int found = is_boundary(line, p->boundary);

		if (!found)
			continue;
		if (before.n && before.p[before.n - 1] == '\n')
			before.n--;
		if (before.n && before.p[before.n - 1] == '\r')
			before.n--;
		*out = before;
		p->last = found == 2;
		p->rest = rest.p ? rest : S("");
		return OK;
	}
	return fail(fault, ERR_PARSE, "the message is cut short: a part has no end");
}

enum err mime_parts(struct mime_parts *out, const struct mime *m, struct fault *fault)
{
	struct str preamble;

	if (!str_starts(m->type, S("multipart/")))
		return fail(fault, ERR_UNSUPPORTED, "the message has no parts");
	if (m->boundary.n == 0 || m->boundary.n > 70)
		return fail(fault, ERR_PARSE, "the message does not say what is between its parts");
	*out = (struct mime_parts){.rest = m->body, .boundary = m->boundary};
	return until_boundary(out, &preamble, fault);
}

enum err mime_part(struct mime_parts *p, struct str *out, struct fault *fault)
{
	if (p->last)
		return ERR_NOT_FOUND;
	return until_boundary(p, out, fault);
}

/* ---- encodings ---- */

/* Lines of base64; what is not of its alphabet ends it as an error. */
static enum err decode_base64(
    struct str *out, struct arena *arena, struct str body, struct fault *fault)
{
	char *packed = arena_alloc(arena, body.n + 1);
	size_t n = 0;

	if (!packed)
		return fail(fault, ERR_LIMIT, "a part is too long");
	for (size_t i = 0; i < body.n; i++)
		if (str_find(S("\r\n \t"), body.p[i]) == 4)
			packed[n++] = body.p[i];
	return base64_decode(out, arena, (struct str){packed, n}) == OK
	           ? OK
	           : fail(fault, ERR_PARSE, "a part says base64 and is not");
}

static enum err decode_quoted(
    struct str *out, struct arena *arena, struct str body, struct fault *fault)
{
	char *text = arena_alloc(arena, body.n + 1);
	struct str rest = body;
	size_t n = 0;

	if (!text)
		return fail(fault, ERR_LIMIT, "a part is too long");
	while (rest.p) {
		struct str line = next_line(&rest);
		bool soft = false;

		while (line.n && (line.p[line.n - 1] == ' ' || line.p[line.n - 1] == '\t'))
			line.n--;
		for (size_t i = 0; i < line.n; i++) {
			int high = i + 2 < line.n ? str_hex_digit(line.p[i + 1]) : -1;
			int low = high >= 0 ? str_hex_digit(line.p[i + 2]) : -1;

			if (line.p[i] != '=') {
				text[n++] = line.p[i];
			} else if (i + 1 == line.n) {
				soft = true;
			} else if (low >= 0) {
				text[n++] = (char)(high << 4 | low);
				i += 2;
			} else {
				return fail(
				    fault, ERR_PARSE, "a part says quoted-printable and is not");
			}
		}
		if (!soft && rest.p)
			text[n++] = '\n';
	}
	*out = (struct str){text, n};
	return OK;
}

enum err mime_decode(
    struct str *out, struct arena *arena, const struct mime *m, struct fault *fault)
{
	static const char *const PLAIN[] = {"7bit", "8bit", "binary"};

	if (str_eq(m->encoding, S("base64")))
		return decode_base64(out, arena, m->body, fault);
	if (str_eq(m->encoding, S("quoted-printable")))
		return decode_quoted(out, arena, m->body, fault);
	for (size_t i = 0; i < sizeof(PLAIN) / sizeof(PLAIN[0]); i++) {
		if (str_eq(m->encoding, str_c(PLAIN[i]))) {
			*out = m->body;
			return OK;
		}
	}
	return fail(fault, ERR_UNSUPPORTED, "a part has an encoding that is not known");
}

enum err mime_canonical(struct str *out, struct arena *arena, struct str entity)
{
	size_t bare = 0, n = 0;
	char *text;

	for (size_t i = 0; i < entity.n; i++)
		bare += entity.p[i] == '\n' && (i == 0 || entity.p[i - 1] != '\r');
	if (bare == 0) {
		*out = entity;
		return OK;
	}
	text = arena_alloc(arena, entity.n + bare);
	if (!text)
		return ERR_LIMIT;
	for (size_t i = 0; i < entity.n; i++) {
		if (entity.p[i] == '\n' && (i == 0 || entity.p[i - 1] != '\r'))
			text[n++] = '\r';
		text[n++] = entity.p[i];
	}
	*out = (struct str){text, n};
	return OK;
}

/* ---- the file ---- */

struct search {
	struct arena *arena;
	struct fault *fault;
	struct str found; /* p NULL: nothing yet */
	unsigned parts;
};

static bool is_json(const struct mime *m)
{
	static const char *const TYPES[] = {
	    "application/json", "application/stix+json", "application/taxii+json", "text/json"};

	for (size_t i = 0; i < sizeof(TYPES) / sizeof(TYPES[0]); i++)
		if (str_eq(m->type, str_c(TYPES[i])))
			return true;
	return m->name.n > 5 && str_eq_nocase(str_from(m->name, m->name.n - 5), S(".json"));
}

static enum err take_part(struct search *s, const struct mime *m)
{
	if (!is_json(m))
		return OK;
	if (s->found.p)
		return fail(s->fault, ERR_CONFLICT, "the message holds more than one JSON file");
	TRY(mime_decode(&s->found, s->arena, m, s->fault));
	if (!s->found.p)
		s->found = S("");
	return OK;
}

/* The parts of parts that are still to be looked at: no call of its own for a depth that others
 * choose. */
static enum err search_parts(struct search *s, struct str entity)
{
	struct mime_parts open[MIME_DEPTH_MAX];
	unsigned depth = 0;

	for (;;) {
		struct mime m;
		enum err rc;

		if (++s->parts > MIME_PARTS_MAX)
			return fail(s->fault, ERR_LIMIT, "the message has too many parts");
		TRY(mime_read(&m, s->arena, entity, s->fault));
		if (!str_starts(m.type, S("multipart/"))) {
			TRY(take_part(s, &m));
		} else {
			if (depth == MIME_DEPTH_MAX)
				return fail(
				    s->fault, ERR_LIMIT, "the message has parts in parts in parts");
			TRY(mime_parts(&open[depth++], &m, s->fault));
		}
		for (rc = ERR_NOT_FOUND; depth > 0 && rc == ERR_NOT_FOUND;) {
			rc = mime_part(&open[depth - 1], &entity, s->fault);
			depth -= rc == ERR_NOT_FOUND;
		}
		if (rc != OK)
			return rc == ERR_NOT_FOUND ? OK : rc;
	}
}

enum err mime_find_json(
    struct str *out, struct arena *arena, struct str entity, struct fault *fault)
{
	struct search s = {.arena = arena, .fault = fault};

	TRY(search_parts(&s, entity));
	if (!s.found.p)
		return fail(fault, ERR_NOT_FOUND, "the message holds no JSON file");
	*out = s.found;
	return OK;
}
