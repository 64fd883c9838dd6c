/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"
#include "cli/cmd.h"
#include "cli/verbs.h"
#include "serve/role.h"
#include "sys/config.h"

enum { ARENA_MAX = 8 << 20 };

static int run(int argc, char **argv, bool print)
{
	const struct cmd_option options[] = {{0}};
	struct arena *arena;
	struct config config;
	struct fault fault;
	struct buf text;
	int code = EXIT_GOOD;

	if (cmd_parse(argc, argv, options, 1, 1) < 0)
		return EXIT_NONE;
	arena = arena_new(ARENA_MAX);
	buf_init(&text, CONFIG_BYTES_MAX * 2);
	if (config_read(&config, arena, str_c(argv[1]), &fault) != OK ||
	    role_config_check(&config, &fault) != OK) {
		code = cmd_fail(argv[0], &fault);
	} else if (print) {
		config_print(&config, &text);
		code = cmd_print(buf_str(&text));
	}
	buf_free(&text);
	arena_free(arena);
	return code;
}

int cmd_config_check(int argc, char **argv)
{
	return run(argc, argv, false);
}

int cmd_config_print(int argc, char **argv)
{
	return run(argc, argv, true);
}
