/* SPDX-License-Identifier: Apache-2.0 */
/* `tocsin stix check|id|canon FILE...`: the STIX library on files, without a node. */
#include <unistd.h>

#include "base/buf.h"
#include "cli/cmd.h"
#include "cli/verbs.h"
#include "codec/jcs.h"
#include "codec/json.h"
#include "codec/split.h"
#include "stix/check.h"
#include "stix/id.h"
#include "sys/files.h"

enum { FILE_BYTES_MAX = 1 << 30, WORK_BYTES_MAX = 512 << 20, OUT_BYTES_MAX = 512 << 20 };

/* One run over files: what is asked, and where results go. */
struct run {
	const char *verb;
	struct arena *file; /* the text of the file at hand */
	struct arena *work; /* one document */
	struct buf in;      /* of standard input */
	struct buf out;
	char **names; /* of the files */
	size_t count;
	const char *spec; /* forced version, or NULL */
	bool lines;
	bool json;
	bool strict;
	size_t good;
	size_t bad;
	void (*document)(struct run *run, struct str name, struct str text);
};

static const struct json_limits LIMITS = {.bytes = 256u << 20, .depth = 64};

/* The verdict on one document while it grows: a bundle's members add to it. */
struct verdict {
	struct run *run;
	struct json_writer w; /* findings as JSON, when JSON is asked for */
	struct buf text;      /* findings as lines for a person otherwise */
	size_t musts;
	size_t shoulds;
	size_t objects;
	const char *list; /* path of the list that is gone through, "" for the document itself */
	size_t member;    /* of it, from 1; 0: none */
};

static void put_finding(struct verdict *v, struct str id, const struct stix_finding *f)
{
	const char *level = f->level == STIX_MUST ? "must" : "should";

	if (!v->run->json) {
		buf_printf(&v->text, "  %s%s%.*s%s%.*s: %.*s [%.*s, %.*s]\n", level,
		    id.n ? " " : "", STR_ARG(id), f->path.n ? " " : "", STR_ARG(f->path),
		    STR_ARG(f->message), STR_ARG(f->rule), STR_ARG(f->section));
		return;
	}
	json_object(&v->w, NULL);
	json_put_str(&v->w, "level", str_c(level));
	if (id.n)
		json_put_str(&v->w, "object", id);
	json_put_str(&v->w, "path", f->path);
	json_put_str(&v->w, "rule", f->rule);
	json_put_str(&v->w, "message", f->message);
	json_put_str(&v->w, "section", f->section);
	json_end_object(&v->w);
}

/* Where an object is that could not be read, and so has no id to be named by. */
static struct str place_of(const struct verdict *v, struct str path)
{
	if (v->member == 0)
		return path;
	return arena_printf(v->run->work, "%s[%zu]%s%.*s", v->list, v->member - 1,
	    path.n ? "." : "", STR_ARG(path));
}

/* What cannot be read at all is one MUST finding; the fault starts with the path. */
static void put_fault(struct verdict *v, const struct fault *fault)
{
	struct str text = str_c(fault->text);
	size_t colon = str_search(text, S(": "));
	bool placed = colon < text.n && str_find(str_slice(text, 0, colon), ' ') == colon;
	struct stix_finding f = {.level = STIX_MUST,
	    .path = place_of(v, placed ? str_slice(text, 0, colon) : S("")),
	    .rule = fault->code == ERR_PARSE   ? S("json")
	            : fault->code == ERR_LIMIT ? S("limit")
	                                       : S("unreadable"),
	    .message = placed ? str_from(text, colon + 2) : text,
	    .section = S("3")};

	v->musts++;
	put_finding(v, STR_NONE, &f);
}

static void put_misfit(struct verdict *v, const char *path, const char *message)
{
	struct stix_finding f = {.level = STIX_MUST,
	    .path = str_c(path),
	    .rule = S("bundle"),
	    .message = str_c(message),
	    .section = S("8")};

	v->musts++;
	put_finding(v, STR_NONE, &f);
}

static void check_one(struct verdict *v, struct str json, struct stix_object *o)
{
	struct fault fault = {OK, ""};
	struct stix_findings found;
	enum err rc = stix_object_parse(o, v->run->work, json, &fault);

	v->objects++;
	if (rc != OK) {
		put_fault(v, &fault);
		*o = (struct stix_object){.root = NULL};
		return;
	}
	if (v->run->spec)
		o->spec = v->run->spec[2] == '0' ? STIX_SPEC_20 : STIX_SPEC_21;
	if (stix_check(&found, v->run->work, o) != OK) {
		put_misfit(v, "", "needs more memory than allowed");
		return;
	}
	v->musts += found.musts;
	v->shoulds += found.shoulds;
	for (size_t i = 0; i < found.count; i++)
		put_finding(v, o->id, &found.list[i]);
}

