/* SPDX-License-Identifier: Apache-2.0 */
/* The verbs that read, each a row: operation, plain words, how people see the answer. */
#include "cli/cmd.h"
#include "cli/read.h"
#include "cli/terminal.h"
#include "cli/verbs.h"
#include "codec/json.h"

static const char *const NO_WORDS[] = {NULL};

/* A page as a table; an empty one is the answer "nothing". */
static int print_page(
    struct buf *out, yyjson_val *answer, const struct terminal_column *columns, int when_empty)
{
	yyjson_val *items = yyjson_obj_get(answer, "items");
	struct str next = json_get_str(answer, "next");

	if (yyjson_arr_size(items) == 0)
		return when_empty;
	terminal_table(out, items, columns);
	if (next.p)
		buf_printf(out, "more: --next %.*s\n", STR_ARG(next));
	return EXIT_GOOD;
}

static int print_found(struct buf *out, yyjson_val *answer)
{
	static const struct terminal_column COLUMNS[] = {{"type", "TYPE"}, {"label", "LABEL"},
	    {"id", "ID"}, {"title", "TITLE"}, {"value", "VALUE"}, {NULL, NULL}};

	return print_page(out, answer, COLUMNS, EXIT_SOME);
}

static int print_sightings(struct buf *out, yyjson_val *answer)
{
	static const struct terminal_column COLUMNS[] = {{"last_seen", "LAST SEEN"},
	    {"count", "COUNT"}, {"value", "VALUE"}, {"source", "SOURCE"}, {"label", "LABEL"},
	    {"indicator.name", "INDICATOR"}, {"id", "ID"}, {NULL, NULL}};

	return print_page(out, answer, COLUMNS, EXIT_GOOD);
}

static int print_indicators(struct buf *out, yyjson_val *answer)
{
	static const struct terminal_column COLUMNS[] = {{"active", "ACTIVE"},
	    {"quarantined", "QUARANTINED"}, {"hits", "HITS"}, {"label", "LABEL"},
	    {"source", "SOURCE"}, {"id", "ID"}, {"name", "NAME"}, {"pattern", "PATTERN"},
	    {"reason", "REASON"}, {NULL, NULL}};

	return print_page(out, answer, COLUMNS, EXIT_GOOD);
}

/* A heading and a table, when there is something in it. */
static void put_section(struct buf *out, yyjson_val *object, const char *member,
    const char *heading, const struct terminal_column *columns)
{
	yyjson_val *items = yyjson_obj_get(object, member);

	if (yyjson_arr_size(items) == 0)
		return;
	buf_printf(out, "\n%s\n", heading);
	terminal_table(out, items, columns);
}

static int print_indicator(struct buf *out, yyjson_val *answer)
{
	static const struct terminal_column FACTS[] = {{"id", "id"}, {"name", "name"},
	    {"pattern", "pattern"}, {"active", "matched"}, {"matched", "by"},
	    {"matched_reason", "not wholly"}, {"hunted_reason", "not hunted back"},
	    {"quarantined", "quarantined"}, {"reason", "why"}, {"decided_by", "decided by"},
	    {"revoked", "revoked"}, {"valid_from", "valid from"}, {"valid_until", "valid until"},
	    {"matched_until", "matched until"}, {"label", "label"}, {"source", "source"},
	    {"hits", "hits"}, {"seen_before", "before it was known"}, {NULL, NULL}};
	static const struct terminal_column LIFE[] = {{"score", "score now"},
	    {"threshold", "matched from"}, {"start", "at the beginning"}, {"begins", "which was"},
	    {"ends", "too low from"}, {"kind", "ages as"}, {"days", "days to nothing"},
	    {"speed", "speed"}, {"confidence", "confidence"}, {"trust", "trust in its source"},
	    {"last_seen", "last seen"}, {"false_positives", "false positives"},
	    {"false_positive_points", "points they take"}, {"whole", "by all evidence"},
	    {NULL, NULL}};
	static const struct terminal_column POINTS[] = {
	    {"score", "POINT"}, {"passed", "PASSED"}, {"at", "AT"}, {NULL, NULL}};
	yyjson_val *life = yyjson_obj_get(answer, "life");

	terminal_facts(out, answer, FACTS);
	if (!life)
		return EXIT_GOOD;
	buf_put(out, S("\nLife\n"));
	terminal_facts(out, life, LIFE);
	put_section(out, life, "points", "Reaction points", POINTS);
	return EXIT_GOOD;
}

