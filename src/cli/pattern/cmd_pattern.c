/* SPDX-License-Identifier: Apache-2.0 */
/* `tocsin pattern check|match [FILE...]`: the pattern language on files or standard input, without
 * a node. All files are opened first; then the process gives up everything but reading them. */
#include <fcntl.h>
#include <unistd.h>

#include "base/buf.h"
#include "cli/cmd.h"
#include "cli/verbs.h"
#include "codec/json.h"
#include "pattern/find.h"
#include "pattern/machine.h"
#include "pattern/observation.h"
#include "pattern/program.h"
#include "sys/sandbox.h"

enum {
	LINE_BYTES_MAX = 64 << 20,
	WORK_BYTES_MAX = 512 << 20,
	OUT_BYTES_MAX = 64 << 20,
	READ_BYTES = 1 << 16,
	FILES_MAX = 256,
};

static const struct json_limits LIMITS = {.bytes = LINE_BYTES_MAX, .depth = 64};

struct run {
	const char *verb;
	bool lines;
	const char *spec; /* of those that do not say, or NULL */
	struct arena *work;
	struct pattern_machine *machine;
	struct buf in;
	size_t looked; /* how far of it there is no end of a line */
	struct buf out;
	bool no; /* some answer was not yes */
	bool (*answer)(struct run *run, struct str text);
};

static void put_error(struct json_writer *w, enum err rc, const struct fault *fault)
{
	if (rc == OK)
		json_put_null(w, "error");
	else
		json_put_str(w, "error", str_c(fault->text));
}

static enum err reading_of(
    enum pattern_reading *out, const struct run *run, struct str version, struct fault *fault)
{
	struct str v = version.p ? version : run->spec ? str_c(run->spec) : S("2.1");

	*out = str_eq(v, S("2.0")) ? PATTERN_READ_20 : PATTERN_READ_21;
	if (!str_eq(v, S("2.0")) && !str_eq(v, S("2.1")))
		return fail(fault, ERR_INVALID, "spec_version is 2.0 or 2.1");
	return OK;
}

static enum err compile(struct pattern_program **out, struct run *run, struct str pattern,
    struct str version, size_t *at, struct fault *fault)
{
	enum pattern_reading reading;

	*at = 0;
	TRY(reading_of(&reading, run, version, fault));
	return pattern_compile(out, run->work, pattern, reading, at, fault);
}

/* The pattern is a JSON string; an object may say its version beside it. */
static enum err check(struct run *run, struct str text, size_t *at, struct fault *fault)
{
	struct pattern_program *program;
	struct str pattern = text, version = STR_NONE;
	yyjson_val *root;

	*at = 0;
	if (run->lines) {
		TRY(json_parse(&root, run->work, text, &LIMITS, fault));
		pattern = yyjson_is_obj(root) ? json_get_str(root, "pattern") : json_str(root);
		version = json_get_str(root, "spec_version");
	}
	if (!pattern.p)
		return fail(fault, ERR_INVALID, "a line is a JSON string with the pattern");
	return compile(&program, run, pattern, version, at, fault);
}

static bool answer_check(struct run *run, struct str text)
{
	struct json_writer w = json_writer(&run->out);
	struct fault fault = {OK, ""};
	size_t at;
	enum err rc = check(run, text, &at, &fault);

	json_object(&w, NULL);
	json_put_bool(&w, "valid", rc == OK);
	put_error(&w, rc, &fault);
	if (rc == OK)
		json_put_null(&w, "position");
	else
		json_put_int(&w, "position", (int64_t)at);
	json_end_object(&w);
	return rc == OK;
}

struct matching {
	struct pattern_observations observations;
	struct pattern_found found;
	struct pattern_tally tally;
};

