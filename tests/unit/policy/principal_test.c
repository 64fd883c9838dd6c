/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <stdio.h>

#include "codec/json.h"
#include "policy/principal.h"
#include "policy/release.h"
#include "stix/type.h"

#define NODE_ID "identity--00000000-0000-4000-8000-000000000002"
#define PEER_ID "identity--00000000-0000-4000-8000-000000000001"

static struct arena *memory;

static yyjson_val *parsed(const char *text)
{
	yyjson_val *root;

	assert_int_equal(json_parse(&root, memory, str_c(text), &JSON_LIMITS_OBJECT, NULL), OK);
	return root;
}

static struct label label_to(enum tlp tlp, const char *releasable, const char *community)
{
	struct label l = {.tlp = tlp};

	if (releasable)
		assert_int_equal(label_add_releasable(&l, str_c(releasable)), OK);
	if (community)
		assert_int_equal(label_add_community(&l, str_c(community)), OK);
	return l;
}

static const char *rule_of(const struct label *l, const struct reader *r, usec now)
{
	return policy_decide_type(l, STIX_TYPE_INDICATOR, r, OUTLET_PEER, now).rule;
}

static bool sees(const struct label *l, const struct reader *r)
{
	/* In full or under terms. */
	return policy_decide_type(l, STIX_TYPE_INDICATOR, r, OUTLET_PEER, 0).verdict !=
	       VERDICT_DENY;
}

static struct principal_node node(void)
{
	return principal_node(S("cz-csirt"), S(NODE_ID));
}

/* US-03: releasable to one peer by name; the others are told why not. */
static void a_peer_gets_what_names_it(void **state)
{
	struct principal_node self = node();
	struct reader mil, desk;
	struct label l = label_to(TLP_AMBER_STRICT, "milcert", NULL);

	(void)state;
	reader_of_peer(&mil, S("milcert"),
	    parsed("{\"state\":\"active\",\"identity\":\"" PEER_ID "\",\"ceiling\":\"TLP:RED\"}"),
	    &self);
	reader_of_peer(&desk, S("le-desk"),
	    parsed("{\"state\":\"active\",\"identity\":\"" NODE_ID "\",\"ceiling\":\"TLP:RED\"}"),
	    &self);
	assert_true(sees(&l, &mil));
	assert_string_equal(rule_of(&l, &desk, 0), "releasable.not-named");
	l = label_to(TLP_RED, PEER_ID, NULL);
	assert_true(sees(&l, &mil));
	l = label_to(TLP_RED, NULL, NULL);
	assert_string_equal(rule_of(&l, &mil, 0), "outside.no-audience");
}

static void a_peer_that_is_not_active_gets_nothing(void **state)
{
	struct principal_node self = node();
	static const char *const STATES[] = {"met", "cut", "", "ACTIVE"};
	struct label clear = {.tlp = TLP_CLEAR};
	struct reader r;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		char text[200];

		(void)snprintf(text, sizeof(text),
		    "{\"state\":\"%s\",\"identity\":\"" PEER_ID "\",\"ceiling\":\"TLP:RED\"}",
		    STATES[i]);
		reader_of_peer(&r, S("milcert"), parsed(text), &self);
		assert_string_equal(rule_of(&clear, &r, 0), "reader.no-clearance");
	}
}

static void communities_carry_their_types_level_and_time(void **state)
{
	struct principal_node self = node();
	struct label green = {.tlp = TLP_GREEN}, amber = label_to(TLP_AMBER, NULL, "csirt");
	yyjson_val *peer =
	    parsed("{\"state\":\"active\",\"identity\":\"" PEER_ID "\",\"ceiling\":\"TLP:RED\"}");
	struct reader r;

	(void)state;
	reader_of_peer(&r, S("milcert"), peer, &self);
	assert_string_equal(rule_of(&green, &r, 0), "outside.no-community");
	/* Others are in it; or this node has left it; or it ended. */
	reader_join_as_peer(&r, S("csirt"), parsed("{\"members\":[\"le-desk\"]}"));
	reader_join_as_peer(&r, S("csirt"), parsed("{\"members\":[\"milcert\"],\"own\":false}"));
	reader_join_as_peer(&r, S("csirt"), parsed("{\"members\":[\"milcert\"],\"removed\":true}"));
	reader_join_as_peer(
	    &r, S("csirt"), parsed("{\"members\":[\"milcert\"],\"expires\":\"some day\"}"));
	assert_int_equal(r.community_count, 0);
	reader_join_as_peer(&r, S("csirt"),
	    parsed("{\"members\":[\"milcert\"],\"ceiling\":\"TLP:AMBER\",\"types\":[\"indicator\"],"
	           "\"expires\":\"1970-01-01T00:00:10Z\"}"));
	assert_true(sees(&green, &r));
	assert_true(sees(&amber, &r));
	assert_string_equal(rule_of(&amber, &r, 10 * USEC_PER_SEC), "community.not-member");
	assert_string_equal(policy_decide_type(&amber, STIX_TYPE_MALWARE, &r, OUTLET_PEER, 0).rule,
	    "community.type");
	assert_string_equal(policy_decide(&amber, &r, OUTLET_PEER, 0).rule, "community.type");
	amber.tlp = TLP_RED;
	assert_string_equal(rule_of(&amber, &r, 0), "community.ceiling");
}