static int print_sources(struct buf *out, yyjson_val *answer)
{
	static const struct terminal_column COLUMNS[] = {{"name", "NAME"}, {"kind", "KIND"},
	    {"state", "STATE"}, {"label", "LABEL"}, {"lines", "LINES"}, {"hits", "HITS"},
	    {"bad", "BAD"}, {"lag_bytes", "LAG"}, {"last_event", "LAST EVENT"}, {"path", "PATH"},
	    {"error", "ERROR"}, {NULL, NULL}};

	return print_page(out, answer, COLUMNS, EXIT_GOOD);
}

static int print_worth(struct buf *out, yyjson_val *answer)
{
	static const struct terminal_column COLUMNS[] = {{"name", "SOURCE"},
	    {"indicators", "INDICATORS"}, {"hit", "HIT"}, {"hits", "HITS"},
	    {"false_positives", "FALSE POSITIVES"}, {"first", "FIRST TO KNOW"}, {NULL, NULL}};
	yyjson_val *sources = yyjson_obj_get(answer, "sources");

	if (yyjson_arr_size(sources) == 0)
		return EXIT_GOOD;
	terminal_table(out, sources, COLUMNS);
	if (yyjson_get_bool(yyjson_obj_get(answer, "more")))
		buf_put(out, S("There are more sightings or opinions than the newest 20,000 that "
		               "were counted.\n"));
	return EXIT_GOOD;
}

static int print_accounts(struct buf *out, yyjson_val *answer)
{
	static const struct terminal_column COLUMNS[] = {{"name", "NAME"}, {"id", "ID"},
	    {"role", "ROLE"}, {"clearance", "CLEARANCE"}, {"password", "PASSWORD"},
	    {"certificate", "CERTIFICATE"}, {"changed", "CHANGED"}, {NULL, NULL}};

	return print_page(out, answer, COLUMNS, EXIT_GOOD);
}

static int print_communities(struct buf *out, yyjson_val *answer)
{
	static const struct terminal_column COLUMNS[] = {{"name", "NAME"}, {"kind", "KIND"},
	    {"ceiling", "CEILING"}, {"own", "OWN"}, {"members", "MEMBERS"}, {"types", "TYPES"},
	    {"anonymise", "WITHOUT"}, {"expires", "EXPIRES"}, {"purposes", "PURPOSES"},
	    {"title", "TITLE"}, {NULL, NULL}};

	return print_page(out, answer, COLUMNS, EXIT_GOOD);
}

static int print_tokens(struct buf *out, yyjson_val *answer)
{
	static const struct terminal_column COLUMNS[] = {{"id", "ID"}, {"account", "ACCOUNT"},
	    {"name", "NAME"}, {"created", "CREATED"}, {"expires", "EXPIRES"}, {NULL, NULL}};

	return print_page(out, answer, COLUMNS, EXIT_GOOD);
}

static int print_requests(struct buf *out, yyjson_val *answer)
{
	static const struct terminal_column COLUMNS[] = {{"id", "ID"}, {"state", "STATE"},
	    {"op", "OPERATION"}, {"args", "ARGUMENTS"}, {"by", "BY"}, {"second", "SECOND"},
	    {"expires", "EXPIRES"}, {"text", "TEXT"}, {"hash", "HASH"}, {NULL, NULL}};

	return print_page(out, answer, COLUMNS, EXIT_GOOD);
}

static int print_collections(struct buf *out, yyjson_val *answer)
{
	static const struct terminal_column COLUMNS[] = {{"id", "ID"}, {"root", "ROOT"},
	    {"alias", "ALIAS"}, {"can_read", "READ"}, {"can_write", "WRITE"}, {"title", "TITLE"},
	    {NULL, NULL}};

	return print_page(out, answer, COLUMNS, EXIT_GOOD);
}

/* What the object says in words of its own. */
static void put_words(struct buf *out, yyjson_val *object)
{
	static const char *const MEMBERS[] = {"description", "content", "opinion", "explanation"};

	for (size_t i = 0; i < sizeof(MEMBERS) / sizeof(MEMBERS[0]); i++) {
		struct str text = json_get_str(object, MEMBERS[i]);

		if (text.n == 0)
			continue;
		buf_byte(out, '\n');
		terminal_put_lines(out, text);
	}
}

