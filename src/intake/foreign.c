/* SPDX-License-Identifier: Apache-2.0 */
#include "intake/foreign.h"

#include <string.h>

#include "base/mem.h"
#include "codec/csv.h"
#include "codec/json.h"
#include "codec/split.h"
#include "codec/time.h"
#include "crypt/digest.h"
#include "stix/equality.h"
#include "stix/object.h"

enum { MADE_MAX = 256 << 10 };

/* What a CSV header may name, in lower case. */
enum column {
	COLUMN_VALUE,
	COLUMN_TYPE,
	COLUMN_NAME,
	COLUMN_DESCRIPTION,
	COLUMN_VALID_FROM,
	COLUMN_VALID_UNTIL,
	COLUMN_CONFIDENCE,
	COLUMN_LABELS,
	COLUMNS,
	COLUMN_IGNORED,
};

static const struct {
	struct str name;
	enum column column;
} HEADERS[] = {
    {S("value"), COLUMN_VALUE},
    {S("indicator"), COLUMN_VALUE},
    {S("ioc"), COLUMN_VALUE},
    {S("type"), COLUMN_TYPE},
    {S("name"), COLUMN_NAME},
    {S("description"), COLUMN_DESCRIPTION},
    {S("valid_from"), COLUMN_VALID_FROM},
    {S("valid_until"), COLUMN_VALID_UNTIL},
    {S("confidence"), COLUMN_CONFIDENCE},
    {S("labels"), COLUMN_LABELS},
};

static const struct {
	struct str name;
	enum term_kind kind;
} KINDS[] = {
    {S("ipv4"), TERM_IPV4},
    {S("ipv4-addr"), TERM_IPV4},
    {S("ipv6"), TERM_IPV6},
    {S("ipv6-addr"), TERM_IPV6},
    {S("domain"), TERM_DOMAIN},
    {S("domain-name"), TERM_DOMAIN},
    {S("hostname"), TERM_DOMAIN},
    {S("url"), TERM_URL},
    {S("email"), TERM_EMAIL},
    {S("email-addr"), TERM_EMAIL},
    {S("md5"), TERM_MD5},
    {S("sha1"), TERM_SHA1},
    {S("sha-1"), TERM_SHA1},
    {S("sha256"), TERM_SHA256},
    {S("sha-256"), TERM_SHA256},
    {S("sha512"), TERM_SHA512},
    {S("sha-512"), TERM_SHA512},
    {S("cert-md5"), TERM_CERT_MD5},
    {S("cert-sha1"), TERM_CERT_SHA1},
    {S("cert-sha256"), TERM_CERT_SHA256},
    {S("ja3"), TERM_JA3},
    {S("ja3s"), TERM_JA3S},
    {S("ja4"), TERM_JA4},
    {S("user-agent"), TERM_USER_AGENT},
};

static const struct {
	struct str name;
	enum foreign_format format;
} FORMATS[] = {
    {S("auto"), FOREIGN_AUTO},
    {S("stix"), FOREIGN_STIX},
    {S("lines"), FOREIGN_LINES},
    {S("csv"), FOREIGN_CSV},
    {S("list"), FOREIGN_LIST},
};

struct foreign {
	struct foreign_options options;
	struct split split;
	struct csv csv;
	enum column columns[CSV_FIELDS_MAX];
	size_t column_count;
	struct str rest; /* of lines and lists */
	size_t number;   /* of the line, or of the member */
	bool over;
};

/* One row of a CSV file, or a line of a list. */
struct row {
	size_t line;
	struct str fields[COLUMNS]; /* STR_NONE when absent or empty */
};

enum foreign_format foreign_format_of(struct str name)
{
	for (size_t i = 0; i < sizeof(FORMATS) / sizeof(FORMATS[0]); i++)
		if (str_eq(FORMATS[i].name, name))
			return FORMATS[i].format;
	return FOREIGN_FORMATS;
}

