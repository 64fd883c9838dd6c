/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/terminal.h"

#include <stdio.h>
#include <string.h>

#include "codec/json.h"

/* The code point at s[0..], its length in *n; 0xFFFFFFFF for a byte that begins none. */
static uint32_t code_point(struct str s, size_t *n)
{
	static const uint32_t LEAST[] = {0, 0, 0x80, 0x800, 0x10000};
	const unsigned char *p = (const unsigned char *)s.p;
	uint32_t c = p[0];
	size_t length = c < 0x80 ? 1 : c >> 5 == 6 ? 2 : c >> 4 == 14 ? 3 : c >> 3 == 30 ? 4 : 0;

	*n = 1;
	if (length == 0 || length > s.n)
		return UINT32_MAX;
	if (length > 1)
		c &= 0x7fu >> length;
	for (size_t i = 1; i < length; i++) {
		if (p[i] >> 6 != 2)
			return UINT32_MAX;
		c = c << 6 | (p[i] & 0x3f);
	}
	if (c < LEAST[length] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return UINT32_MAX;
	*n = length;
	return c;
}

/* Ranges of code points that no foreign text may bring to a terminal. */
static const struct {
	uint32_t first, last;
} CONTROLS[] = {
    {0x00, 0x1f},
    {0x7f, 0x9f},
    {0x61c, 0x61c},
    {0x200b, 0x200f},
    {0x2028, 0x202e},
    {0x2060, 0x206f},
    {0xfeff, 0xfeff},
    {0xfff9, 0xfffb},
    {0xe0000, 0xe007f},
};

static bool is_control(uint32_t c)
{
	for (size_t i = 0; i < sizeof(CONTROLS) / sizeof(*CONTROLS); i++)
		if (c >= CONTROLS[i].first && c <= CONTROLS[i].last)
			return true;
	return false;
}

void terminal_put(struct buf *out, struct str text)
{
	size_t n;

	for (; text.n > 0; text = str_from(text, n)) {
		uint32_t c = code_point(text, &n);

		if (c == UINT32_MAX || (is_control(c) && c < 0x80))
			buf_printf(out, "\\x%02x", (unsigned)(unsigned char)text.p[0]);
		else if (is_control(c))
			buf_printf(out, "\\u{%04x}", c);
		else
			buf_put(out, str_slice(text, 0, n));
	}
}

void terminal_put_lines(struct buf *out, struct str text)
{
	while (text.n > 0) {
		terminal_put(out, str_cut(&text, '\n'));
		buf_byte(out, '\n');
	}
}

void terminal_put_json(struct buf *out, struct str json)
{
	size_t n;

	for (; json.n > 0; json = str_from(json, n)) {
		uint32_t c = code_point(json, &n);

		if (c == UINT32_MAX)
			buf_put(out, S("\\ufffd"));
		else if (c == '\r') /* white space between values, like the other C0 here */
			continue;
		else if (c < 0x20 || !is_control(c))
			buf_put(out, str_slice(json, 0, n));
		else if (c < 0x10000)
			buf_printf(out, "\\u%04x", c);
		else
			buf_printf(out, "\\u%04x\\u%04x", 0xd800 + ((c - 0x10000) >> 10),
			    0xdc00 + ((c - 0x10000) & 0x3ff));
	}
}

static yyjson_val *member_of(yyjson_val *item, const char *path)
{
	struct str rest = str_c(path);

	while (rest.p) {
		struct str key = str_cut(&rest, '.');

		item = yyjson_obj_getn(item, key.p, key.n);
	}
	return item;
}

static void put_value(struct buf *out, yyjson_val *v)
{
	if (yyjson_is_str(v))
		terminal_put(out, json_str(v));
	else if (yyjson_is_bool(v))
		buf_put(out, yyjson_get_bool(v) ? S("yes") : S("no"));
	else if (yyjson_is_int(v))
		buf_printf(out, "%lld", (long long)yyjson_get_sint(v));
	else if (yyjson_is_real(v))
		buf_printf(out, "%.3f", yyjson_get_real(v));
}

/* The cell of one column; "+" where the item says that it is more than the number there. */
static void put_column(struct buf *out, yyjson_val *item, const char *member)
{
	char more[64];

	put_value(out, member_of(item, member));
	(void)snprintf(more, sizeof(more), "%s_more", member);
	if (yyjson_get_bool(member_of(item, more)))
		buf_byte(out, '+');
}

/* Characters, not bytes: close enough to columns for a table of names and values. */
static size_t width_of(struct str s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += ((unsigned char)s.p[i] & 0xc0) != 0x80;
	return n;
}

static struct str cut_to(struct str s, size_t width)
{
	size_t at = 0;

	for (size_t n = 0; at < s.n; at++) {
		n += ((unsigned char)s.p[at] & 0xc0) != 0x80;
		if (n > width)
			break;
	}
	return str_slice(s, 0, at);
}

static void put_cell(struct buf *out, struct str cell, size_t width, bool last)
{
	if (last) {
		buf_put(out, cell);
		buf_byte(out, '\n');
		return;
	}
	cell = cut_to(cell, width);
	buf_put(out, cell);
	for (size_t n = width_of(cell); n < width + 2; n++)
		buf_byte(out, ' ');
}

static void measure(
    size_t *widths, yyjson_val *items, const struct terminal_column *columns, struct buf *cell)
{
	for (size_t k = 0; columns[k].member; k++) {
		yyjson_val *item;
		size_t i, n;

		widths[k] = width_of(str_c(columns[k].heading));
		yyjson_arr_foreach(items, i, n, item)
		{
			size_t width;

			buf_reset(cell);
			put_column(cell, item, columns[k].member);
			width = width_of(buf_str(cell));
			widths[k] = width > widths[k] ? width : widths[k];
		}
		if (widths[k] > TERMINAL_CELL_MAX)
			widths[k] = TERMINAL_CELL_MAX;
	}
}

void terminal_table(struct buf *out, yyjson_val *items, const struct terminal_column *columns)
{
	size_t widths[TERMINAL_COLUMNS_MAX];
	struct buf cell;
	yyjson_val *item;
	size_t i, n;

	buf_init(&cell, 1 << 20);
	measure(widths, items, columns, &cell);
	for (size_t k = 0; columns[k].member; k++)
		put_cell(out, str_c(columns[k].heading), widths[k], !columns[k + 1].member);
	yyjson_arr_foreach(items, i, n, item)
	{
		for (size_t k = 0; columns[k].member; k++) {
			buf_reset(&cell);
			put_column(&cell, item, columns[k].member);
			put_cell(out, buf_str(&cell), widths[k], !columns[k + 1].member);
		}
	}
	buf_free(&cell);
}

void terminal_facts(struct buf *out, yyjson_val *object, const struct terminal_column *columns)
{
	size_t width = 0;

	for (size_t k = 0; columns[k].member; k++)
		if (strlen(columns[k].heading) > width)
			width = strlen(columns[k].heading);
	for (size_t k = 0; columns[k].member; k++) {
		if (!member_of(object, columns[k].member))
			continue;
		buf_printf(out, "%-*s  ", (int)width, columns[k].heading);
		put_column(out, object, columns[k].member);
		buf_byte(out, '\n');
	}
}
