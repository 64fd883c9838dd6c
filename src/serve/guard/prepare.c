/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/guard/prepare.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sys/env.h"
#include "sys/files.h"
#include "sys/sandbox.h"
#include "view/guard/book.h"
#include "view/guard/make.h"

enum { PATHS_MAX = 16384 };

/* What the process has to say, in one write. */
struct outcome {
	struct fault fault;
	struct guard_made made;
};

static enum err confined(struct outcome *out, const struct guard_sources *from, struct fault *fault)
{
	const struct config *config = from->config;
	const struct sandbox_path paths[] = {
	    {from->views, true},
	    {config->guard_lists.p ? config->guard_lists : from->views, false},
	    {config->guard_suffixes.p ? config->guard_suffixes : from->views, false},
	    {config->packs_trust.p ? config->packs_trust : from->views, false},
	    {file_exists(from->packs) ? from->packs : from->views, false},
	};
	struct sandbox_report report;

	TRY(sandbox_enter(&report,
	    &(struct sandbox){.needs = SANDBOX_FILES | SANDBOX_CHANGE,
	        .paths = paths,
	        .path_count = sizeof(paths) / sizeof(paths[0])},
	    fault));
	return guard_make(&out->made, from, fault);
}

static void work(int fd, const struct guard_sources *from)
{
	struct outcome o = {.fault = {.code = OK}};

	o.fault.code = confined(&o, from, &o.fault);
	_exit(write(fd, &o, sizeof(o)) == (ssize_t)sizeof(o) ? 0 : 1);
}

static ssize_t read_outcome(struct outcome *out, int fd)
{
	ssize_t n;

	do {
		n = read(fd, out, sizeof(*out));
	} while (n < 0 && errno == EINTR);
	return n;
}

static enum err run(struct outcome *out, const struct guard_sources *from, struct fault *fault)
{
	int ends[2], status;
	pid_t pid;
	ssize_t n;

	if (pipe(ends) != 0)
		return fail(fault, ERR_IO, "cannot make a pipe: %s", sys_error(errno));
	pid = fork();
	if (pid == 0) {
		close(ends[0]);
		work(ends[1], from);
	}
	close(ends[1]);
	n = pid < 0 ? -1 : read_outcome(out, ends[0]);
	close(ends[0]);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (n != (ssize_t)sizeof(*out))
		return fail(fault, ERR_IO, "the lists of [guard] could not be read");
	out->fault.text[sizeof(out->fault.text) - 1] = '\0';
	if (out->fault.code != OK)
		return fail(fault, out->fault.code, "%s", out->fault.text);
	return OK;
}

static bool has_rules(struct str views)
{
	const struct sha256 none = {{0}};
	struct guard_book *book;
	struct sha256 stamp;

	if (guard_book_open(&book, views, NULL) != OK)
		return false;
	stamp = guard_book_stamp(book);
	guard_book_close(book);
	return !sha256_eq(&stamp, &none);
}

static void say(const struct log *log, const struct outcome *o)
{
	char lists[24], entries[24], ignored[24];

	(void)snprintf(lists, sizeof(lists), "%llu", (unsigned long long)o->made.lists);
	(void)snprintf(entries, sizeof(entries), "%llu", (unsigned long long)o->made.entries);
	(void)snprintf(ignored, sizeof(ignored), "%llu", (unsigned long long)o->made.ignored);
	log_event(log, LOG_INFO, "guard.rules",
	    LOG_KV(
	        {"lists", str_c(lists)}, {"entries", str_c(entries)}, {"ignored", str_c(ignored)}));
}

enum err guard_prepare(
    struct str dir, const struct config *config, const struct log *log, struct fault *fault)
{
	struct arena *paths = arena_new(PATHS_MAX);
	const struct guard_sources from = {.config = config,
	    .views = file_join(paths, dir, "views"),
	    .packs = file_join(paths, dir, "packs/active")};
	struct outcome o = {.fault = {.code = OK}};
	struct fault why = {.code = OK};
	enum err rc = file_make_dir(from.views, 0700, &why);

	if (rc == OK)
		rc = run(&o, &from, &why);
	if (rc == OK && o.made.anew && log)
		say(log, &o);
	if (rc != OK && has_rules(from.views)) {
		if (log)
			log_event(log, LOG_WARNING, "guard.rules.kept",
			    LOG_KV({"text", str_c(why.text)}));
		rc = OK;
	} else if (rc != OK) {
		(void)fail(fault, rc, "%s", why.text);
	}
	arena_free(paths);
	return rc;
}
