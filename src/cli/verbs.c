/* SPDX-License-Identifier: Apache-2.0 */
/* The table of verbs, in the order in which help lists them. */
#include "cli/verbs.h"

#include "cli/cmd.h"

const struct verb VERBS[] = {
    {"init", cmd_init, "DIR --name NAME [--listen ADDR:PORT]", "Make the directory of a new node"},
    {"serve", cmd_serve, "DIR [--listen ADDR:PORT]", "Run the node"},
    {"user add", cmd_user_add, "DIR NAME --role ROLE --password-stdin [--clearance LABEL] [--json]",
        "Make an account; its password is the first line of standard input"},
    {"token add", cmd_token_add,
        "DIR --user NAME [--name TEXT] [--expires DAYS] [--role ROLE] [--json]",
        "Make a token for programs and print it, this once"},
    {"config check", cmd_config_check, "DIR", "Check DIR/tocsin.conf"},
    {"config print", cmd_config_print, "DIR", "Print the configuration with every key"},
    {"role", cmd_role, "NAME DIR", NULL},
    {0},
};
