/* SPDX-License-Identifier: Apache-2.0 */
/* `scan`: matches event files against indicator files, without a node. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "cli/cmd.h"
#include "cli/verbs.h"
#include "intake/offline.h"
#include "sys/env.h"
#include "sys/files.h"

enum { BLOCK = 1 << 20, BUFFER = 4 << 20, NAMED_MAX = 100 };
static const size_t INDICATOR_FILE_MAX = (size_t)4 << 30;

struct scan {
	struct offline *offline;
	const char *file; /* being read */
	uint64_t refused;
	bool broken; /* standard output cannot be written */
};

static void emit(void *ctx, struct str json)
{
	struct scan *s = ctx;

	if (fwrite(json.p, 1, json.n, stdout) != json.n || putchar('\n') == EOF)
		s->broken = true;
}

static void refused(void *ctx, const struct fault *fault)
{
	struct scan *s = ctx;

	if (s->refused++ < NAMED_MAX)
		(void)fprintf(stderr, "tocsin scan: %s: %s\n", s->file, fault->text);
}

static enum err load(struct scan *s, const char *path, struct fault *fault)
{
	struct arena *arena = arena_new(INDICATOR_FILE_MAX + (1 << 20));
	struct fault inner = {.code = OK};
	struct str text;
	enum err rc;

	s->file = path;
	rc = file_read(&text, arena, str_c(path), INDICATOR_FILE_MAX, fault);
	if (rc == OK) {
		rc = offline_indicators(s->offline, text, &inner);
		if (rc != OK)
			(void)fail(fault, rc, "%s: %s", path, inner.text);
	}
	arena_free(arena);
	return rc;
}

/* All of a descriptor; the last line may lack its end. */
static enum err read_events(struct scan *s, int fd, char *buffer, struct fault *fault)
{
	size_t used = 0;

	for (;;) {
		ssize_t got = read(fd, buffer + used, BLOCK);
		size_t done;

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return fail(fault, ERR_IO, "%s: %s", s->file, sys_error(errno));
		if (got == 0 && used)
			buffer[used++] = '\n';
		used += (size_t)got;
		done = offline_feed(s->offline, (struct str){buffer, used});
		memmove(buffer, buffer + done, used - done);
		used -= done;
		if (got == 0)
			return OK;
	}
}

static enum err scan_file(struct scan *s, const char *path, char *buffer, struct fault *fault)
{
	bool standard = strcmp(path, "-") == 0;
	int fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	enum err rc;

	s->file = path;
	if (fd < 0)
		return fail(fault, ERR_NOT_FOUND, "%s: %s", path, sys_error(errno));
	offline_begin(s->offline, str_c(path));
	rc = read_events(s, fd, buffer, fault);
	offline_end(s->offline);
	if (!standard)
		(void)close(fd);
	return rc;
}

static void print_figures(const struct scan *s, usec took)
{
	struct match_counts c = offline_counts(s->offline);
	double seconds = (double)(took > 0 ? took : 1) / 1e6;

	(void)fprintf(stderr,
	    "{\"lines\":%llu,\"bytes\":%llu,\"bad\":%llu,\"skipped\":%llu,\"hits\":%llu,"
	    "\"sightings\":%llu,\"indicators\":%llu,\"refused\":%llu,\"seconds\":%.3f,"
	    "\"lines_per_second\":%.0f}\n",
	    (unsigned long long)c.lines, (unsigned long long)c.bytes, (unsigned long long)c.bad,
	    (unsigned long long)c.skipped, (unsigned long long)c.hits,
	    (unsigned long long)offline_sightings(s->offline),
	    (unsigned long long)offline_indicator_count(s->offline), (unsigned long long)s->refused,
	    seconds, (double)c.lines / seconds);
}

static enum err run(
    struct scan *s, const struct cmd_list *indicators, int argc, char **argv, struct fault *fault)
{
	char *buffer = mem_alloc(BUFFER + EVE_SLACK);
	enum err rc = OK;
	usec start;

	for (size_t i = 0; rc == OK && i < indicators->count; i++)
		rc = load(s, indicators->list[i], fault);
	if (rc == OK)
		rc = offline_ready(s->offline, fault);
	start = sys_monotonic();
	for (int i = 1; rc == OK && i <= argc; i++)
		rc = scan_file(s, argv[i], buffer, fault);
	if (rc == OK)
		print_figures(s, sys_monotonic() - start);
	if (rc == OK && (fflush(stdout) != 0 || s->broken))
		rc = fail(fault, ERR_IO, "the sightings cannot be written to standard output");
	mem_free(buffer);
	return rc;
}

int cmd_scan(int argc, char **argv)
{
	struct cmd_list indicators = {.list = mem_alloc((size_t)argc * sizeof(const char *))};
	const struct cmd_option options[] = {{"indicators", CMD_LIST, &indicators}, {0}};
	int files = cmd_parse(argc, argv, options, 1, argc);
	struct fault fault = {.code = OK};
	struct scan s = {0};
	enum err rc = OK;

	if (files >= 0 && indicators.count == 0)
		rc = fail(&fault, ERR_INVALID, "--indicators FILE is missing");
	if (files >= 0 && rc == OK) {
		const struct offline_options how = {
		    .now = env_now(sys_env()), .emit = emit, .refused = refused, .ctx = &s};

		s.offline = offline_new(&how);
		rc = run(&s, &indicators, files, argv, &fault);
		offline_free(s.offline);
	}
	mem_free(indicators.list);
	if (files < 0)
		return EXIT_NONE;
	if (rc != OK)
		return cmd_fail("scan", &fault);
	return s.refused ? EXIT_SOME : EXIT_GOOD;
}