static enum column column_of(struct str header)
{
	for (size_t i = 0; i < sizeof(HEADERS) / sizeof(HEADERS[0]); i++)
		if (str_eq_nocase(HEADERS[i].name, str_trim(header)))
			return HEADERS[i].column;
	return COLUMN_IGNORED;
}

static struct str without_mark(struct str text)
{
	return str_starts(text, S("\xef\xbb\xbf")) ? str_from(text, 3) : text;
}

/* The first line that says something. */
static struct str first_line(struct str text)
{
	struct str rest = without_mark(text);

	while (rest.p) {
		struct str line = str_trim(str_cut(&rest, '\n'));

		if (line.n && line.p[0] != '#')
			return line;
	}
	return STR_NONE;
}

/* Comma, semicolon or tab: the one that gives a header with a value; '\0' when none does. */
static char separator_of(struct str header)
{
	static const char CANDIDATES[] = ",;\t";

	for (const char *c = CANDIDATES; *c; c++) {
		struct str rest = header;

		while (rest.p) {
			struct str name = str_trim(str_cut(&rest, *c));

			if (name.n >= 2 && name.p[0] == '"' && name.p[name.n - 1] == '"')
				name = str_slice(name, 1, name.n - 1);
			if (column_of(name) == COLUMN_VALUE)
				return *c;
		}
	}
	return '\0';
}

static enum foreign_format guess_format(struct str text)
{
	struct split split;
	struct str line = first_line(text);

	if (line.n && line.p[0] == '{')
		return split_open(&split, without_mark(text), NULL) == OK ? FOREIGN_STIX
		                                                          : FOREIGN_LINES;
	return separator_of(line) ? FOREIGN_CSV : FOREIGN_LIST;
}

static enum err open_csv(struct foreign *f, struct str text, struct fault *fault)
{
	struct arena *arena = arena_new(1 << 20);
	struct csv_record header = {0};
	bool value = false;
	char separator = separator_of(first_line(text));
	enum err rc;

	f->csv = csv_open(text, separator ? separator : ',');
	do {
		rc = csv_next(&f->csv, &header, arena, fault);
	} while (rc == OK && (header.fields[0].n == 0 || header.fields[0].p[0] == '#'));
	for (size_t i = 0; rc == OK && i < header.count; i++) {
		f->columns[i] = column_of(header.fields[i]);
		value |= f->columns[i] == COLUMN_VALUE;
	}
	f->column_count = rc == OK ? header.count : 0;
	arena_free(arena);
	if (rc == ERR_NOT_FOUND || (rc == OK && !value))
		return fail(fault, ERR_PARSE,
		    "line %zu: the header of a CSV file must name a column \"value\"",
		    f->csv.line ? f->csv.line : 1);
	return rc;
}

enum err foreign_open(struct foreign **out, struct str text, const struct foreign_options *options,
    struct fault *fault)
{
	struct foreign *f = mem_alloc(sizeof(*f));
	enum err rc = OK;

	f->options = *options;
	if (options->format == FOREIGN_AUTO)
		f->options.format = guess_format(text);
	if (f->options.format == FOREIGN_STIX)
		rc = split_open(&f->split, without_mark(text), fault);
	else if (f->options.format == FOREIGN_CSV)
		rc = open_csv(f, text, fault);
	else
		f->rest = without_mark(text);
	if (rc != OK) {
		mem_free(f);
		return rc;
	}
	*out = f;
	return OK;
}

void foreign_free(struct foreign *f)
{
	mem_free(f);
}

bool foreign_is_members(const struct foreign *f)
{
	return f->options.format == FOREIGN_STIX;
}

size_t foreign_line(const struct foreign *f)
{
	return f->options.format == FOREIGN_CSV ? f->csv.line : f->number;
}

static enum err next_member(struct foreign *f, struct foreign_item *out, struct fault *fault)
{
	enum err rc = split_next(&f->split, &out->json, fault);

