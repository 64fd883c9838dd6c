/* SPDX-License-Identifier: Apache-2.0 */
/* Drops every view and follows the ledger anew, all views at once. */
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "base/buf.h"
#include "cli/cmd.h"
#include "cli/verbs.h"
#include "codec/json.h"
#include "serve/guard/prepare.h"
#include "serve/role.h"
#include "store/store.h"
#include "sys/env.h"
#include "sys/files.h"
#include "view/follow.h"
#include "view/life/settings.h"

enum { PATHS_MAX = 4 << 20, REPLY_MAX = 4096, SHOW_EVERY_MS = 500 };

/* The ledger's lock is held while the views are made, so that no node starts meanwhile. */
static enum err lock_ledger(
    struct store **out, struct arena *paths, struct str dir, struct fault *fault)
{
	const struct store_options options = {
	    .dir = file_join(paths, dir, "ledger"), .write = true, .env = sys_env()};
	enum err rc = store_open(out, &options, fault);

	if (rc == ERR_BUSY)
		return fail(fault, rc, "%.*s: the node is running; stop it first", STR_ARG(dir));
	return rc;
}

static enum err drop_views(struct str views, struct fault *fault)
{
	TRY(file_make_dir(views, 0700, fault));
	for (size_t i = 0; VIEW_CLASSES[i]; i++)
		TRY(VIEW_CLASSES[i]->drop(views, fault));
	return OK;
}

static enum err first_fault(struct followers *f, struct fault *fault)
{
	for (size_t i = 0; i < VIEW_COUNT; i++) {
		struct follower_status status;

		followers_status(f, i, &status);
		if (status.fault.code != OK) {
			*fault = status.fault;
			return status.fault.code;
		}
	}
	return OK;
}

static enum err wait_for_all(struct followers *f, uint64_t size, struct fault *fault)
{
	struct pollfd p = {.fd = followers_fd(f), .events = POLLIN};

	while (followers_cursor(f) < size) {
		uint64_t beats;

		TRY(first_fault(f, fault));
		if (poll(&p, 1, SHOW_EVERY_MS) == 1 && read(p.fd, &beats, sizeof(beats)) < 0)
			continue;
		if (cmd_interactive())
			(void)fprintf(stderr, "\r%" PRIu64 " of %" PRIu64 " records",
			    followers_cursor(f), size);
	}
	if (cmd_interactive())
		(void)fputs("\r\033[K", stderr);
	return OK;
}

static int report(struct followers *f, uint64_t size, bool json)
{
	struct json_writer w;
	struct buf b;
	int code;

	buf_init(&b, REPLY_MAX);
	w = json_writer(&b);
	if (json) {
		json_object(&w, NULL);
		json_put_int(&w, "records", (int64_t)size);
		json_list(&w, "views");
	}
	for (size_t i = 0; i < VIEW_COUNT; i++) {
		struct follower_status status;

		followers_status(f, i, &status);
		if (!json) {
			buf_printf(&b, "%-10s %" PRIu64 " records\n", status.name, status.cursor);
			continue;
		}
		json_object(&w, NULL);
		json_put_str(&w, "name", str_c(status.name));
		json_put_int(&w, "records", (int64_t)status.cursor);
		json_end_object(&w);
	}
	if (json) {
		json_end_list(&w);
		json_end_object(&w);
		buf_byte(&b, '\n');
	}
	code = cmd_print(buf_str(&b));
	buf_free(&b);
	return code;
}

static enum err prepare(struct str dir, struct arena *paths, struct fault *fault)
{
	struct config config;

	TRY(config_read(&config, paths, dir, fault));
	TRY(role_config_check(&config, fault));
	TRY(guard_prepare(dir, &config, NULL, fault));
	return life_settings_keep(&config, paths, file_join(paths, dir, "views"), fault);
}

static int rebuild(const char *verb, struct str dir, bool json, struct arena *paths)
{
	struct fault fault = {.code = OK};
	struct followers *f = NULL;
	struct store *s = NULL;
	enum err rc = lock_ledger(&s, paths, dir, &fault);
	int code = EXIT_NONE;

	if (rc == OK)
		rc = drop_views(file_join(paths, dir, "views"), &fault);
	if (rc == OK)
		rc = prepare(dir, paths, &fault);
	if (rc == OK)
		rc = followers_start(&f, dir, sys_env(), &fault);
	if (rc == OK)
		rc = wait_for_all(f, store_size(s), &fault);
	code = rc == OK ? report(f, store_size(s), json) : cmd_fail(verb, &fault);
	followers_stop(f);
	if (s)
		store_close(s);
	return code;
}

int cmd_rebuild(int argc, char **argv)
{
	bool json = false;
	const struct cmd_option options[] = {{"json", CMD_FLAG, &json}, {0}};
	struct arena *paths;
	int code;

	if (cmd_parse(argc, argv, options, 1, 1) < 0)
		return EXIT_NONE;
	paths = arena_new(PATHS_MAX);
	code = rebuild(argv[0], str_c(argv[1]), json, paths);
	arena_free(paths);
	return code;
}