/* The members of the list that `s` stands in; *end is where the last one ended. */
static void check_members(struct verdict *v, struct split *s, size_t *end, size_t *count)
{
	struct fault fault = {OK, ""};
	struct stix_object o;
	struct str member;
	enum err rc;

	*count = 0;
	while ((rc = split_next(s, &member, &fault)) == OK) {
		*end = s->at;
		*count += 1;
		v->member = *count;
		check_one(v, member, &o);
		v->member = 0;
		if (o.root && str_eq(o.type_name, S("bundle")))
			put_misfit(v, "objects", "a bundle must not be in a bundle");
	}
	if (rc != ERR_NOT_FOUND)
		put_fault(v, &fault);
}

/* The bundle itself is checked without its members, which may be many. */
static void check_bundle(struct verdict *v, struct str text, struct split *s)
{
	const size_t open = s->at;
	size_t end = open;
	size_t count;
	struct stix_object o;
	struct str tail;
	struct buf shell;

	v->list = "objects.";
	check_members(v, s, &end, &count);
	tail = str_from(text, end);
	tail = str_from(tail, str_find(tail, ']'));
	buf_init(&shell, LIMITS.bytes);
	buf_put(&shell, str_slice(text, 0, open));
	buf_put(&shell, tail);
	check_one(v, buf_str(&shell), &o);
	v->objects--;
	if (o.root && !str_eq(o.type_name, S("bundle")))
		put_misfit(v, "objects", "only a bundle has a list of objects");
	if (count == 0)
		put_misfit(v, "objects", "a list must not be empty");
	buf_free(&shell);
}

/* A bare list of objects is read like the list of a bundle. */
static void check_list(struct verdict *v, struct str text)
{
	struct fault fault = {OK, ""};
	size_t end = 0, count = 0;
	struct split s;
	struct buf whole;

	buf_init(&whole, (size_t)FILE_BYTES_MAX + 64);
	buf_put(&whole, S("{\"objects\":"));
	buf_put(&whole, text);
	buf_byte(&whole, '}');
	if (whole.failed == OK && split_open(&s, buf_str(&whole), &fault) == OK)
		check_members(v, &s, &end, &count);
	else
		put_fault(v, &fault);
	if (count == 0)
		put_misfit(v, "", "there is no object in the list");
	buf_free(&whole);
}

static void check_document(struct verdict *v, struct str text)
{
	struct stix_object o;
	struct split s;

	if (str_starts(text, S("[")))
		check_list(v, text);
	else if (split_open(&s, text, NULL) == OK && !str_starts(str_from(text, s.at), S("}")))
		check_bundle(v, text, &s);
	else
		check_one(v, text, &o);
}

static void say_verdict(struct run *run, struct str name, const struct verdict *v, struct str found)
{
	bool valid = v->musts == 0 && !(run->strict && v->shoulds > 0);
	struct json_writer w;

	*(valid ? &run->good : &run->bad) += 1;
	if (!run->json) {
		buf_printf(&run->out, "%.*s: %s, %zu object%s, %zu must, %zu should\n",
		    STR_ARG(name), valid ? "valid" : "not valid", v->objects,
		    v->objects == 1 ? "" : "s", v->musts, v->shoulds);
		buf_put(&run->out, found);
		return;
	}
	w = json_writer(&run->out);
	json_object(&w, NULL);
	if (!run->lines)
		json_put_str(&w, "file", name);
	json_put_bool(&w, "valid", valid);
	json_put_int(&w, "objects", (int64_t)v->objects);
	json_put_int(&w, "musts", (int64_t)v->musts);
	json_put_int(&w, "shoulds", (int64_t)v->shoulds);
	json_put_raw(&w, "findings", found);
	json_end_object(&w);
	buf_byte(&run->out, '\n');
}

static void run_check(struct run *run, struct str name, struct str text)
{
	struct verdict v = {.run = run, .list = ""};

	buf_init(&v.text, OUT_BYTES_MAX);
	v.w = json_writer(&v.text);
	if (run->json)
		json_list(&v.w, NULL);
	check_document(&v, str_trim(text));
	if (run->json)
		json_end_list(&v.w);
	say_verdict(run, name, &v, buf_str(&v.text));
	buf_free(&v.text);
}

static void say_refused(struct run *run, struct str name, const struct fault *fault)
{
	struct json_writer w;

	run->bad++;
	if (!run->lines && !run->json) {
		struct fault named;

		(void)fail(&named, fault->code, "%.*s: %s", STR_ARG(name), fault->text);
		(void)cmd_fail(run->verb, &named);
		return;
	}
	w = json_writer(&run->out);
	json_object(&w, NULL);
	json_object(&w, "error");
	json_put_str(&w, "code", str_c(err_name(fault->code)));
	json_put_str(&w, "message", str_c(fault->text));
	json_end_object(&w);
	json_end_object(&w);
	buf_byte(&run->out, '\n');
}

static enum err deterministic_id(struct str *out, struct run *run, struct str text, struct fault *f)
{
	yyjson_val *root;
	struct str type;

	TRY(json_parse(&root, run->work, text, &LIMITS, f));
	type = json_get_str(root, "type");
	if (!type.p)
		return fail(f, ERR_INVALID, "type: missing");
	return stix_sco_id(out, run->work, stix_type_of(type), root, f);
}

