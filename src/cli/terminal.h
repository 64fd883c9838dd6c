/* SPDX-License-Identifier: Apache-2.0 */
/* Foreign text on a terminal: whatever could move a cursor, change a colour or turn the reading
 * order is shown as an escape instead. Also tables of such text. */
#pragma once

#include <yyjson.h>

#include "base/buf.h"
#include "base/str.h"

/* Appends text with C0, DEL, C1 and bidirectional controls, line separators and broken UTF-8 as
 * \xNN or \u{NNNN}. */
void terminal_put(struct buf *out, struct str text);
/* The same, line by line: line feeds stay. */
void terminal_put_lines(struct buf *out, struct str text);
/* The same for JSON text, as JSON escapes: it still parses to the same values. */
void terminal_put_json(struct buf *out, struct str json);

/* A column of a table: a member of each item, or of a member ("indicator.name"). */
struct terminal_column {
	const char *member;
	const char *heading;
};

enum { TERMINAL_COLUMNS_MAX = 12, TERMINAL_CELL_MAX = 60 };

/* "+" follows a number of which the item says that there is more ("hits_more": true beside "hits").
 * A heading and one line an item; every column but the last is cut at TERMINAL_CELL_MAX
 * characters. `columns` ends with member NULL. */
void terminal_table(struct buf *out, yyjson_val *items, const struct terminal_column *columns);
/* One "heading  value" line a column, for a single object; absent members are left out. */
void terminal_facts(struct buf *out, yyjson_val *object, const struct terminal_column *columns);