static int print_object(struct buf *out, yyjson_val *answer)
{
	static const struct terminal_column FACTS[] = {{"id", "id"}, {"object.name", "name"},
	    {"object.abstract", "abstract"}, {"object.value", "value"},
	    {"object.pattern", "pattern"}, {"object.confidence", "confidence"},
	    {"version", "version"}, {"revoked", "revoked"}, {"left_out", "members left out"},
	    {"label.tlp", "label"}, {"label.text", ""}, {"source", "source"},
	    {"received", "received"}, {"spec_version", "STIX"}, {"proof.seq", "ledger record"},
	    {"proof.size", "of"}, {"proof.root", "root"}, {NULL, NULL}};
	static const struct terminal_column VERSIONS[] = {
	    {"version", "VERSION"}, {"received", "RECEIVED"}, {"seq", "RECORD"}, {NULL, NULL}};
	static const struct terminal_column RELATIONS[] = {{"direction", ""}, {"path", "PATH"},
	    {"via", "VIA"}, {"id", "ID"}, {"title", "TITLE"}, {NULL, NULL}};

	terminal_facts(out, answer, FACTS);
	put_words(out, yyjson_obj_get(answer, "object"));
	put_section(out, answer, "versions", "Versions", VERSIONS);
	put_section(out, answer, "relations", "Relations", RELATIONS);
	buf_put(out, S("\n--json gives the object as it was received, and its proof.\n"));
	return EXIT_GOOD;
}

static int print_why(struct buf *out, yyjson_val *answer)
{
	static const struct terminal_column FACTS[] = {{"verdict", "verdict"}, {"rule", "rule"},
	    {"left_out", "left out"}, {"derived", "gets"}, {"terms", "by community"},
	    {"id", "object"}, {"version", "version"}, {"label", "label"}, {"reader", "reader"},
	    {"who", ""}, {NULL, NULL}};
	static const struct terminal_column CONDITIONS[] = {
	    {"holds", "HOLDS"}, {"rule", "RULE"}, {"text", "CONDITION"}, {NULL, NULL}};

	terminal_facts(out, answer, FACTS);
	put_section(out, answer, "conditions", "Conditions", CONDITIONS);
	return str_eq(json_get_str(answer, "verdict"), S("deny")) ? EXIT_SOME : EXIT_GOOD;
}

static int print_audience(struct buf *out, yyjson_val *answer)
{
	static const struct terminal_column FACTS[] = {{"id", "object"}, {"version", "version"},
	    {"label", "label"}, {"outside", "peers"}, {"after_label", "then, label"},
	    {"after_outside", "then, peers"}, {NULL, NULL}};
	static const struct terminal_column NOW[] = {{"kind", "READER"}, {"name", "NAME"},
	    {"now.verdict", "VERDICT"}, {"copy", "COPY"}, {"now.through", "THROUGH"},
	    {"now.rule", "RULE"}, {"now.text", "WHY"}, {NULL, NULL}};
	static const struct terminal_column THEN[] = {{"kind", "READER"}, {"name", "NAME"},
	    {"now.verdict", "NOW"}, {"after.verdict", "THEN"}, {"copy", "COPY"},
	    {"after.through", "THROUGH"}, {"after.rule", "RULE"}, {"after.text", "WHY"},
	    {NULL, NULL}};
	bool then = yyjson_obj_get(answer, "after_label") != NULL;

	terminal_facts(out, answer, FACTS);
	put_section(out, answer, "readers", "Readers", then ? THEN : NOW);
	return EXIT_GOOD;
}

static int print_exchange(struct buf *out, yyjson_val *answer)
{
	static const struct terminal_column FACTS[] = {
	    {"peer", "peer"}, {"state", "state"}, {"communities", "communities"}, {NULL, NULL}};
	static const struct terminal_column TYPES[] = {{"type", "TYPE"}, {"given", "GIVEN"},
	    {"confirmed", "SIGNED FOR"}, {"taken_back", "TAKEN BACK"}, {"received", "RECEIVED"},
	    {NULL, NULL}};
	static const struct terminal_column NEEDS[] = {{"own", "ASKED BY THIS NODE"},
	    {"type", "TYPE"}, {"requested", "REQUESTED"}, {"offered", "OFFERED"},
	    {"delivered", "DELIVERED"}, {"refused", "REFUSED"}, {"latency_s", "SECONDS"},
	    {"rule", "RULE"}, {NULL, NULL}};
	static const struct terminal_column WITHHELD[] = {
	    {"count", "WITHHELD"}, {"rule", "RULE"}, {"text", "WHY"}, {NULL, NULL}};
	struct str next = json_get_str(answer, "next");
	yyjson_val *peer;
	size_t i, n;

	yyjson_arr_foreach(yyjson_obj_get(answer, "items"), i, n, peer)
	{
		if (i)
			buf_byte(out, '\n');
		terminal_facts(out, peer, FACTS);
		put_section(out, peer, "types", "Exchanged", TYPES);
		put_section(out, peer, "needs", "Needs", NEEDS);
		put_section(out, peer, "withheld", "Withheld", WITHHELD);
	}
	if (next.p)
		buf_printf(out, "more: --next %.*s\n", STR_ARG(next));
	return EXIT_GOOD;
}

