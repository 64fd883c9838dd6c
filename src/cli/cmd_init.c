/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cmd.h"
#include "cli/verbs.h"
#include "serve/serve.h"

int cmd_init(int argc, char **argv)
{
	const char *name = NULL;
	const char *listen = NULL;
	const char *link = NULL;
	const char *module = NULL;
	const char *token = NULL;
	const char *pin = NULL;
	const char *files = NULL;
	const struct cmd_option options[] = {{"name", CMD_TEXT, &name},
	    {"listen", CMD_TEXT, &listen}, {"link", CMD_TEXT, &link}, {"pkcs11", CMD_TEXT, &module},
	    {"token", CMD_TEXT, &token}, {"pin-file", CMD_TEXT, &pin},
	    {"pkcs11-files", CMD_TEXT, &files}, {0}};
	struct fault fault;

	if (cmd_parse(argc, argv, options, 1, 1) < 0)
		return EXIT_NONE;
	if (!name) {
		(void)fail(&fault, ERR_INVALID,
		    "--name says whose node it is, as people read it: it is missing");
		return cmd_fail(argv[0], &fault);
	}
	if (node_init(&(struct init_options){.dir = str_c(argv[1]),
	                  .name = str_c(name),
	                  .listen = str_c(listen),
	                  .link = str_c(link),
	                  .pkcs11_module = str_c(module),
	                  .pkcs11_token = str_c(token),
	                  .pkcs11_pin_file = str_c(pin),
	                  .pkcs11_files = str_c(files)},
	        &fault) != OK)
		return cmd_fail(argv[0], &fault);
	return EXIT_GOOD;
}
