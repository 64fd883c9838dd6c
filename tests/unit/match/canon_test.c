/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <string.h>

#include "match/canon.h"

static const char *const TEXTS[] = {
    "192.0.2.1",
    "0.0.0.0",
    "255.255.255.255",
    "256.1.1.1",
    "1.2.3",
    "01.2.3.4",
    "1.2.3.4.5",
    "1..2.3",
    "192.0.2.1 ",
    "2001:db8::1",
    "2001:0db8:0000:0000:0000:0000:0000:0001",
    "2001:0DB8:0000:0000:0000:0000:0000:00Aa",
    "2001:0db8:0000:0000:0000:0000:0000:000g",
    "::ffff:192.0.2.1",
    "::",
    ":::",
    "fe80::1%eth0",
    "2001:db8::/32",
    "www.Example.COM",
    "example.com.",
    "a_b.example",
    "xn--bcher-kva.example",
    "stra\303\237e.example",
    "a b.example",
    "",
    "User@Example.com",
    "no-at.example",
    "http://Example.com:80/A?b#c",
    "https://example.com",
    "http://[2001:db8::1]:8080/",
    "/relative",
    "44d88612fea8a8f36de82e1278abb02f",
    "44D88612FEA8A8F36DE82E1278ABB02F",
    "44d88612fea8a8f36de82e1278abb02g",
    "3395856ce81f2b7382dee72602f798b642f14140",
    "275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f",
    "2d:d1:9f:80:99:86:fc:ac:5f:2a:2a:fd:a3:f3:7e:96:7c:dd:24:37",
    "2d:d1:9f:80:99:86:fc:ac:5f:2a:2a:fd:a3:f3:7e:96",
    "2d-d1:9f:80:99:86:fc:ac:5f:2a:2a:fd:a3:f3:7e:96:7c:dd:24:37",
    "t13d1516h2_8daaf6152771_e5627efa2ab1",
    "Mozilla/5.0 (X11; Linux x86_64)",
};

enum { TEXT_COUNT = sizeof(TEXTS) / sizeof(TEXTS[0]), ROOM = 256 };

/* What the book takes, the short ways take with the same result. */
static void hold_together(enum term_kind kind, struct str text, struct arena *arena)
{
	char room[ROOM + 16], slacked[ROOM + CANON_SLACK];
	struct term quick = {0}, book = {0};
	enum err quick_rc, book_rc;

	memset(slacked, '1', sizeof(slacked));
	if (text.n)
		memcpy(slacked, text.p, text.n);
	quick_rc = canon_term(&quick, kind, (struct str){slacked, text.n}, room, arena);
	book_rc = term_canonical(&book, arena, kind, text);
	/* An event's address field holds either kind, and no network. */
	if (kind == TERM_IPV4 && book_rc != OK)
		book_rc = term_canonical(&book, arena, TERM_IPV6, text);
	/* And its certificate field any digest. */
	if (kind == TERM_CERT_SHA1 && book_rc != OK)
		book_rc = term_canonical(&book, arena, TERM_CERT_SHA256, text);
	if (kind == TERM_CERT_SHA1 && book_rc != OK)
		book_rc = term_canonical(&book, arena, TERM_CERT_MD5, text);
	if (kind == TERM_IPV4 && str_find(text, '/') != text.n)
		book_rc = ERR_INVALID;
	if (book_rc != OK) {
		/* Names that no indicator can have may pass: they find nothing. */
		assert_true(quick_rc != OK || kind == TERM_DOMAIN);
		return;
	}
	assert_int_equal(quick_rc, OK);
	assert_int_equal(quick.kind, book.kind);
	assert_int_equal(quick.prefix, book.prefix);
	assert_true(str_eq(quick.value, book.value));
}

/* Fields stand for these by another kind. */
static bool is_asked_for(int kind)
{
	return kind != TERM_IPV6 && kind != TERM_CERT_MD5 && kind != TERM_CERT_SHA256;
}

static void short_ways_give_the_canonical_form(void **state)
{
	struct arena *arena = arena_new(1 << 20);

	(void)state;
	for (size_t i = 0; i < TEXT_COUNT; i++)
		for (int kind = 0; kind < TERM_KINDS; kind++)
			if (is_asked_for(kind))
				hold_together((enum term_kind)kind, str_c(TEXTS[i]), arena);
	arena_free(arena);
}

static void short_ways_give_the_canonical_form_of_mutated_values(void **state)
{
	static const char BYTES[] = "0123456789abcdefABCXYZxyz.:-_/@%#? \x80[]";
	struct arena *arena = arena_new(1 << 20);
	uint64_t random = 77;
	char text[ROOM];

	(void)state;
	for (int round = 0; round < 40000; round++) {
		const char *base = TEXTS[round % TEXT_COUNT];
		size_t n = strlen(base);
		int kind = round / TEXT_COUNT % TERM_KINDS;

		memcpy(text, base, n);
		for (int change = 0; n && change < round % 3; change++) {
			random = random * UINT64_C(6364136223846793005) + 1442695040888963407U;
			text[(random >> 33) % n] = BYTES[(random >> 20) % (sizeof(BYTES) - 1)];
		}
		if (is_asked_for(kind))
			hold_together((enum term_kind)kind, (struct str){text, n}, arena);
	}
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(short_ways_give_the_canonical_form),
	    cmocka_unit_test(short_ways_give_the_canonical_form_of_mutated_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