static int print_status(struct buf *out, yyjson_val *answer)
{
	static const struct terminal_column FACTS[] = {{"name", "node"}, {"version", "version"},
	    {"identity", "identity"}, {"ledger.size", "ledger records"},
	    {"ledger.checkpoint_size", "signed"}, {"ledger.root", "root"}, {"objects", "objects"},
	    {"indicators", "indicators"}, {"quarantined", "of these quarantined"},
	    {"sightings", "sightings"}, {"sources", "sources"},
	    {"patterns.armed", "patterns on events"}, {"patterns.matches", "of these, matches"},
	    {"taxii_url", "TAXII alone"}, {"taxii_tls12", "TLS 1.2 there"}, {NULL, NULL}};
	static const struct terminal_column VIEWS[] = {
	    {"name", "NAME"}, {"cursor", "CURSOR"}, {"lag", "LAG"}, {NULL, NULL}};
	static const struct terminal_column KEPT[] = {
	    {"reason", "REASON"}, {"count", "INDICATORS"}, {NULL, NULL}};
	static const struct terminal_column ROLES[] = {{"role", "ROLE"}, {"pid", "PID"},
	    {"restarts", "RESTARTS"}, {"rss", "MEMORY"}, {NULL, NULL}};
	static const struct terminal_column ALARMS[] = {
	    {"since", "SINCE"}, {"code", "CODE"}, {"message", "MESSAGE"}, {NULL, NULL}};
	bool alarmed = yyjson_arr_size(yyjson_obj_get(answer, "alarms")) > 0;

	terminal_facts(out, answer, FACTS);
	put_section(out, answer, "quarantined_for", "Quarantined", KEPT);
	put_section(out, answer, "views", "Views", VIEWS);
	put_section(out, answer, "roles", "Processes", ROLES);
	put_section(out, answer, "alarms", "Alarms", ALARMS);
	return alarmed ? EXIT_SOME : EXIT_GOOD;
}

int cmd_search(int argc, char **argv)
{
	static const char *const WORDS[] = {"q", NULL};

	return read_verb(argc, argv, &(struct read_verb){"object.search", WORDS, print_found});
}

int cmd_show(int argc, char **argv)
{
	static const char *const WORDS[] = {"id", NULL};

	return read_verb(argc, argv, &(struct read_verb){"object.show", WORDS, print_object});
}

int cmd_status(int argc, char **argv)
{
	return read_verb(argc, argv, &(struct read_verb){"status.show", NO_WORDS, print_status});
}

int cmd_sighting_list(int argc, char **argv)
{
	return read_verb(
	    argc, argv, &(struct read_verb){"sighting.list", NO_WORDS, print_sightings});
}

int cmd_indicator_list(int argc, char **argv)
{
	return read_verb(
	    argc, argv, &(struct read_verb){"indicator.list", NO_WORDS, print_indicators});
}

int cmd_indicator_show(int argc, char **argv)
{
	static const char *const WORDS[] = {"id", NULL};

	return read_verb(argc, argv, &(struct read_verb){"indicator.show", WORDS, print_indicator});
}

int cmd_why(int argc, char **argv)
{
	static const char *const WORDS[] = {"id", "reader", NULL};

	return read_verb(argc, argv, &(struct read_verb){"object.why", WORDS, print_why});
}

int cmd_audience(int argc, char **argv)
{
	static const char *const WORDS[] = {"id", NULL};

	return read_verb(argc, argv, &(struct read_verb){"object.audience", WORDS, print_audience});
}

int cmd_exchange(int argc, char **argv)
{
	return read_verb(
	    argc, argv, &(struct read_verb){"exchange.list", NO_WORDS, print_exchange});
}

int cmd_source_list(int argc, char **argv)
{
	return read_verb(argc, argv, &(struct read_verb){"source.list", NO_WORDS, print_sources});
}

int cmd_source_worth(int argc, char **argv)
{
	return read_verb(argc, argv, &(struct read_verb){"source.worth", NO_WORDS, print_worth});
}

int cmd_user_list(int argc, char **argv)
{
	return read_verb(argc, argv, &(struct read_verb){"account.list", NO_WORDS, print_accounts});
}

int cmd_community_list(int argc, char **argv)
{
	return read_verb(
	    argc, argv, &(struct read_verb){"community.list", NO_WORDS, print_communities});
}

int cmd_token_list(int argc, char **argv)
{
	return read_verb(argc, argv, &(struct read_verb){"token.list", NO_WORDS, print_tokens});
}

int cmd_request_list(int argc, char **argv)
{
	return read_verb(argc, argv, &(struct read_verb){"request.list", NO_WORDS, print_requests});
}

int cmd_collection_list(int argc, char **argv)
{
	return read_verb(
	    argc, argv, &(struct read_verb){"collection.list", NO_WORDS, print_collections});
}