static enum err see_all(struct pattern_item **out, struct run *run,
    const struct pattern_program *program, struct matching *m, struct fault *fault)
{
	size_t n = m->observations.count;
	struct pattern_item *items = arena_array(run->work, n, sizeof(*items));
	uint64_t *leaves = arena_array(run->work, n * program->words, sizeof(*leaves));

	if (!items || !leaves)
		return fail(fault, ERR_NOMEM, "no memory for %zu observations", n);
	for (size_t i = 0; i < n; i++) {
		const struct pattern_observation *o = &m->observations.list[i];

		items[i] = (struct pattern_item){
		    o->first, o->last, o->number, leaves + i * program->words};
		(void)pattern_see(run->machine, program, o, leaves + i * program->words, &m->tally);
	}
	*out = items;
	return OK;
}

/* What kept the answer from being certain, if anything did. */
static enum err doubt(const struct matching *m, struct fault *fault)
{
	if (m->found.verdict == PATTERN_UNDECIDED)
		return fail(fault, ERR_LIMIT,
		    "undecided: more ways to choose observations than %d steps try",
		    PATTERN_WORK_MAX);
	if (m->tally.limits > 0)
		return fail(fault, ERR_LIMIT, "%llu comparisons passed a limit and count as false",
		    (unsigned long long)m->tally.limits);
	if (m->tally.untimely > 0)
		return fail(fault, ERR_INVALID, "'%.*s' is compared with a timestamp and is none",
		    STR_ARG(m->tally.example));
	return OK;
}

static enum err match(struct matching *m, struct run *run, struct str text, struct fault *fault)
{
	struct pattern_program *program;
	struct pattern_item *items;
	struct str pattern;
	yyjson_val *root;
	size_t at;

	TRY(json_parse(&root, run->work, text, &LIMITS, fault));
	pattern = json_get_str(root, "pattern");
	if (!pattern.p)
		return fail(fault, ERR_INVALID, "pattern: missing");
	TRY(compile(&program, run, pattern, json_get_str(root, "spec_version"), &at, fault));
	TRY(pattern_observations(
	    &m->observations, run->work, yyjson_obj_get(root, "observations"), fault));
	TRY(see_all(&items, run, program, m, fault));
	if (pattern_find(&m->found, run->work, program, items, m->observations.count,
	        PATTERN_WORK_MAX) != OK)
		return fail(fault, ERR_NOMEM, "no memory to match the pattern");
	return doubt(m, fault);
}

static bool answer_match(struct run *run, struct str text)
{
	struct json_writer w = json_writer(&run->out);
	struct fault fault = {OK, ""};
	struct matching m = {.found = {.verdict = PATTERN_NO_MATCH}};
	enum err rc = match(&m, run, text, &fault);

	json_object(&w, NULL);
	json_put_bool(&w, "match", m.found.verdict == PATTERN_MATCH);
	json_list(&w, "witnesses");
	for (size_t i = 0; i < m.found.count; i++) {
		struct str id = m.observations.list[m.found.witnesses[i]].id;

		if (id.p)
			json_put_str(&w, NULL, id);
		else
			json_put_null(&w, NULL);
	}
	json_end_list(&w);
	put_error(&w, rc, &fault);
	json_end_object(&w);
	return rc == OK && m.found.verdict == PATTERN_MATCH;
}

static int flush(struct run *run)
{
	int code = run->out.n ? cmd_print(buf_str(&run->out)) : EXIT_GOOD;

	buf_reset(&run->out);
	return code;
}

static void answer(struct run *run, struct str text)
{
	text = str_trim(text);
	if (text.n == 0)
		return;
	arena_reset(run->work);
	if (!run->answer(run, text))
		run->no = true;
	buf_byte(&run->out, '\n');
}

/* A line that is too long is answered like any other, and skipped. */
static void answer_too_long(struct run *run)
{
	struct json_writer w = json_writer(&run->out);

	json_object(&w, NULL);
	json_put_bool(&w, run->answer == answer_check ? "valid" : "match", false);
	json_put_str(&w, "error", S("a line of more than 64 MiB"));
	json_end_object(&w);
	buf_byte(&run->out, '\n');
	run->no = true;
}