	f->number++;
	if (rc != OK && rc != ERR_NOT_FOUND)
		f->over = true;
	return rc;
}

static enum err next_line(struct foreign *f, struct foreign_item *out)
{
	while (f->rest.p) {
		struct str line = str_trim(str_cut(&f->rest, '\n'));

		f->number++;
		if (line.n == 0)
			continue;
		out->json = line;
		return OK;
	}
	return ERR_NOT_FOUND;
}

static enum err value_of(
    struct term *out, const struct row *row, struct arena *arena, struct fault *fault)
{
	struct str type = row->fields[COLUMN_TYPE], value = row->fields[COLUMN_VALUE];

	if (!value.p)
		return fail(fault, ERR_INVALID, "line %zu: value: missing", row->line);
	for (size_t i = 0; type.p && i < sizeof(KINDS) / sizeof(KINDS[0]); i++) {
		if (!str_eq_nocase(KINDS[i].name, type))
			continue;
		if (term_canonical(out, arena, KINDS[i].kind, term_refang(arena, value)) == OK)
			return OK;
		return fail(fault, ERR_INVALID, "line %zu: value: not of the type %.*s: %.*s",
		    row->line, STR_ARG(type), STR_ARG(str_slice(value, 0, 100)));
	}
	if (term_guess(out, arena, value) == OK)
		return OK;
	return fail(fault, ERR_INVALID,
	    "line %zu: value: neither address, network, domain, URL, e-mail address nor hash: %.*s",
	    row->line, STR_ARG(str_slice(value, 0, 100)));
}

static enum err times_of(
    struct foreign_value *out, const struct row *row, usec now, struct fault *fault)
{
	static const struct {
		enum column column;
		const char *name;
	} ROWS[] = {{COLUMN_VALID_FROM, "valid_from"}, {COLUMN_VALID_UNTIL, "valid_until"}};
	usec times[2] = {now, 0};

	for (size_t i = 0; i < 2; i++) {
		struct str text = row->fields[ROWS[i].column];

		if (text.p && time_parse_any(&times[i], text) != OK)
			return fail(fault, ERR_INVALID,
			    "line %zu: %s: not a date-time like 2026-01-31T00:00:00Z: %.*s",
			    row->line, ROWS[i].name, STR_ARG(str_slice(text, 0, 60)));
	}
	if (times[1] && times[1] <= times[0])
		return fail(
		    fault, ERR_INVALID, "line %zu: valid_until: not after valid_from", row->line);
	out->from = times[0];
	out->until = times[1];
	return OK;
}

static enum err confidence_of(int64_t *out, const struct row *row, struct fault *fault)
{
	struct str text = row->fields[COLUMN_CONFIDENCE];
	uint64_t value = 0;

	if (text.p && (str_u64(text, &value) != OK || value > 100))
		return fail(fault, ERR_INVALID,
		    "line %zu: confidence: not a whole number from 0 to 100: %.*s", row->line,
		    STR_ARG(str_slice(text, 0, 60)));
	*out = text.p ? (int64_t)value : -1;
	return OK;
}

static void put_labels(struct json_writer *w, struct str labels)
{
	size_t count = 0;

	if (!labels.p)
		return;
	json_list(w, "labels");
	while (labels.p && count++ < FOREIGN_LABELS_MAX) {
		size_t end = 0;

		while (end < labels.n && labels.p[end] != ';' && labels.p[end] != ',' &&
		       labels.p[end] != '|')
			end++;
		if (str_trim(str_slice(labels, 0, end)).n)
			json_put_str(w, NULL, str_trim(str_slice(labels, 0, end)));
		labels = end < labels.n ? str_from(labels, end + 1) : STR_NONE;
	}
	json_end_list(w);
}

