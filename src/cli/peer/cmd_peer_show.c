/* SPDX-License-Identifier: Apache-2.0 */
/* Peers as they are shown: the list, one of them, and the evidence against one. */
#include "cli/cmd.h"
#include "cli/read.h"
#include "cli/terminal.h"
#include "cli/verbs.h"
#include "codec/json.h"

static int print_peers(struct buf *out, yyjson_val *answer)
{
	static const struct terminal_column COLUMNS[] = {{"name", "NAME"}, {"state", "STATE"},
	    {"connected", "LINK"}, {"post_quantum", "POST-QUANTUM"}, {"ceiling", "CEILING"},
	    {"since", "SINCE"}, {"behind_by", "BEHIND BY"}, {"throttled", "THROTTLED"},
	    {"last_receipt", "LAST RECEIPT"}, {"address", "ADDRESS"}, {"node", "NODE"},
	    {"error", "ERROR"}, {NULL, NULL}};

	terminal_table(out, yyjson_obj_get(answer, "items"), COLUMNS);
	return EXIT_GOOD;
}

static int print_peer(struct buf *out, yyjson_val *answer)
{
	static const struct terminal_column FACTS[] = {{"name", "name"}, {"state", "state"},
	    {"fingerprint", "fingerprint"}, {"node", "node"}, {"identity", "identity"},
	    {"address", "address"}, {"ceiling", "ceiling"}, {"cert", "certificate"},
	    {"next_cert", "next certificate"}, {"cert_expires", "ends"},
	    {"own_cert_expires", "own ends"}, {"key", "key"}, {"connected", "link"},
	    {"since", "since"}, {"group", "key exchange"}, {"post_quantum", "post-quantum"},
	    {"clock_skew", "clock ahead (s)"}, {"round_trip", "round trip (s)"},
	    {"pace", "constant rate"}, {"bytes_in", "bytes received"}, {"bytes_out", "bytes sent"},
	    {"throttled", "over its quota"}, {"ranges_throttled", "ranges that waited"},
	    {"urgent_sent", "urgent, sent ahead"}, {"urgent_left", "left to its feed"},
	    {"urgent_taken", "urgent, taken ahead"}, {"urgent_passed", "passed over"},
	    {"error", "error"}, {"given", "entries for it"}, {"behind_by", "without receipt"},
	    {"receipts_outstanding", "of these taken back"}, {"last_receipt", "last receipt"},
	    {"received", "entries from it"}, {"unknown", "of unknown originators"},
	    {"above_ceiling", "above the ceiling"}, {"differs", "with another content"},
	    {"refused", "refused"}, {"last_proof", "last head checked"},
	    {"last_contact", "last contact"}, {"stopped", "stopped"}, {"fed_by", "fed by"},
	    {"package_read", "package read"}, {"package_made", "made"}, {"package_age", "age (s)"},
	    {"package_missing", "missing"}, {"package_written", "package written"},
	    {"package_confirmed", "confirmed"}, {NULL, NULL}};
	static const struct terminal_column COMPROMISES[] = {{"since", "KEYS IN OTHER HANDS SINCE"},
	    {"hidden", "HIDDEN"}, {"by", "SAID BY"}, {NULL, NULL}};
	static const struct terminal_column ROTATIONS[] = {
	    {"time", "KEYS ROTATED"}, {"before", "FROM"}, {"after", "TO"}, {NULL, NULL}};

	terminal_facts(out, answer, FACTS);
	if (yyjson_arr_size(yyjson_obj_get(answer, "rotations")) > 0)
		terminal_table(out, yyjson_obj_get(answer, "rotations"), ROTATIONS);
	if (yyjson_arr_size(yyjson_obj_get(answer, "compromises")) > 0)
		terminal_table(out, yyjson_obj_get(answer, "compromises"), COMPROMISES);
	if (yyjson_get_bool(yyjson_obj_get(answer, "denies")))
		buf_put(out, S("\nIt denies what it had signed: `tocsin peer evidence` shows it. "
		               "Nothing is exchanged\nwith it; when it has been spoken to, cut it "
		               "and invite it "
		               "anew.\n"));
	return EXIT_GOOD;
}

/* The two notes as they were signed, for who has nothing but the peer's keys. */
static int print_evidence(struct buf *out, yyjson_val *answer)
{
	static const struct terminal_column FACTS[] = {{"peer", "peer"}, {"identity", "identity"},
	    {"origin", "feed"}, {"kind", "kind"}, {"why", "why"}, {"time", "found"},
	    {"proof", "proof"}, {"stands", "stands"}, {NULL, NULL}};
	yyjson_val *key;
	size_t i, n;

	terminal_facts(out, answer, FACTS);
	buf_put(out, S("\nIts keys:\n"));
	yyjson_arr_foreach(yyjson_obj_get(answer, "keys"), i, n, key)
	{
		terminal_put(out, json_str(key));
		buf_byte(out, '\n');
	}
	buf_put(out, S("\nHeld before:\n\n"));
	terminal_put_lines(out, json_get_str(answer, "held"));
	buf_put(out, S("\nShown then:\n\n"));
	terminal_put_lines(out, json_get_str(answer, "shown"));
	return EXIT_GOOD;
}

static int print_originators(struct buf *out, yyjson_val *answer)
{
	static const struct terminal_column COLUMNS[] = {{"identity", "IDENTITY"}, {"node", "NODE"},
	    {"introduced_by", "INTRODUCED BY"}, {"taken", "TAKEN"}, {"changed", "SINCE"},
	    {NULL, NULL}};

	terminal_table(out, yyjson_obj_get(answer, "items"), COLUMNS);
	return EXIT_GOOD;
}

int cmd_originator_list(int argc, char **argv)
{
	static const char *const WORDS[] = {NULL};

	return read_verb(
	    argc, argv, &(struct read_verb){"originator.list", WORDS, print_originators});
}

int cmd_peer_list(int argc, char **argv)
{
	static const char *const WORDS[] = {NULL};

	return read_verb(argc, argv, &(struct read_verb){"peer.list", WORDS, print_peers});
}

int cmd_peer_show(int argc, char **argv)
{
	static const char *const WORDS[] = {"name", NULL};

	return read_verb(argc, argv, &(struct read_verb){"peer.show", WORDS, print_peer});
}

int cmd_peer_evidence(int argc, char **argv)
{
	static const char *const WORDS[] = {"name", NULL};

	return read_verb(argc, argv, &(struct read_verb){"peer.evidence", WORDS, print_evidence});
}
