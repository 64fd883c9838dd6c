/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <string.h>

#include "sys/config.h"

#define LEAST                                                                                      \
	"[node]\nname = N\nidentity = identity--8c6ac30f-6d63-4288-9561-4fc9d90413ac\n"            \
	"[ledger]\norigin = example/1\n"

static enum err parse(struct config *out, struct arena *arena, const char *text, struct fault *f)
{
	return config_parse(out, arena, str_c(text), "n/tocsin.conf", f);
}

static void what_is_left_out_has_its_default(void **state)
{
	struct arena *arena = arena_new(1 << 20);
	struct config c;
	struct fault fault;

	(void)state;
	assert_int_equal(parse(&c, arena, LEAST "[source a]\nkind=eve\npath=/x\n", &fault), OK);
	assert_true(str_eq(c.listen, S("127.0.0.1:8443")));
	assert_int_equal(c.body_max, 100 << 20);
	assert_int_equal(c.role_timeout, 60);
	assert_int_equal(c.source_count, 1);
	assert_true(str_eq(c.sources[0].name, S("a")));
	assert_true(str_eq(c.sources[0].label, S("TLP:AMBER")));
	assert_int_equal(c.sources[0].trust, 50);
	arena_free(arena);
}

/* Bad input: wrong configuration names file, line and key. */
static void every_mistake_is_named_with_file_line_and_key(void **state)
{
	static const struct {
		const char *text;
		enum err rc;
		const char *says;
	} rows[] = {
	    {"name = x\n", ERR_PARSE, "n/tocsin.conf:1: a key before"},
	    {"[node]\nnaem = x\n", ERR_INVALID, "n/tocsin.conf:2: naem: no such key in [node]"},
	    {"[node]\nname\n", ERR_PARSE, "n/tocsin.conf:2: a line is `key = value`"},
	    {"[node]\nname = x\nname = y\n", ERR_INVALID, "n/tocsin.conf:3: name: is given twice"},
	    {"[nod]\n", ERR_INVALID, "n/tocsin.conf:1: unknown section"},
	    {"[node\n", ERR_PARSE, "n/tocsin.conf:1: a section is written [name]"},
	    {"[serve]\nlisten = 8443\n", ERR_INVALID, "n/tocsin.conf:2: listen: must be ADDRESS"},
	    {"[serve]\nlisten = a:99999\n", ERR_INVALID, "n/tocsin.conf:2: listen: "},
	    {"[serve]\nbody_max = many\n", ERR_INVALID, "n/tocsin.conf:2: body_max: must be a"},
	    {"[serve]\nbody_max = 99999999999G\n", ERR_INVALID, "n/tocsin.conf:2: body_max: "},
	    {"[serve]\nconnections = 0\n", ERR_INVALID, "must be 1 to 100000, is 0"},
	    {"[source a b]\n", ERR_INVALID, "n/tocsin.conf:1: [source NAME]"},
	    {"[source ../x]\n", ERR_INVALID, "n/tocsin.conf:1: [source NAME]"},
	    {"[source a]\nkind = eve\npath = /x\n[source a]\n", ERR_CONFLICT, "at line 1"},
	    {"[source a]\nkind = pcap\n", ERR_INVALID, "n/tocsin.conf:2: kind: must be one of"},
	    {"[source a]\nkind = eve\npath = x/y\n", ERR_INVALID, "path: must be an absolute path"},
	    {"[source a]\nkind = eve\n\n\n[node]\n", ERR_INVALID, "n/tocsin.conf:1: [source]: "},
	    {LEAST "[retention]\nindicator = 36501\n", ERR_INVALID, "must be 0 to 36500 days"},
	    {LEAST "[retention]\nnote = 1\nnote = 2\n", ERR_INVALID, "is given twice"},
	    {"[node]\nname = x\n", ERR_INVALID, "the key identity is missing"},
	    {"[node]\nname = a\x01z\n", ERR_PARSE, "n/tocsin.conf:2: a control character"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct arena *arena = arena_new(1 << 20);
		struct config c = {.connections = 77};
		struct fault fault = {0};

		assert_int_equal(parse(&c, arena, rows[i].text, &fault), rows[i].rc);
		if (!strstr(fault.text, rows[i].says))
			assert_string_equal(fault.text, rows[i].says);
		assert_int_equal(c.connections, 77);
		arena_free(arena);
	}
}

static void the_normal_form_parses_to_itself(void **state)
{
	struct arena *arena = arena_new(4 << 20);
	struct config c;
	struct config again;
	struct buf one;
	struct buf two;
	struct fault fault;

	(void)state;
	assert_int_equal(parse(&c, arena,
	                     "# a remark\r\n" LEAST "[serve]\nbody_max = 1025K\n"
	                     "[source x.y-Z_9]\n kind=eve\n\tpath\t=\t/a b/c = d \n"
	                     "label = tlp:red\nhistory = no\n[retention]\nindicator = 30\n"
	                     "apply = daily\nhistory = 90\n",
	                     &fault),
	    OK);
	assert_true(str_eq(c.sources[0].path, S("/a b/c = d")));
	assert_true(str_eq(c.sources[0].label, S("TLP:RED")));
	buf_init(&one, 1 << 16);
	buf_init(&two, 1 << 16);
	config_print(&c, &one);
	assert_int_equal(config_parse(&again, arena, buf_str(&one), "x", &fault), OK);
	config_print(&again, &two);
	assert_true(str_eq(buf_str(&one), buf_str(&two)));
	assert_int_equal(again.retention_count, 1);
	assert_int_equal(again.retentions[0].days, 30);
	assert_int_equal(again.retention_history, 90);
	assert_true(str_eq(again.sources[0].history, S("no")));
	assert_int_equal(again.body_max, 1025 << 10);
	buf_free(&one);
	buf_free(&two);
	arena_free(arena);
}

static void no_more_sources_than_the_limit(void **state)
{
	struct arena *arena = arena_new(8 << 20);
	struct config c;
	struct fault fault;
	struct buf text;

	(void)state;
	buf_init(&text, 1 << 20);
	buf_put(&text, S(LEAST));
	for (int i = 0; i <= CONFIG_SOURCES_MAX; i++)
		buf_printf(&text, "[source s%d]\nkind = eve\npath = /s%d\n", i, i);
	assert_int_equal(config_parse(&c, arena, buf_str(&text), "f", &fault), ERR_LIMIT);
	assert_non_null(strstr(fault.text, "256"));
	buf_free(&text);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_left_out_has_its_default),
	    cmocka_unit_test(every_mistake_is_named_with_file_line_and_key),
	    cmocka_unit_test(the_normal_form_parses_to_itself),
	    cmocka_unit_test(no_more_sources_than_the_limit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