static struct uuid made_id(
    const struct foreign_options *o, const struct term *t, struct arena *arena)
{
	/* Of version 4, made for this: the ids must not depend on which node imports first. */
	static const struct uuid SPACE = {{0x6f, 0x1c, 0x2a, 0x1e, 0x52, 0x0b, 0x4a, 0x55, 0x9d,
	    0x0a, 0x3b, 0x8e, 0x47, 0x11, 0xc2, 0x90}};
	struct uuid space = SPACE, identity;
	struct str type;

	if (o->identity.p && stix_id_split(&type, &identity, o->identity))
		space = identity;
	return uuid_v5(&space, arena_printf(arena, "indicator %.*s %s %.*s", STR_ARG(o->source),
	                           term_kind_name(t->kind), STR_ARG(term_text(arena, t))));
}

/* The order of the members matters: foreign_made_same looks for the times at the front. */
static void put_made(struct buf *out, const struct foreign_options *o, const struct row *row,
    const struct foreign_value *m, int64_t confidence, struct arena *arena)
{
	struct json_writer w = json_writer(out);
	struct str marking = tlp_marking_id(o->tlp), name = row->fields[COLUMN_NAME];
	char uuid[UUID_TEXT + 1];

	uuid_format(uuid, &m->id);
	json_object(&w, NULL);
	json_put_str(&w, "type", S("indicator"));
	json_put_str(&w, "spec_version", S("2.1"));
	json_put_str(&w, "id", arena_printf(arena, "indicator--%s", uuid));
	if (o->identity.p)
		json_put_str(&w, "created_by_ref", o->identity);
	json_put_time(&w, "created", o->now);
	json_put_time(&w, "modified", o->now);
	json_put_time(&w, "valid_from", m->from);
	if (m->until)
		json_put_time(&w, "valid_until", m->until);
	json_put_str(&w, "name", name.p ? name : term_text(arena, &m->term));
	if (row->fields[COLUMN_DESCRIPTION].p)
		json_put_str(&w, "description", row->fields[COLUMN_DESCRIPTION]);
	json_put_str(&w, "pattern", term_pattern(arena, &m->term));
	json_put_str(&w, "pattern_type", S("stix"));
	if (confidence >= 0)
		json_put_int(&w, "confidence", confidence);
	put_labels(&w, row->fields[COLUMN_LABELS]);
	if (marking.p) {
		json_list(&w, "object_marking_refs");
		json_put_str(&w, NULL, marking);
		json_end_list(&w);
	}
	json_end_object(&w);
}

static enum err make(struct foreign *f, const struct row *row, struct foreign_item *out,
    struct arena *arena, struct fault *fault)
{
	struct foreign_value m = {0};
	int64_t confidence = -1;
	struct buf b;
	enum err rc;

	TRY(value_of(&m.term, row, arena, fault));
	TRY(times_of(&m, row, f->options.now, fault));
	TRY(confidence_of(&confidence, row, fault));
	m.id = made_id(&f->options, &m.term, arena);
	if (f->options.plain) {
		*out = (struct foreign_item){.made = true, .value = m};
		return OK;
	}
	buf_init(&b, MADE_MAX);
	put_made(&b, &f->options, row, &m, confidence, arena);
	rc = b.failed;
	if (rc == OK) {
		*out = (struct foreign_item){arena_str(arena, buf_str(&b)), true, m};
		rc = out->json.p ? OK : ERR_NOMEM;
	}
	buf_free(&b);
	if (rc != OK)
		return fail(fault, rc, "line %zu: the texts of this row are too long", row->line);
	return OK;
}

static enum err next_record(
    struct foreign *f, struct foreign_item *out, struct arena *arena, struct fault *fault)
{
	struct csv_record record;
	struct row row = {0};

	for (;;) {
		TRY(csv_next(&f->csv, &record, arena, fault));
		if (record.count > 1 || (record.fields[0].n && record.fields[0].p[0] != '#'))
			break;
	}
	row.line = f->csv.line;
	for (size_t i = 0; i < record.count && i < f->column_count; i++) {
		struct str text = str_trim(record.fields[i]);

		if (f->columns[i] < COLUMNS && text.n)
			row.fields[f->columns[i]] = text;
	}
	return make(f, &row, out, arena, fault);
}

