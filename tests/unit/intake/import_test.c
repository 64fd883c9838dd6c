/* SPDX-License-Identifier: Apache-2.0 */
#include "node.h"

#include "stix/object.h"
#include "stix/type.h"

#define INDICATOR(uuid, modified, value)                                                           \
	"{\"type\":\"indicator\",\"spec_version\":\"2.1\",\"id\":\"indicator--" uuid               \
	"\",\"created\":\"2026-01-01T00:00:00.000Z\",\"modified\":\"" modified                     \
	"\",\"pattern\":\"[domain-name:value = '" value "']\",\"pattern_type\":\"stix\","          \
	"\"valid_from\":\"2026-01-01T00:00:00Z\"}"
#define ONE "11111111-1111-4111-8111-111111111111"
#define TWO "22222222-2222-4222-8222-222222222222"

static const char GOOD[] = INDICATOR(ONE, "2026-01-01T00:00:00.000Z", "a.example");

static void says(const struct node *n, const char *part)
{
	if (!strstr(n->reply, part))
		print_message("reply: %s\n", n->reply);
	assert_non_null(strstr(n->reply, part));
}

static void good_objects_are_kept_and_bad_ones_named(void **state)
{
	static const char BUNDLE[] =
	    "{\"type\":\"bundle\",\"objects\":[" INDICATOR(ONE, "2026-01-01T00:00:00.000Z",
	        "a.example") ", {\"type\":\"indicator\"}, 7,"
	                     "{\"type\":\"indicator\",\"spec_version\":\"2.1\","
	                     "\"id\":\"indicator--" TWO "\"}]}";
	struct node n;
	uint64_t seq;

	(void)state;
	node_open(&n);
	node_import(&n, "{}", S(BUNDLE));
	assert_int_equal(n.status, OK);
	says(&n, "{\"total\":4,\"taken\":1,\"duplicates\":0,\"refused\":3,");
	says(&n, "objects.[1]");
	says(&n, "\"id\":\"indicator--" TWO "\"");
	seq = store_find(n.store, S("indicator--" ONE));
	assert_true(seq != STORE_NONE);
	/* The bytes are those that came. */
	assert_true(str_eq(store_content(n.store, seq), str_c(GOOD)));
	assert_int_equal(store_row(n.store, seq)->feed, 1);
	assert_int_equal(store_row(n.store, seq)->tag, STIX_TYPE_INDICATOR);
	node_close(&n);
}

static void the_same_again_is_a_duplicate_something_else_a_conflict(void **state)
{
	static const char SAME[] =
	    "{\"objects\":[ {\"id\":\"indicator--" ONE
	    "\",\"type\":\"indicator\",\"spec_version\":\"2.1\",\"created\":\"2026-01-01T00:00:00."
	    "000Z\","
	    "\"modified\":\"2026-01-01T00:00:00.000Z\",\"pattern\":\"[domain-name:value = "
	    "'a.example']\",\"pattern_type\":\"stix\",\"valid_from\":\"2026-01-01T00:00:00Z\"} ]}";
	static const char OTHER[] =
	    "{\"objects\":[" INDICATOR(ONE, "2026-01-01T00:00:00.000Z", "b.example") "]}";
	static const char NEWER[] =
	    "{\"objects\":[" INDICATOR(ONE, "2026-01-02T00:00:00.000Z", "b.example") "]}";
	struct node n;
	uint64_t size;

	(void)state;
	node_open(&n);
	node_import(&n, "{\"format\":\"lines\"}", str_c(GOOD));
	says(&n, "\"taken\":1");
	size = store_size(n.store);
	node_import(&n, "{\"detail\":true}", S(SAME));
	says(&n, "\"taken\":0,\"duplicates\":1,\"refused\":0");
	says(&n, "\"successes\":[{\"id\":\"indicator--" ONE
	         "\",\"version\":\"2026-01-01T00:00:00.000000Z\"}]");
	assert_int_equal(store_size(n.store), size);
	node_import(&n, "{}", S(OTHER));
	says(&n, "\"taken\":0,\"duplicates\":0,\"refused\":1");
	says(&n, "says something else");
	node_import(&n, "{}", S(NEWER));
	says(&n, "\"taken\":1,\"duplicates\":0,\"refused\":0");
	node_close(&n);
}

static void what_is_here_joins_another_feed_once(void **state)
{
	struct node n;
	uint64_t size;

	(void)state;
	node_open(&n);
	node_import(&n, "{\"format\":\"lines\"}", str_c(GOOD));
	size = store_size(n.store);
	node_import(&n, "{\"format\":\"lines\",\"feed\":7}", str_c(GOOD));
	says(&n, "\"duplicates\":1");
	assert_int_equal(store_size(n.store), size + 1);
	assert_int_equal(store_row(n.store, size)->kind, RECORD_MEMBER);
	assert_int_equal(store_row(n.store, size)->feed, 7);
	node_import(&n, "{\"format\":\"lines\",\"feed\":7}", str_c(GOOD));
	assert_int_equal(store_size(n.store), size + 1);
	node_close(&n);
}

