/* SPDX-License-Identifier: Apache-2.0 */
/* The table of verbs, in the order in which help lists them. */
#include "cli/verbs.h"

#include "cli/cmd.h"

const struct verb VERBS[] = {
    {"init", cmd_init, "DIR --name NAME [--listen ADDR:PORT]", "Make the directory of a new node"},
    {"serve", cmd_serve, "DIR [--listen ADDR:PORT]", "Run the node"},
    {"status", cmd_status, "DIR [--json]", "Say how the node is"},
    {"search", cmd_search, "DIR QUERY [--type TYPE] [--limit N] [--next TOKEN] [--json]",
        "Find objects by id, type, value or words"},
    {"show", cmd_show, "DIR ID [--version TIME] [--json]",
        "Show one object with its versions, relations and label"},
    {"sighting list", cmd_sighting_list, "DIR [--since TIME] [--limit N] [--next TOKEN] [--json]",
        "List sightings, newest first"},
    {"indicator list", cmd_indicator_list,
        "DIR [--q QUERY] [--active true|false] [--limit N] [--next TOKEN] [--json]",
        "List indicators, newest first"},
    {"source list", cmd_source_list, "DIR [--limit N] [--next TOKEN] [--json]",
        "List sources with their health"},
    {"collection list", cmd_collection_list, "DIR [--limit N] [--next TOKEN] [--json]",
        "List the collections that TAXII serves"},
    {"user list", cmd_user_list, "DIR [--limit N] [--next TOKEN] [--json]", "List accounts"},
    {"user add", cmd_user_add, "DIR NAME --role ROLE --password-stdin [--clearance LABEL] [--json]",
        "Make an account; its password is the first line of standard input"},
    {"token list", cmd_token_list, "DIR [--limit N] [--next TOKEN] [--json]",
        "List tokens, without their secrets"},
    {"token add", cmd_token_add,
        "DIR --user NAME [--name TEXT] [--expires DAYS] [--role ROLE] [--json]",
        "Make a token for programs and print it, this once"},
    {"taxii restore", cmd_taxii_restore, "DIR FILE [--page-limit N] [--label LABEL] [--json]",
        "Take over the data file of a medallion TAXII server"},
    {"ledger verify", cmd_ledger_verify, "DIR [--key VKEY] [--json]",
        "Read the whole ledger again and name the first bad record"},
    {"ledger head", cmd_ledger_head, "DIR [--json]", "Print the newest signed checkpoint"},
    {"ledger prove", cmd_ledger_prove, "DIR (ID [--version TIME] | --from SIZE) [--json]",
        "Prove that a record is in the ledger, or that the ledger only grew"},
    {"config check", cmd_config_check, "DIR", "Check DIR/tocsin.conf"},
    {"config print", cmd_config_print, "DIR", "Print the configuration with every key"},
    {"role", cmd_role, "NAME DIR", NULL},
    {0},
};