static void run_id(struct run *run, struct str name, struct str text)
{
	struct fault fault = {OK, ""};
	struct json_writer w = json_writer(&run->out);
	struct str id;

	if (deterministic_id(&id, run, text, &fault) != OK) {
		say_refused(run, name, &fault);
		return;
	}
	run->good++;
	if (run->json) {
		json_object(&w, NULL);
		json_put_str(&w, "id", id);
		json_end_object(&w);
	} else {
		buf_put(&run->out, id);
	}
	buf_byte(&run->out, '\n');
}

/* One file gives exactly its canonical bytes, to be hashed or signed; of several documents each has
 * a line. */
static void run_canon(struct run *run, struct str name, struct str text)
{
	struct fault fault = {OK, ""};
	size_t before = run->out.n;
	yyjson_val *root;

	if (json_parse(&root, run->work, text, &LIMITS, &fault) != OK ||
	    jcs_write(&run->out, run->work, root, &fault) != OK) {
		run->out.n = before;
		say_refused(run, name, &fault);
		return;
	}
	run->good++;
	if (run->lines || run->count > 1)
		buf_byte(&run->out, '\n');
}

enum { FLUSH_BYTES = 1 << 20 };

static int flush(struct run *run)
{
	int code = run->out.n ? cmd_print(buf_str(&run->out)) : EXIT_GOOD;

	buf_reset(&run->out);
	return code;
}

static int run_text(struct run *run, struct str name, struct str text)
{
	struct str rest = text;

	if (!run->lines) {
		run->document(run, name, text);
		return flush(run);
	}
	while (rest.p) {
		struct str line = str_trim(str_cut(&rest, '\n'));

		if (line.n == 0)
			continue;
		arena_reset(run->work);
		run->document(run, name, line);
		if (run->out.n > FLUSH_BYTES && flush(run) != EXIT_GOOD)
			return EXIT_NONE;
	}
	return flush(run);
}

/* Standard input may be a pipe, whose size nobody knows. */
static enum err read_stdin(struct str *out, struct buf *b, struct fault *fault)
{
	buf_reset(b);
	TRY(file_read_rest(b, STDIN_FILENO, fault));
	*out = buf_str(b);
	return OK;
}

static int run_files(struct run *run)
{
	bool unread = false;

	for (size_t i = 0; i < run->count; i++) {
		struct str name = str_c(run->names[i]);
		struct fault fault = {OK, ""};
		struct str text = S("");
		enum err rc;

		arena_reset(run->file);
		arena_reset(run->work);
		rc = str_eq(name, S("-"))
		         ? read_stdin(&text, &run->in, &fault)
		         : file_read(&text, run->file, name, FILE_BYTES_MAX, &fault);
		if (rc != OK) {
			(void)cmd_fail(run->verb, &fault);
			unread = true;
			continue;
		}
		if (run_text(run, name, text) != EXIT_GOOD)
			return EXIT_NONE;
	}
	if (unread)
		return EXIT_NONE;
	return run->bad == 0 ? EXIT_GOOD : EXIT_SOME;
}

static bool options_good(const struct run *run)
{
	struct fault fault;

	if (!run->spec || str_eq(str_c(run->spec), S("2.0")) || str_eq(str_c(run->spec), S("2.1")))
		return true;
	(void)fail(&fault, ERR_INVALID, "--spec is 2.0 or 2.1, not %s", run->spec);
	(void)cmd_fail(run->verb, &fault);
	return false;
}

static int run_verb(int argc, char **argv,
    void (*document)(struct run *run, struct str name, struct str text), bool checks)
{
	struct run run = {.verb = argv[0], .document = document};
	const struct cmd_option options[] = {
	    {"lines", CMD_FLAG, &run.lines},
	    {"json", CMD_FLAG, &run.json},
	    {checks ? "strict" : NULL, CMD_FLAG, &run.strict}, /* else the list ends here */
	    {"spec", CMD_TEXT, &run.spec},
	    {0},
	};
	int files = cmd_parse(argc, argv, options, 1, argc);
	int code;

	if (files < 0 || !options_good(&run))
		return EXIT_NONE;
	run.json = run.json || run.lines;
	run.names = argv + 1;
	run.count = (size_t)files;
	run.file = arena_new((size_t)FILE_BYTES_MAX + (1 << 20));
	run.work = arena_new(WORK_BYTES_MAX);
	buf_init(&run.in, FILE_BYTES_MAX);
	buf_init(&run.out, OUT_BYTES_MAX);
	code = run_files(&run);
	buf_free(&run.in);
	buf_free(&run.out);
	arena_free(run.work);
	arena_free(run.file);
	return code;
}

int cmd_stix_check(int argc, char **argv)
{
	return run_verb(argc, argv, run_check, true);
}

int cmd_stix_id(int argc, char **argv)
{
	return run_verb(argc, argv, run_id, false);
}

int cmd_stix_canon(int argc, char **argv)
{
	return run_verb(argc, argv, run_canon, false);
}