/* What the hub of a pillar says of itself in words: in, all but the hub only give; out, only the
 * hub gives; both, everybody does. */
static bool pillar_gives(const char *direction, bool sender_is_hub, bool reader_is_hub)
{
	if (strcmp(direction, "in") == 0)
		return reader_is_hub;
	if (strcmp(direction, "out") == 0)
		return sender_is_hub;
	return true;
}

/* D-28, P11: nothing goes through a pillar against its direction, whoever is its hub, to peers and
 * to guests; own people see what their node has. */
static void a_pillar_leads_where_it_says(void **state)
{
	static const char *const DIRECTIONS[] = {"in", "out", "both"};
	static const char *const HUBS[] = {
	    NODE_ID, PEER_ID, "identity--00000000-0000-4000-8000-000000000009"};
	struct principal_node self = node();
	struct label amber = label_to(TLP_AMBER, NULL, "pillar"), green = {.tlp = TLP_GREEN};
	struct reader peer, guest, own;
	char text[400];

	(void)state;
	for (size_t i = 0; i < 9; i++) {
		const char *direction = DIRECTIONS[i / 3], *hub = HUBS[i % 3];
		bool gives = pillar_gives(direction, i % 3 == 0, i % 3 == 1);
		yyjson_val *decision;

		(void)snprintf(text, sizeof(text),
		    "{\"kind\":\"pillar\",\"hub\":\"%s\",\"direction\":\"%s\",\"members\":"
		    "[\"milcert\"],\"types\":[\"indicator\"],\"ceiling\":\"TLP:AMBER\"}",
		    hub, direction);
		decision = parsed(text);
		reader_of_peer(&peer, S("milcert"),
		    parsed("{\"state\":\"active\",\"identity\":\"" PEER_ID
		           "\",\"ceiling\":\"TLP:RED\"}"),
		    &self);
		reader_join_as_peer(&peer, S("pillar"), decision);
		assert_int_equal(sees(&amber, &peer), gives);
		assert_int_equal(sees(&green, &peer), gives);
		if (!gives) {
			assert_string_equal(rule_of(&amber, &peer, 0), "community.one-way");
			assert_string_equal(rule_of(&green, &peer, 0), "outside.no-community");
		}
		reader_of_account(&guest, S("guest"),
		    parsed("{\"clearance\":\"TLP:RED\",\"organisation\":\"" PEER_ID
		           "\",\"communities\":[\"pillar\"]}"),
		    &self);
		reader_join_as_account(
		    &guest, S("pillar"), decision, parsed("{\"communities\":[\"pillar\"]}"));
		assert_int_equal(sees(&amber, &guest), gives);
		reader_of_account(&own, S("own"), parsed("{\"clearance\":\"TLP:RED\"}"), &self);
		reader_join_as_account(&own, S("pillar"), decision, parsed("{}"));
		assert_true(sees(&amber, &own));
	}
}

/* D-1, D-28, P11: what lacks what its kind must have is no community: a room without an end, a
 * pillar without a hub or without types. */
static void a_community_that_lacks_what_its_kind_must_have_is_none(void **state)
{
	static const struct {
		const char *decision;
		bool is;
	} CASES[] = {
	    {"{\"kind\":\"room\"}", false},
	    {"{\"kind\":\"room\",\"expires\":\"2030-01-01T00:00:00Z\"}", true},
	    {"{\"kind\":\"room\",\"expires\":\"never\"}", false},
	    {"{\"kind\":\"pillar\",\"types\":[\"indicator\"]}", false},
	    {"{\"kind\":\"pillar\",\"hub\":\"" NODE_ID "\"}", false},
	    {"{\"kind\":\"pillar\",\"hub\":\"us\",\"types\":[]}", false},
	    {"{\"kind\":\"pillar\",\"hub\":\"" NODE_ID "\",\"types\":[]}", true},
	    {"{\"kind\":\"pillar\",\"hub\":\"" NODE_ID "\",\"types\":[],\"direction\":\"up\"}",
	        false},
	    {"{\"kind\":\"club\"}", false},
	    {"{\"kind\":\"community\"}", true},
	    {"{}", true},
	};
	struct reader_community terms;

	(void)state;
	for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++)
		assert_int_equal(community_terms(&terms, parsed(CASES[i].decision)), CASES[i].is);
}

/* P6: victims are left out unless something else was decided; a word that is not known may mean
 * anything. Own accounts have no terms. */
