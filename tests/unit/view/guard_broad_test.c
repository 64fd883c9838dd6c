/* SPDX-License-Identifier: Apache-2.0 */
/* Which patterns would be true of nearly every event. G12 */
#include "test.h"

#include "view/guard/broad.h"

static void check(const char *pattern, bool broad)
{
	struct arena *arena = arena_new(1 << 20);

	if (guard_is_broad(NULL, arena, str_c(pattern)) != broad)
		print_error("%s\n", pattern);
	assert_int_equal(guard_is_broad(NULL, arena, str_c(pattern)), broad);
	arena_free(arena);
}

static void nothing_that_narrows_is_broad(void **state)
{
	(void)state;
	check("[domain-name:value LIKE '%']", true);
	check("[domain-name:value LIKE '%.com']", true);
	check("[url:value LIKE 'http%']", true);
	check("[domain-name:value MATCHES '.*']", true);
	check("[url:value MATCHES '^https?://']", true);
	check("[domain-name:value MATCHES '(evil|[a-z]+)\\\\.']", true);
	check("[domain-name:value != 'evil.example']", true);
	check("[domain-name:value NOT = 'evil.example']", true);
	check("[network-traffic:dst_port = 443]", true);
	check("[network-traffic:protocols[*] = 'tcp' AND network-traffic:dst_port > 0]", true);
	check("[EXISTS url:value]", true);
	check("[file:size > 1000]", true);
	check("[file:name LIKE '%.exe']", true);
	check("[ipv4-addr:value = '8.8.8.8' AND network-traffic:dst_port = 53]", true);
	check("[ipv4-addr:value ISSUBSET '0.0.0.0/1' AND network-traffic:dst_port = 53]", true);
	check("[domain-name:value IN ('evil.example', 'com') AND network-traffic:dst_port = 1]",
	    true);
	check("[domain-name:value = 'evil.example' AND network-traffic:dst_port = 1 OR url:value "
	      "LIKE '%']",
	    true);
	check("[domain-name:value = 'evil.example'] OR [network-traffic:dst_port = 80]", true);
	check("[network-traffic:dst_port = 443] FOLLOWEDBY [network-traffic:dst_port = 80]", true);
}

static void one_part_that_narrows_is_enough(void **state)
{
	(void)state;
	check("[domain-name:value = 'evil.example' AND network-traffic:dst_port = 443]", false);
	check("[domain-name:value LIKE '%.evil.example']", false);
	check("[url:value LIKE '%/gate.php?id=%']", false);
	check("[domain-name:value MATCHES '^[a-z]{8}\\\\.evil\\\\.example$']", false);
	check("[ipv4-addr:value ISSUBSET '45.9.0.0/16' AND network-traffic:dst_port = 443]", false);
	check("[domain-name:value = 'first.example'] AND [network-traffic:dst_port = 4444]", false);
	check("[network-traffic:dst_port = 443] FOLLOWEDBY [file:name = 'mimikatz.exe']", false);
	check("[network-traffic:dst_port = 22] REPEATS 100 TIMES WITHIN 60 SECONDS", false);
	check("[process:command_line LIKE '%-enc SQBFAFgA%']", false);
	check("[file:name = 'evil.dll' OR file:name = 'worse.dll']", false);
	check("not a pattern", false);
	check("[NOT domain-name:value = 'evil.example']", false);
	check("[domain-name:value = 'evil.example'", false);
	check("[x:y MATCHES '(((']", false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(nothing_that_narrows_is_broad),
	    cmocka_unit_test(one_part_that_narrows_is_enough),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
