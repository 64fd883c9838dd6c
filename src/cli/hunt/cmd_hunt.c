/* SPDX-License-Identifier: Apache-2.0 */
/* `hunt DIR VALUE...`: values, texts with values, files of them. Reads the node's files; needs no
 * running node. */
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "cli/cmd.h"
#include "cli/hunt/hunt.h"
#include "cli/verbs.h"
#include "codec/csv.h"
#include "sys/env.h"
#include "sys/files.h"

enum { FILE_BYTES = 512 << 20 };

/* The first column: what else a row says is not what is hunted. */
static enum err add_csv(struct buf *out, struct str text, struct fault *fault)
{
	struct arena *memory = arena_new(FILE_BYTES);
	struct csv csv = csv_open(text, ',');
	struct csv_record record;
	enum err rc;

	while ((rc = csv_next(&csv, &record, memory, fault)) == OK) {
		if (record.count)
			buf_put(out, record.fields[0]);
		buf_byte(out, '\n');
	}
	arena_free(memory);
	return rc == ERR_NOT_FOUND ? OK : rc;
}

static enum err add_file(struct hunting *h, struct buf *out, const char *path, struct fault *fault)
{
	struct str name = str_c(path), text;

	if (str_eq(name, S("-")))
		return file_read_rest(out, STDIN_FILENO, fault);
	TRY(file_read(&text, h->arena, name, EXTRACT_TEXT_MAX, fault));
	if (str_ends(name, S(".csv")))
		return add_csv(out, text, fault);
	buf_put(out, text);
	return OK;
}

static enum err gather(
    struct hunting *h, struct buf *out, int count, char **words, struct fault *fault)
{
	for (int i = 0; i < count; i++) {
		if (words[i][0] == '@' || strcmp(words[i], "-") == 0)
			TRY(add_file(h, out, words[i][0] == '@' ? words[i] + 1 : words[i], fault));
		else
			buf_put(out, str_c(words[i]));
		/* A document alone stays one: lines are added between words only. */
		if (i + 1 < count)
			buf_byte(out, '\n');
	}
	return out->failed == OK
	           ? OK
	           : fail(fault, ERR_LIMIT, "more than %d bytes to hunt", EXTRACT_TEXT_MAX);
}

static int hunt(struct hunting *h, int count, char **words)
{
	struct gate_hunt_options options = {.exact = h->exact, .patient = true};
	usec now = env_now(sys_env()), until;
	struct fault fault;
	struct buf text;
	int code;

	buf_init(&text, EXTRACT_TEXT_MAX);
	if ((h->since && hunting_time(&options.since, h->since, now, &fault) != OK) ||
	    (h->until && hunting_time(&options.until, h->until, now, &fault) != OK) ||
	    hunting_open(h, &fault) != OK || gather(h, &text, count, words, &fault) != OK) {
		code = cmd_fail(h->verb, &fault);
	} else {
		options.text = buf_str(&text);
		code = hunting_run(h, &options, &until);
	}
	buf_free(&text);
	hunting_close(h);
	return code;
}

int cmd_hunt(int argc, char **argv)
{
	struct hunting h = {.verb = argv[0]};
	const struct cmd_option options[] = {{"since", CMD_TEXT, &h.since},
	    {"until", CMD_TEXT, &h.until}, {"exact", CMD_FLAG, &h.exact},
	    {"json", CMD_FLAG, &h.json}, {0}};
	int count = cmd_parse(argc, argv, options, 2, argc);

	if (count < 0)
		return EXIT_NONE;
	h.dir = argv[1];
	return hunt(&h, count - 1, argv + 2);
}
