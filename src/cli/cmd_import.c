/* SPDX-License-Identifier: Apache-2.0 */
/* `import`: hands files to the core, of the running node or of a transient one, and tells what
 * became of what was in them. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cmd.h"
#include "cli/terminal.h"
#include "cli/verbs.h"
#include "codec/json.h"
#include "serve/serve.h"
#include "sys/env.h"
#include "sys/files.h"

enum { ARENA_MAX = 64 << 20, ARGS_MAX = 64 << 10, REPLY_MAX = 32 << 20, PIPE_MAX = 1 << 30 };

struct asked {
	const char *source, *label, *format, *collection;
	bool json;
};

struct sums {
	uint64_t total, good, refused;
};

static void put_args(struct buf *out, const struct asked *a, const char *path)
{
	const struct {
		const char *name, *value;
	} rows[] = {{"source", a->source}, {"label", a->label}, {"format", a->format},
	    {"collection", a->collection}, {"name", path}};
	struct json_writer w = json_writer(out);

	json_object(&w, NULL);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].value)
			json_put_str(&w, rows[i].name, str_c(rows[i].value));
	json_end_object(&w);
}

static uint64_t number(yyjson_val *reply, const char *key)
{
	return yyjson_get_uint(yyjson_obj_get(reply, key));
}

/* "FILE: PATH: ID: what is wrong", each part where there is one. */
static void print_refused(const char *file, yyjson_val *failure)
{
	static const char *const PARTS[] = {"path", "id", "message"};
	struct buf line;

	buf_init(&line, 64 << 10);
	buf_printf(&line, "tocsin import: ");
	terminal_put(&line, str_c(file));
	for (size_t i = 0; i < sizeof(PARTS) / sizeof(PARTS[0]); i++) {
		struct str part = json_get_str(failure, PARTS[i]);

		if (!part.n)
			continue;
		buf_put(&line, S(": "));
		terminal_put(&line, part);
	}
	buf_byte(&line, '\n');
	(void)fwrite(line.p, 1, line.n, stderr);
	buf_free(&line);
}

static enum err tell(const struct asked *a, const char *file, struct str reply, struct sums *sums,
    struct arena *arena, struct fault *fault)
{
	const struct json_limits limits = {.bytes = REPLY_MAX, .depth = 16};
	yyjson_val *root, *failures, *failure;
	yyjson_arr_iter items;

	TRY(json_parse(&root, arena, reply, &limits, fault));
	sums->total += number(root, "total");
	sums->good += number(root, "taken") + number(root, "duplicates");
	sums->refused += number(root, "refused");
	failures = yyjson_obj_get(root, "failures");
	items = yyjson_arr_iter_with(failures);
	if (a->json)
		return cmd_print(reply) == EXIT_GOOD && cmd_print(S("\n")) == EXIT_GOOD ? OK
		                                                                        : ERR_IO;
	while ((failure = yyjson_arr_iter_next(&items)) != NULL)
		print_refused(file, failure);
	if (number(root, "refused") > yyjson_arr_size(failures))
		(void)fprintf(stderr, "tocsin import: %s: %llu more were refused\n", file,
		    (unsigned long long)(number(root, "refused") - yyjson_arr_size(failures)));
	(void)printf("%s: %llu objects: %llu taken, %llu there already, %llu refused\n", file,
	    (unsigned long long)number(root, "total"), (unsigned long long)number(root, "taken"),
	    (unsigned long long)number(root, "duplicates"),
	    (unsigned long long)number(root, "refused"));
	return OK;
}

/* The file behind a path; "-" and a pipe are read to their end first. *out is the caller's. */
static enum err open_file(int *out, const char *path, struct fault *fault)
{
	int fd = strcmp(path, "-") == 0 ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1)
	                                : open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	enum err rc = OK;

	if (fd < 0 || fstat(fd, &st) != 0)
		rc = fail(fault, ERR_IO, "%s", sys_error(errno));
	else if (S_ISREG(st.st_mode))
		*out = fd;
	else
		rc = file_spool(out, fd, PIPE_MAX, fault);
	if (fd >= 0 && (rc != OK || *out != fd))
		(void)close(fd);
	return rc;
}

static enum err import_file(
    struct str dir, const struct asked *a, const char *path, struct sums *sums, struct fault *fault)
{
	struct rpc_call call = {.op = S("import"), .by = S("local")};
	struct arena *arena = arena_new(ARENA_MAX);
	struct str reply;
	struct buf args;
	enum err rc;

	buf_init(&args, ARGS_MAX);
	put_args(&args, a, path);
	call.args = buf_str(&args);
	rc = args.failed != OK ? fail(fault, args.failed, "the arguments are too long")
	                       : open_file(&call.fd, path, fault);
	if (rc == OK) {
		rc = node_call(dir, &call, arena, &reply, fault);
		(void)close(call.fd);
	}
	if (rc == OK)
		rc = tell(a, path, reply, sums, arena, fault);
	buf_free(&args);
	arena_free(arena);
	return rc;
}

int cmd_import(int argc, char **argv)
{
	struct asked a = {0};
	const struct cmd_option options[] = {
	    {"source", CMD_TEXT, &a.source},
	    {"label", CMD_TEXT, &a.label},
	    {"format", CMD_TEXT, &a.format},
	    {"collection", CMD_TEXT, &a.collection},
	    {"json", CMD_FLAG, &a.json},
	    {0},
	};
	int words = cmd_parse(argc, argv, options, 2, argc);
	struct sums sums = {0};
	bool failed = false;

	if (words < 0)
		return EXIT_NONE;
	for (int i = 2; i <= words; i++) {
		struct fault fault = {.code = OK}, named;

		if (import_file(str_c(argv[1]), &a, argv[i], &sums, &fault) == OK)
			continue;
		(void)fail(&named, fault.code, "%s: %s", argv[i], fault.text);
		(void)cmd_fail("import", &named);
		failed = true;
	}
	if (sums.good == 0 && (sums.refused || failed))
		return EXIT_NONE;
	return sums.refused || failed ? EXIT_SOME : EXIT_GOOD;
}