/* A comment begins with '#', at the start or behind white space. */
static struct str without_comment(struct str line)
{
	for (size_t i = 0; i < line.n; i++)
		if (line.p[i] == '#' && (i == 0 || line.p[i - 1] == ' ' || line.p[i - 1] == '\t'))
			return str_trim(str_slice(line, 0, i));
	return str_trim(line);
}

static enum err next_value(
    struct foreign *f, struct foreign_item *out, struct arena *arena, struct fault *fault)
{
	struct row row = {0};

	while (f->rest.p) {
		struct str line = str_cut(&f->rest, '\n');
		struct str value = without_comment(line);

		f->number++;
		if (value.n == 0)
			continue;
		if (line.n > FOREIGN_LINE_MAX)
			return fail(fault, ERR_LIMIT, "line %zu: longer than %d bytes", f->number,
			    FOREIGN_LINE_MAX);
		row.line = f->number;
		row.fields[COLUMN_VALUE] = value;
		return make(f, &row, out, arena, fault);
	}
	return ERR_NOT_FOUND;
}

enum err foreign_next(
    struct foreign *f, struct foreign_item *out, struct arena *arena, struct fault *fault)
{
	if (f->over)
		return ERR_NOT_FOUND;
	out->made = false;
	switch (f->options.format) {
	case FOREIGN_STIX:
		return next_member(f, out, fault);
	case FOREIGN_CSV:
		return next_record(f, out, arena, fault);
	case FOREIGN_LIST:
		return next_value(f, out, arena, fault);
	default:
		return next_line(f, out);
	}
}

enum { MADE_CREATED, MADE_MODIFIED, MADE_VALID_FROM, MADE_TIMES };

/* Where the time of a member begins; text.n when there is none. */
static size_t time_at(struct str text, int member)
{
	static const struct str MEMBERS[MADE_TIMES] = {
	    S("\"created\":\""), S("\"modified\":\""), S("\"valid_from\":\"")};
	size_t at = str_search(text, MEMBERS[member]) + MEMBERS[member].n;

	return at + TIME_TEXT < text.n ? at : text.n;
}

static struct str time_of(struct str text, int member)
{
	size_t at = time_at(text, member);

	return str_slice(text, at, at + TIME_TEXT);
}

bool foreign_made_same(struct str a, struct str b)
{
	struct str from[2] = {time_of(a, MADE_VALID_FROM), time_of(b, MADE_VALID_FROM)};
	size_t at = 0;

	if (a.n != b.n)
		return false;
	/* A start of validity that was given is content; that of the making is not. */
	if (!str_eq(from[0], from[1]) && (!str_eq(from[0], time_of(a, MADE_MODIFIED)) ||
	                                     !str_eq(from[1], time_of(b, MADE_MODIFIED))))
		return false;
	for (int member = 0; member < MADE_TIMES; member++) {
		size_t time = time_at(a, member);

		if (time == a.n || time != time_at(b, member) || time < at ||
		    memcmp(a.p + at, b.p + at, time - at) != 0)
			return false;
		at = time + TIME_TEXT;
	}
	return memcmp(a.p + at, b.p + at, a.n - at) == 0;
}

struct str foreign_made_again(struct arena *arena, struct str now, struct str old)
{
	size_t from = time_at(old, MADE_CREATED), to = time_at(now, MADE_CREATED);
	char *copy = arena_alloc(arena, now.n ? now.n : 1);

	if (!copy || from == old.n || to == now.n)
		return STR_NONE;
	memcpy(copy, now.p, now.n);
	memcpy(copy + to, old.p + from, TIME_TEXT);
	return (struct str){copy, now.n};
}