static void communities_leave_out_victims_unless_they_say_otherwise(void **state)
{
	static const struct {
		const char *terms;
		uint32_t withheld;
	} CASES[] = {
	    {"{}", WITHHOLD_VICTIMS},
	    {"{\"anonymise\":[]}", 0},
	    {"{\"anonymise\":[\"Victims\"]}", WITHHOLD_VICTIMS},
	    {"{\"anonymise\":[\"victims\",\"faces\"]}", WITHHOLD_VICTIMS | WITHHOLD_UNKNOWN},
	    {"{\"anonymise\":[3]}", WITHHOLD_UNKNOWN},
	    {"{\"anonymise\":\"\"}", WITHHOLD_UNKNOWN},
	    {"{\"anonymise\":null}", WITHHOLD_UNKNOWN},
	};
	struct principal_node self = node();
	struct reader_community terms;
	struct reader r;

	(void)state;
	for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
		assert_true(community_terms(&terms, parsed(CASES[i].terms)));
		assert_int_equal(terms.withheld, CASES[i].withheld);
	}
	reader_of_account(&r, S("ann"), parsed("{}"), &self);
	reader_join_as_account(&r, S("csirt"), parsed("{}"), parsed("{}"));
	assert_int_equal(r.community_count, 1);
	assert_int_equal(r.communities[0].withheld, 0);
	reader_of_account(&r, S("gus"), parsed("{\"organisation\":\"acme\"}"), &self);
	reader_join_as_account(
	    &r, S("csirt"), parsed("{}"), parsed("{\"communities\":[\"csirt\"]}"));
	assert_int_equal(r.communities[0].withheld, WITHHOLD_VICTIMS);
}

static void own_accounts_are_of_the_node_and_guests_are_not(void **state)
{
	struct principal_node self = node();
	yyjson_val *own = parsed("{\"clearance\":\"TLP:AMBER,EU:S\"}");
	yyjson_val *guest = parsed("{\"clearance\":\"TLP:AMBER\",\"organisation\":\"acme\","
	                           "\"organisations\":[\"NL\"],\"communities\":[\"isac\"],"
	                           "\"tags\":[\"op-x\"]}");
	yyjson_val *isac = parsed("{\"members\":[],\"ceiling\":\"TLP:GREEN\"}");
	struct label l = label_to(TLP_AMBER, "cz-csirt", NULL),
	             in = label_to(TLP_AMBER, NULL, "isac");
	struct reader a, g;

	(void)state;
	reader_of_account(&a, S("ann"), own, &self);
	reader_of_account(&g, S("guest"), guest, &self);
	assert_true(a.own && !g.own);
	assert_int_equal(a.levels.eu, LEVEL_SECRET);
	assert_true(sees(&l, &a));
	assert_string_equal(rule_of(&l, &g, 0), "releasable.not-named");
	l = label_to(TLP_AMBER, "nl", NULL);
	assert_true(sees(&l, &g) && !sees(&l, &a));
	l = label_to(TLP_AMBER, "acme", NULL);
	assert_true(sees(&l, &g));
	/* What a node has through a community its own people see; a guest gets what is shared. */
	reader_join_as_account(&a, S("isac"), isac, own);
	reader_join_as_account(&g, S("isac"), isac, guest);
	assert_true(sees(&in, &a));
	assert_string_equal(rule_of(&in, &g, 0), "community.ceiling");
	in.tlp = TLP_GREEN;
	assert_true(sees(&in, &g));
	l = (struct label){.tlp = TLP_CLEAR};
	assert_int_equal(label_add_tag(&l, S("op-x")), OK);
	assert_true(sees(&l, &g));
	assert_string_equal(rule_of(&l, &a, 0), "need-to-know.missing");
}

/* G2: what is decided about a reader and cannot be read gives nothing. */
static void what_cannot_be_read_gives_nothing(void **state)
{
	struct principal_node none = principal_node(STR_NONE, S("identity--nonsense"));
	struct reader r;

	(void)state;
	assert_false(none.has_identity);
	reader_of_account(&r, S("x"), parsed("{\"clearance\":\"TLP:PINK\"}"), &none);
	assert_int_equal(r.clearance, TLP_CLEAR);
	reader_of_account(&r, S("x"),
	    parsed("{\"clearance\":7,\"organisations\":\"nl\",\"tags\":[1,null,\"a b\"],"
	           "\"organisation\":\"with space\"}"),
	    &none);
	assert_int_equal(r.clearance, TLP_CLEAR);
	assert_false(r.own);
	assert_int_equal(r.self_n + r.organisations.n + r.tags.n, 0);
	reader_of_peer(&r, S("p"), NULL, &none);
	assert_int_equal(r.clearance, TLP_NONE);
}

static int make_memory(void **state)
{
	(void)state;
	memory = arena_new(1 << 20);
	return 0;
}

static int free_memory(void **state)
{
	(void)state;
	arena_free(memory);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_peer_gets_what_names_it),
	    cmocka_unit_test(a_peer_that_is_not_active_gets_nothing),
	    cmocka_unit_test(communities_carry_their_types_level_and_time),
	    cmocka_unit_test(a_pillar_leads_where_it_says),
	    cmocka_unit_test(a_community_that_lacks_what_its_kind_must_have_is_none),
	    cmocka_unit_test(communities_leave_out_victims_unless_they_say_otherwise),
	    cmocka_unit_test(own_accounts_are_of_the_node_and_guests_are_not),
	    cmocka_unit_test(what_cannot_be_read_gives_nothing),
	};

	return cmocka_run_group_tests(tests, make_memory, free_memory);
}
