/* SPDX-License-Identifier: Apache-2.0 */
/* Writes what is made from the tables of operations to standard output: `generate openapi VERSION`,
 * `generate typescript`. Part of the build, not of the program. */
#include <stdio.h>

#include "api/describe.h"

static void new_line(struct buf *out, unsigned depth)
{
	buf_byte(out, '\n');
	for (unsigned i = 0; i < depth; i++)
		buf_put(out, S("  "));
}

/* One member a line, so that a change of the tables is a readable change of the file. The text is
 * ours: no string in it holds an escaped quote. */
static void put_indented(struct buf *out, struct str json)
{
	unsigned depth = 0;
	bool quoted = false;

	for (size_t i = 0; i < json.n; i++) {
		char c = json.p[i];
		bool opens = !quoted && (c == '{' || c == '[');
		bool closes = !quoted && (c == '}' || c == ']');
		bool empty = i > 0 && (json.p[i - 1] == '{' || json.p[i - 1] == '[');

		depth -= closes;
		if (closes && !empty)
			new_line(out, depth);
		buf_byte(out, c);
		if (c == '"')
			quoted = !quoted;
		depth += opens;
		if (!quoted && c == ':')
			buf_byte(out, ' ');
		if ((opens && json.p[i + 1] != '}' && json.p[i + 1] != ']') ||
		    (!quoted && c == ','))
			new_line(out, depth);
	}
	buf_byte(out, '\n');
}

int main(int argc, char **argv)
{
	struct str what = argc > 1 ? str_c(argv[1]) : STR_NONE;
	struct buf raw, out;
	int rc = 0;

	buf_init(&raw, DESCRIBE_MAX);
	buf_init(&out, 2 * DESCRIBE_MAX);
	if (argc == 2 && str_eq(what, S("typescript"))) {
		describe_typescript(&out);
	} else if (argc == 3 && str_eq(what, S("openapi"))) {
		describe_openapi(&raw, str_c(argv[2]));
		put_indented(&out, buf_str(&raw));
	} else {
		fprintf(stderr, "usage: generate openapi VERSION | typescript\n");
		return 2;
	}
	if (raw.failed != OK || out.failed != OK || fwrite(out.p, 1, out.n, stdout) != out.n ||
	    fflush(stdout) != 0)
		rc = 1;
	buf_free(&raw);
	buf_free(&out);
	return rc;
}