/* Answers the whole lines that are there; the rest stays. */
static bool take_lines(struct run *run, bool *skipping)
{
	size_t from = 0;

	for (;;) {
		struct str fresh = str_from(buf_str(&run->in), run->looked);
		size_t n = str_find(fresh, '\n');

		if (n == fresh.n)
			break;
		if (!*skipping)
			answer(run, str_slice(buf_str(&run->in), from, run->looked + n));
		*skipping = false;
		from = run->looked += n + 1;
		if (run->out.n > READ_BYTES && flush(run) != EXIT_GOOD)
			return false;
	}
	buf_consume(&run->in, from);
	if (run->in.n > LINE_BYTES_MAX) {
		if (!*skipping)
			answer_too_long(run);
		*skipping = true;
		buf_reset(&run->in);
	}
	run->looked = run->in.n;
	return flush(run) == EXIT_GOOD;
}

static enum err run_file(struct run *run, int fd, struct fault *fault)
{
	bool skipping = false;
	ssize_t n = 1;

	buf_reset(&run->in);
	run->looked = 0;
	while (n > 0) {
		size_t before = run->in.n;
		char *at = buf_grow(&run->in, READ_BYTES);

		if (!at)
			return fail(fault, run->in.failed, "more than %d bytes", LINE_BYTES_MAX);
		n = read(fd, at, READ_BYTES);
		run->in.n = before + (n > 0 ? (size_t)n : 0);
		if (n < 0)
			return fail(fault, ERR_IO, "a file cannot be read");
		if (run->lines && !take_lines(run, &skipping))
			return fail(fault, ERR_IO, "the answers cannot be written");
	}
	if (!skipping)
		answer(run, buf_str(&run->in));
	return flush(run) == EXIT_GOOD ? OK : fail(fault, ERR_IO, "the answers cannot be written");
}

static enum err open_all(int *fds, char **names, size_t count, struct fault *fault)
{
	for (size_t i = 0; i < count; i++) {
		fds[i] = str_eq(str_c(names[i]), S("-")) ? STDIN_FILENO
		                                         : open(names[i], O_RDONLY | O_CLOEXEC);
		if (fds[i] < 0)
			return fail(fault, ERR_IO, "%s cannot be opened", names[i]);
	}
	return OK;
}

static enum err run_all(struct run *run, char **names, size_t count, struct fault *fault)
{
	static const struct sandbox CONFINED = {0};
	int fds[FILES_MAX] = {STDIN_FILENO};
	struct sandbox_report report;

	TRY(open_all(fds, names, count, fault));
	TRY(sandbox_enter(&report, &CONFINED, fault));
	for (size_t i = 0; i < count || i == 0; i++)
		TRY(run_file(run, fds[i], fault));
	return OK;
}

static int run_verb(int argc, char **argv, bool (*answer_one)(struct run *run, struct str text))
{
	struct run run = {.verb = argv[0], .answer = answer_one};
	const struct cmd_option options[] = {
	    {"lines", CMD_FLAG, &run.lines}, {"spec", CMD_TEXT, &run.spec}, {0}};
	int files = cmd_parse(argc, argv, options, 0, FILES_MAX);
	struct fault fault = {OK, ""};
	enum pattern_reading reading;
	enum err rc;

	if (files < 0)
		return EXIT_NONE;
	if (reading_of(&reading, &run, STR_NONE, &fault) != OK)
		return cmd_fail(run.verb, &fault);
	run.work = arena_new(WORK_BYTES_MAX);
	run.machine = pattern_machine_new();
	buf_init(&run.in, (size_t)LINE_BYTES_MAX + 2 * (size_t)READ_BYTES);
	buf_init(&run.out, OUT_BYTES_MAX);
	rc = run_all(&run, argv + 1, (size_t)files, &fault);
	buf_free(&run.in);
	buf_free(&run.out);
	pattern_machine_free(run.machine);
	arena_free(run.work);
	if (rc != OK)
		return cmd_fail(run.verb, &fault);
	return run.no ? EXIT_SOME : EXIT_GOOD;
}

int cmd_pattern_check(int argc, char **argv)
{
	return run_verb(argc, argv, answer_check);
}

int cmd_pattern_match(int argc, char **argv)
{
	return run_verb(argc, argv, answer_match);
}