/* P6, US-02: what people paste, defanged, becomes indicators; the same list twice is the same. */
static void lists_become_indicators_and_are_idempotent(void **state)
{
	static const char LIST[] = "# from a mail\n"
	                           "hxxps://evil[.]example/gate.php  # the gate\n"
	                           "198.51.100[.]7\r\n"
	                           "\n"
	                           "not an indicator at all\n"
	                           "44d88612fea8a8f36de82e1278abb02f\n"
	                           "198.51.100.7\n";
	struct node n;
	uint64_t size;

	(void)state;
	node_open(&n);
	node_import(&n, "{\"label\":\"TLP:GREEN\",\"source\":\"mail\"}", S(LIST));
	says(&n, "\"total\":5,\"taken\":3,\"duplicates\":1,\"refused\":1");
	says(&n, "line 5");
	size = store_size(n.store);
	n.now += 3600 * USEC_PER_SEC;
	node_import(&n, "{\"label\":\"TLP:GREEN\",\"source\":\"mail\"}", S(LIST));
	says(&n, "\"total\":5,\"taken\":0,\"duplicates\":4,\"refused\":1");
	assert_int_equal(store_size(n.store), size);
	node_close(&n);
}

static void csv_columns_are_mapped_and_refusals_name_line_and_column(void **state)
{
	static const char CSV[] =
	    "value;type;valid_from;valid_until;confidence;labels;description;comment\n"
	    "evil.example;domain;2026-01-01;;;;;\n"
	    "evil.example;domain;2026-01-01T00:00:00Z;2027-01-01T00:00:00Z;80;c2,apt;\"a; b\";x\n"
	    "evil.example;ipv4;;;;;;\n"
	    "203.0.113.9;;;;101;;;\n"
	    "203.0.113.10;;2027-01-01T00:00:00Z;2026-01-01T00:00:00Z;;;;\n";
	struct node n;
	uint64_t seq = STORE_NONE;
	struct str json;

	(void)state;
	node_open(&n);
	node_import(&n, "{}", S(CSV));
	says(&n, "\"total\":5,\"taken\":1,\"duplicates\":0,\"refused\":4");
	says(&n, "line 2: valid_from");
	says(&n, "line 4: value: not of the type ipv4");
	says(&n, "line 5: confidence");
	says(&n, "line 6: valid_until");
	for (uint64_t i = 0; i < store_size(n.store); i++)
		if (store_row(n.store, i)->tag == STIX_TYPE_INDICATOR)
			seq = i;
	assert_true(seq != STORE_NONE);
	json = store_content(n.store, seq);
	assert_true(str_search(json, S("\"labels\":[\"c2\",\"apt\"]")) < json.n);
	assert_true(str_search(json, S("\"confidence\":80")) < json.n);
	assert_true(str_search(json, S("\"description\":\"a; b\"")) < json.n);
	assert_true(
	    str_search(json, S("\"valid_until\":\"2027-01-01T00:00:00.000000Z\"")) < json.n);
	node_close(&n);
}

static void what_is_no_submission_is_one_clear_error(void **state)
{
	static const struct {
		const char *args, *text, *says;
	} ROWS[] = {
	    {"{\"format\":\"stix\"}", "{\"type\":\"course-of-action\"}", "objects"},
	    {"{\"format\":\"csv\"}", "a,b\n1,2\n", "line 1: the header of a CSV file"},
	    {"{\"format\":\"xml\"}", "x", "format: must be"},
	    {"{\"label\":\"TLP:PINK\"}", "x", "label: must be"},
	    {"{\"source\":\"a b\"}", "x", "source: must be"},
	    {"{}", "", "empty"},
	};
	struct node n;

	(void)state;
	node_open(&n);
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		node_import(&n, ROWS[i].args, str_c(ROWS[i].text));
		assert_int_not_equal(n.status, OK);
		says(&n, ROWS[i].says);
	}
	node_close(&n);
}

static void a_bundle_cut_short_keeps_what_was_whole(void **state)
{
	static const char CUT[] =
	    "{\"objects\":[" INDICATOR(ONE, "2026-01-01T00:00:00.000Z", "a.example") "," INDICATOR(
	        TWO, "2026-01-01T00:00:00.000Z", "a.example") ",{\"type\":\"i";
	struct node n;

	(void)state;
	node_open(&n);
	node_import(&n, "{}", S(CUT));
	says(&n, "\"total\":3,\"taken\":2,\"duplicates\":0,\"refused\":1");
	node_close(&n);
}

static void large_files_come_in_batches(void **state)
{
	enum { MANY = 5000 };
	struct buf text;
	struct node n;

	(void)state;
	buf_init(&text, 64 << 20);
	buf_put(&text, S("value\n"));
	for (int i = 0; i < MANY; i++)
		buf_printf(&text, "d%d.example\n", i);
	node_open(&n);
	node_import(&n, "{}", buf_str(&text));
	says(&n, "\"total\":5000,\"taken\":5000,\"duplicates\":0,\"refused\":0");
	node_import(&n, "{}", buf_str(&text));
	says(&n, "\"total\":5000,\"taken\":0,\"duplicates\":5000,\"refused\":0");
	node_close(&n);
	buf_free(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(good_objects_are_kept_and_bad_ones_named),
	    cmocka_unit_test(the_same_again_is_a_duplicate_something_else_a_conflict),
	    cmocka_unit_test(what_is_here_joins_another_feed_once),
	    cmocka_unit_test(lists_become_indicators_and_are_idempotent),
	    cmocka_unit_test(csv_columns_are_mapped_and_refusals_name_line_and_column),
	    cmocka_unit_test(what_is_no_submission_is_one_clear_error),
	    cmocka_unit_test(a_bundle_cut_short_keeps_what_was_whole),
	    cmocka_unit_test(large_files_come_in_batches),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
