/* SPDX-License-Identifier: Apache-2.0 */
/* The functions behind the rows of VERBS (verbs.c): cmd_<verb>.c has each. */
#pragma once

int cmd_collection_add(int argc, char **argv);
int cmd_collection_list(int argc, char **argv);
int cmd_community_add(int argc, char **argv);
int cmd_community_join(int argc, char **argv);
int cmd_community_leave(int argc, char **argv);
int cmd_community_list(int argc, char **argv);
int cmd_community_remove(int argc, char **argv);
int cmd_config_check(int argc, char **argv);
int cmd_config_print(int argc, char **argv);
int cmd_import(int argc, char **argv);
int cmd_indicator_list(int argc, char **argv);
int cmd_init(int argc, char **argv);
int cmd_ledger_head(int argc, char **argv);
int cmd_ledger_prove(int argc, char **argv);
int cmd_ledger_verify(int argc, char **argv);
int cmd_object_envelope(int argc, char **argv);
int cmd_object_verify(int argc, char **argv);
int cmd_rebuild(int argc, char **argv);
int cmd_role(int argc, char **argv);
int cmd_root_add(int argc, char **argv);
int cmd_scan(int argc, char **argv);
int cmd_search(int argc, char **argv);
int cmd_serve(int argc, char **argv);
int cmd_show(int argc, char **argv);
int cmd_sighting_list(int argc, char **argv);
int cmd_source_list(int argc, char **argv);
int cmd_stix_canon(int argc, char **argv);
int cmd_stix_check(int argc, char **argv);
int cmd_stix_id(int argc, char **argv);
int cmd_status(int argc, char **argv);
int cmd_taxii_restore(int argc, char **argv);
int cmd_token_add(int argc, char **argv);
int cmd_token_list(int argc, char **argv);
int cmd_token_revoke(int argc, char **argv);
int cmd_why(int argc, char **argv);
int cmd_user_add(int argc, char **argv);
int cmd_user_certificate(int argc, char **argv);
int cmd_user_list(int argc, char **argv);
int cmd_user_password(int argc, char **argv);
int cmd_user_remove(int argc, char **argv);
int cmd_withdraw(int argc, char **argv);
