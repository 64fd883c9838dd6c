/* SPDX-License-Identifier: Apache-2.0 */
/* `scan`: matches event files against indicator files, without a node. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "cli/cmd.h"
#include "cli/verbs.h"
#include "intake/offline.h"
#include "sys/env.h"
#include "sys/files.h"

enum { BLOCK = 1 << 20, BUFFER = 4 << 20, NAMED_MAX = 100, LOOK = 64 << 10 };
static const size_t INDICATOR_FILE_MAX = (size_t)4 << 30;

struct scan {
	struct offline *offline;
	const char *file; /* being read */
	uint64_t refused;
	bool broken; /* standard output cannot be written */
};

/* The words of the command with every indicator file behind an --indicators of its own. */
struct words {
	int argc;
	char **argv;
};

static void add_word(struct words *w, char *word)
{
	w->argv[w->argc++] = word;
}

/* The first line that is not blank is an object with the member "event_type". */
static bool starts_with_event(struct str text)
{
	static const struct str MEMBER = S("\"event_type\"");
	struct str line = STR_NONE;

	while (text.p && line.n == 0)
		line = str_trim(str_cut(&text, '\n'));
	if (line.n == 0 || line.p[0] != '{')
		return false;
	for (size_t at; (at = str_search(line, MEMBER)) < line.n;) {
		line = str_trim(str_from(line, at + MEMBER.n));
		if (line.n && line.p[0] == ':')
			return true;
	}
	return false;
}

/* What cannot be looked at without taking from it counts as events. */
static enum err holds_events(bool *out, const char *path, struct fault *fault)
{
	bool standard = strcmp(path, "-") == 0;
	int fd = standard ? -1 : open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	char *head;
	ssize_t n;

	if (!standard && fd < 0)
		return fail(fault, ERR_NOT_FOUND, "%s: %s", path, sys_error(errno));
	if (standard || fstat(fd, &st) != 0 || !(S_ISREG(st.st_mode) || S_ISDIR(st.st_mode))) {
		if (!standard)
			(void)close(fd);
		*out = true;
		return OK;
	}
	head = mem_alloc(LOOK);
	n = pread(fd, head, LOOK, 0);
	*out = n > 0 && starts_with_event((struct str){head, (size_t)n});
	mem_free(head);
	(void)close(fd);
	return OK;
}

/* The plain words from argv[at] on, up to the next option, end with a lone "--". */
static bool ends_with_dashes(int argc, char **argv, int at)
{
	while (at < argc && strncmp(argv[at], "--", 2) != 0)
		at++;
	return at < argc && argv[at][2] == '\0';
}

/* `option` is "--indicators". */
static enum err spread(struct words *out, char *option, int argc, char **argv, struct fault *fault)
{
	struct str name = str_c(option);
	bool taking = false, told = false; /* by "--" where the events begin */
	int at = 0;

	for (; at < argc && strcmp(argv[at], "--") != 0; at++) {
		struct str word = str_c(argv[at]);

		if (str_starts(word, S("--"))) {
			add_word(out, argv[at]);
			taking = str_eq(str_cut(&word, '='), name);
			if (taking && !word.p && at + 1 < argc)
				add_word(out, argv[++at]);
			told = taking && ends_with_dashes(argc, argv, at + 1);
			continue;
		}
		if (taking && !told) {
			bool events = false;

			TRY(holds_events(&events, argv[at], fault));
			taking = !events;
		}
		if (taking)
			add_word(out, option);
		add_word(out, argv[at]);
	}
	while (at < argc)
		add_word(out, argv[at++]);
	return OK;
}

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

static int scan(const struct cmd_list *indicators, int files, char **argv)
{
	struct scan s = {0};
	const struct offline_options how = {
	    .now = env_now(sys_env()), .emit = emit, .refused = refused, .ctx = &s};
	struct fault fault = {.code = OK};
	enum err rc;

	s.offline = offline_new(&how);
	rc = run(&s, indicators, files, argv, &fault);
	offline_free(s.offline);
	if (rc != OK)
		return cmd_fail("scan", &fault);
	return s.refused ? EXIT_SOME : EXIT_GOOD;
}

int cmd_scan(int argc, char **argv)
{
	size_t room = 2 * (size_t)argc + 1;
	char option[] = "--indicators";
	struct words words = {.argv = mem_alloc(room * sizeof(char *))};
	struct cmd_list indicators = {.list = mem_alloc(room * sizeof(const char *))};
	const struct cmd_option options[] = {{"indicators", CMD_LIST, &indicators}, {0}};
	struct fault fault = {.code = OK};
	int files = 0, status = EXIT_NONE;

	if (spread(&words, option, argc, argv, &fault) == OK)
		files = cmd_parse(words.argc, words.argv, options, argc < 2, words.argc);
	if (fault.code == OK && files == 0)
		(void)fail(&fault, ERR_INVALID,
		    "no file of events: none of the words begins with an event; put -- before the "
		    "events to say where they begin");
	else if (fault.code == OK && files > 0 && indicators.count == 0)
		(void)fail(&fault, ERR_INVALID, "--indicators FILE is missing");
	if (fault.code != OK)
		(void)cmd_fail("scan", &fault);
	else if (files > 0)
		status = scan(&indicators, files, words.argv);
	mem_free(indicators.list);
	mem_free(words.argv);
	return status;
}
