/* SPDX-License-Identifier: Apache-2.0 */
/* Which values are not matched unseen. G12, T-F5 */
#include "test.h"

#include <string.h>

#include "policy/guard.h"

/* "" when nothing speaks against it, else a word of the reason. */
static void check(const char *pattern, const char *word)
{
	struct arena *arena = arena_new(1 << 20);
	struct term_list terms;
	const char *why = NULL;
	enum guard_class class;

	assert_int_equal(equality_terms(&terms, arena, str_c(pattern), NULL), OK);
	assert_true(terms.count > 0);
	for (size_t i = 0; i < terms.count && !why; i++)
		why = guard_refuses(&terms.list[i], &class);
	if (!*word) {
		assert_null(why);
	} else {
		assert_non_null(why);
		assert_non_null(strstr(why, word));
	}
	arena_free(arena);
}

static void networks_that_are_too_wide_reserved_or_well_known(void **state)
{
	(void)state;
	check("[ipv4-addr:value = '0.0.0.0/0']", "too many");
	check("[ipv4-addr:value = '45.0.0.0/11']", "too many");
	check("[ipv4-addr:value = '45.0.0.0/12']", "");
	check("[ipv4-addr:value = '10.0.0.0/8']", "too many");
	check("[ipv4-addr:value = '10.1.2.3']", "private");
	check("[ipv4-addr:value = '172.31.255.255']", "private");
	check("[ipv4-addr:value = '172.32.0.0']", "");
	check("[ipv4-addr:value = '100.64.0.1']", "private");
	check("[ipv4-addr:value = '100.128.0.1']", "");
	check("[ipv4-addr:value = '192.160.0.0/12']", "holds");
	check("[ipv4-addr:value = '127.0.0.1']", "itself");
	check("[ipv4-addr:value = '169.254.169.254']", "link-local");
	check("[ipv4-addr:value = '224.0.0.251']", "multicast");
	check("[ipv4-addr:value = '255.255.255.255']", "reserved");
	check("[ipv4-addr:value = '1.1.1.1']", "name server");
	check("[ipv4-addr:value = '1.1.1.0/24']", "holds");
	check("[ipv4-addr:value = '1.1.1.2']", "");
	check("[ipv4-addr:value = '198.51.100.3']", "");
	check("[ipv6-addr:value = '::/0']", "too many");
	check("[ipv6-addr:value = '2a00::/28']", "too many");
	check("[ipv6-addr:value = '2a00::/29']", "");
	check("[ipv6-addr:value = '::1']", "reserved");
	check("[ipv6-addr:value = 'fd00::1']", "private");
	check("[ipv6-addr:value = 'fe80::1']", "link-local");
	check("[ipv6-addr:value = 'ff02::fb']", "multicast");
	check("[ipv6-addr:value = '2001:4860:4860::8888']", "name server");
	check("[ipv6-addr:value = '2606:4700:4700::/48']", "holds");
	check("[ipv6-addr:value = '2620:fe::a']", "");
}

static void names_above_many_owners_or_of_everybody(void **state)
{
	(void)state;
	check("[domain-name:value = 'com']", "one label");
	check("[domain-name:value = 'localhost']", "one label");
	check("[domain-name:value = 'CO.UK']", "public suffix");
	check("[domain-name:value = 'com.au']", "public suffix");
	check("[domain-name:value = 'evil.co.uk']", "");
	check("[domain-name:value = 'evil.uk']", "");
	check("[domain-name:value = 'github.io']", "public suffix");
	check("[domain-name:value = 'evil.github.io']", "");
	check("[domain-name:value = '1.0.0.127.in-addr.arpa']", "technical");
	check("[domain-name:value = 'printer.local']", "local");
	check("[domain-name:value = 'microsoft.com']", "everybody");
	check("[domain-name:value = 'www.google.com']", "everybody");
	check("[domain-name:value = 'microsoft.com.evil.example']", "");
	check("[url:value = 'https://www.google.com/']", "everybody");
	check("[url:value = 'https://www.google.com']", "everybody");
	check("[url:value = 'http://intranet/']", "one label");
	check("[url:value = 'https://github.com/evil/tool.zip']", "");
	check("[url:value = 'http://[2001:db8::1]/']", "");
	check("[domain-name:value = 'good.example' OR domain-name:value = 'org']", "one label");
}

static void hashes_of_files_that_are_everywhere(void **state)
{
	(void)state;
	check("[file:hashes.MD5 = 'd41d8cd98f00b204e9800998ecf8427e']", "empty");
	check("[file:hashes.'SHA-1' = 'DA39A3EE5E6B4B0D3255BFEF95601890AFD80709']", "empty");
	check("[file:hashes.'SHA-256' = "
	      "'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855']",
	    "empty");
	check("[file:hashes.'SHA-512' = "
	      "'cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"
	      "47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e']",
	    "empty");
	check("[file:hashes.MD5 = '68b329da9893e34099c7d8ad5cb9c940']", "trivial");
	check("[file:hashes.MD5 = 'd41d8cd98f00b204e9800998ecf8427f']", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(networks_that_are_too_wide_reserved_or_well_known),
	    cmocka_unit_test(names_above_many_owners_or_of_everybody),
	    cmocka_unit_test(hashes_of_files_that_are_everywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
