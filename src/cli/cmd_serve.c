/* SPDX-License-Identifier: Apache-2.0 */
/* `tocsin serve`, and what the program calls itself: its roles, and a transient node. */
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/cmd.h"
#include "cli/verbs.h"
#include "serve/role.h"
#include "serve/supervisor.h"
#include "sys/config.h"

enum { ARENA_MAX = 8 << 20 };

/* Where to listen instead of what the configuration says; NULL: as it says. */
struct places {
	const char *listen, *link;
};

static enum err run(struct supervise_options *o, const struct places *places, struct arena *arena,
    bool transient, struct fault *fault)
{
	struct config *config = arena_zalloc(arena, sizeof(*config));

	if (!config)
		return fail(fault, ERR_NOMEM, "no memory for the configuration");
	TRY(config_read(config, arena, o->dir, fault));
	TRY(role_config_check(config, fault));
	o->config = config;
	/* Whoever started a transient node waits for it, and knows how long. */
	if (!transient) {
		o->role_timeout = (usec)config->role_timeout * USEC_PER_SEC;
		o->listen = places->listen ? str_c(places->listen) : config->listen;
		o->oidc = config->oidc_issuer.p != NULL;
		o->taxii = config->taxii_listen;
		o->link = places->link ? str_c(places->link) : config->link_listen;
	}
	return supervise(o, fault);
}

static int serve(const char *verb, const char *dir, const struct places *places, bool transient)
{
	struct supervise_options o = {.ready_fd = STDOUT_FILENO,
	    .until_fd = transient ? STDIN_FILENO : -1,
	    .lock_fd = transient ? TRANSIENT_LOCK_FD : -1};
	/* Roles are given the path, whatever directory they are in. */
	char absolute[PATH_MAX];
	struct arena *arena;
	struct fault fault;
	enum err rc;

	if (!realpath(dir, absolute)) {
		(void)fail(&fault, ERR_NOT_FOUND,
		    "%s: no such directory; `tocsin init` makes a node", dir);
		return cmd_fail(verb, &fault);
	}
	arena = arena_new(ARENA_MAX);
	o.dir = arena_str(arena, str_c(absolute));
	rc = run(&o, places, arena, transient, &fault);
	arena_free(arena);
	return rc == OK ? EXIT_GOOD : cmd_fail(verb, &fault);
}

int cmd_serve(int argc, char **argv)
{
	struct places places = {0};
	bool transient = false;
	const struct cmd_option options[] = {{"listen", CMD_TEXT, &places.listen},
	    {"link", CMD_TEXT, &places.link}, {"transient", CMD_FLAG, &transient}, {0}};

	if (cmd_parse(argc, argv, options, 1, 1) < 0)
		return EXIT_NONE;
	/* The roles must not inherit it: it ends with the supervisor. */
	if (transient && fcntl(TRANSIENT_LOCK_FD, F_SETFD, FD_CLOEXEC) != 0)
		return EXIT_NONE;
	return serve(argv[0], argv[1], &places, transient);
}

int cmd_role(int argc, char **argv)
{
	bool quiet = false;
	const struct cmd_option options[] = {{"quiet", CMD_FLAG, &quiet}, {0}};

	if (cmd_parse(argc, argv, options, 2, 2) < 0)
		return EXIT_NONE;
	return role_main(argv[1], argv[2], quiet);
}
