/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include <string.h>

#include "codec/mime.h"

static struct arena *arena;

static int open_arena(void **state)
{
	(void)state;
	arena = arena_new(8 << 20);
	return 0;
}

static int close_arena(void **state)
{
	(void)state;
	arena_free(arena);
	return 0;
}

static struct mime reads(const char *text)
{
	struct mime m;

	assert_int_equal(mime_read(&m, arena, str_c(text), NULL), OK);
	return m;
}

static void refuses(const char *text)
{
	struct mime m;

	assert_int_not_equal(mime_read(&m, arena, str_c(text), NULL), OK);
}

static void is(struct str s, const char *text)
{
	assert_string_equal(arena_str(arena, s).p, text);
}

/* RFC 2045: comments, folded lines, quoted texts and names of either case. */
static void a_header_is_read_as_the_standard_writes_it(void **state)
{
	struct mime m =
	    reads("Subject: =?utf-8?q?x?=\r\nCONTENT-TYPE: Multipart/Signed (why; \\) "
	          "not);\r\n\tboundary=\"a \\\"b\" ;\r\n protocol=application/x;\r\n"
	          " Other=1\r\nContent-Transfer-Encoding: BASE64 (c)\r\n"
	          "Content-Disposition: attachment; filename=\"o.json\"\r\n\r\nbody\r\n");

	(void)state;
	is(m.type, "multipart/signed");
	is(m.boundary, "a \"b");
	is(m.protocol, "application/x");
	is(m.encoding, "base64");
	is(m.name, "o.json");
	is(m.body, "body\r\n");
	m = reads("From x Sat Nov 28\nSubject: y\n\nbody");
	is(m.type, "text/plain");
	is(m.encoding, "7bit");
	is(m.body, "body");
	m = reads("\nonly a body");
	is(m.body, "only a body");
}

/* Where two readers could understand two things, nothing is read. */
static void what_can_be_read_in_two_ways_is_refused(void **state)
{
	(void)state;
	refuses("Subject: no end");
	refuses("no colon\n\n");
	refuses("Content-Type: text/plain\nContent-Type: text/html\n\n");
	refuses("Content-Transfer-Encoding: 7bit\nContent-Transfer-Encoding: base64\n\n");
	refuses("Content-Type: multipart/mixed; boundary=a; boundary=b\n\n");
	refuses("Content-Type: text/plain; name=\"without end\n\n");
	refuses("Content-Type: text/plain (without end\n\n");
	refuses("Content-Type: text/plain; name\n\n");
	refuses("Content-Type: \n\n");
}

static void a_header_has_a_limit(void **state)
{
	char *text = arena_alloc(arena, MIME_HEAD_MAX + 64);
	struct mime m;
	size_t n = 0;

	(void)state;
	while (n < MIME_HEAD_MAX + 16) {
		memcpy(text + n, "A: b\r\n", 6);
		n += 6;
	}
	memcpy(text + n, "\r\n", 2);
	assert_int_equal(mime_read(&m, arena, (struct str){text, n + 2}, NULL), ERR_LIMIT);
}

/* RFC 2046, 5.1.1: the line end before a boundary is the boundary's. */
static void parts_keep_their_bytes(void **state)
{
	struct mime m =
	    reads("Content-Type: multipart/mixed; boundary=b\r\n\r\npreamble\r\n--b \r\n"
	          "A: 1\r\n\r\none\r\n\r\n--b\r\n--bb\r\ntwo\r\n--b--  \r\nepilogue\r\n--b\r\n");
	struct mime_parts parts;
	struct str part;

	(void)state;
	assert_int_equal(mime_parts(&parts, &m, NULL), OK);
	assert_int_equal(mime_part(&parts, &part, NULL), OK);
	is(part, "A: 1\r\n\r\none\r\n");
	assert_int_equal(mime_part(&parts, &part, NULL), OK);
	is(part, "--bb\r\ntwo");
	assert_int_equal(mime_part(&parts, &part, NULL), ERR_NOT_FOUND);
	m = reads("Content-Type: multipart/mixed; boundary=b\n\n--b\ncut short");
	assert_int_equal(mime_parts(&parts, &m, NULL), OK);
	assert_int_equal(mime_part(&parts, &part, NULL), ERR_PARSE);
	m = reads("Content-Type: multipart/mixed\n\n--b\n");
	assert_int_not_equal(mime_parts(&parts, &m, NULL), OK);
}

static void decodes(const char *encoding, const char *body, const char *as)
{
	struct mime m = {.encoding = str_c(encoding), .body = str_c(body)};
	struct str out;

	if (!as) {
		assert_int_not_equal(mime_decode(&out, arena, &m, NULL), OK);
		return;
	}
	assert_int_equal(mime_decode(&out, arena, &m, NULL), OK);
	is(out, as);
}

static void encodings_are_undone(void **state)
{
	(void)state;
	decodes("7bit", "a=3D\r\n", "a=3D\r\n");
	decodes("binary", "x", "x");
	decodes("base64", "aGVs\r\nbG8=\r\n", "hello");
	decodes("base64", "", "");
	decodes("base64", "aGVsbG8", NULL);
	decodes("base64", "aGV!bG8=", NULL);
	decodes("quoted-printable", "caf=C3=A9 =\r\nau lait  \r\nend", "caf\xc3\xa9 au lait\nend");
	decodes("quoted-printable", "=zz", NULL);
	decodes("quoted-printable", "=4", NULL);
	decodes("x-uuencode", "x", NULL);
}

static void the_signed_form_has_whole_line_ends(void **state)
{
	struct str text;

	(void)state;
	assert_int_equal(mime_canonical(&text, arena, S("a\nb\r\n\nc\rd")), OK);
	is(text, "a\r\nb\r\n\r\nc\rd");
}

static enum err finds(const char *text, const char *as)
{
	struct str found;
	enum err rc = mime_find_json(&found, arena, str_c(text), NULL);

	if (rc == OK && as)
		is(found, as);
	return rc;
}

#define MIXED "Content-Type: multipart/mixed; boundary=b\n\n--b\n"

static void the_one_json_file_is_found_wherever_it_is(void **state)
{
	(void)state;
	assert_int_equal(finds("Content-Type: application/stix+json;version=2.1\n\n{}", "{}"), OK);
	assert_int_equal(
	    finds(MIXED "\ntext\n--b\nContent-Type: application/octet-stream; name=\"a.JSON\"\n\n{ "
	                "}\n--b--\n",
	        "{ }"),
	    OK);
	assert_int_equal(
	    finds(MIXED
	        "Content-Type: multipart/alternative; boundary=c\n\n--c\n\nx\n--c\n\ny\n--c--\n"
	        "--b\nContent-Type: application/json\nContent-Transfer-Encoding: base64\n\ne30=\n"
	        "--b--\n",
	        "{}"),
	    OK);
	assert_int_equal(finds(MIXED "\ntext\n--b--\n", NULL), ERR_NOT_FOUND);
	assert_int_equal(finds(MIXED "Content-Type: application/json\n\n{}\n--b\nContent-Type: "
	                             "application/json\n\n{}\n--b--\n",
	                     NULL),
	    ERR_CONFLICT);
}

static void depth_and_number_of_parts_have_a_limit(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 1 << 20);
	for (int i = 0; i < MIME_DEPTH_MAX + 1; i++)
		buf_printf(&b, "Content-Type: multipart/mixed; boundary=b%d.\n\n--b%d.\n", i, i);
	buf_printf(&b, "\nx\n");
	for (int i = MIME_DEPTH_MAX; i >= 0; i--)
		buf_printf(&b, "--b%d.--\n", i);
	buf_byte(&b, '\0');
	assert_int_equal(finds(b.p, NULL), ERR_LIMIT);
	buf_reset(&b);
	buf_printf(&b, MIXED);
	for (int i = 0; i < MIME_PARTS_MAX + 1; i++)
		buf_printf(&b, "\nx\n--b\n");
	buf_printf(&b, "\nx\n--b--\n");
	buf_byte(&b, '\0');
	assert_int_equal(finds(b.p, NULL), ERR_LIMIT);
	buf_free(&b);
}

/* What is written is read back, and fits through every relay. */
static void a_mail_is_the_same_after_writing(void **state)
{
	const struct mail head = {.from = S("cert@node.example"),
	    .to = S("soc@acme.example"),
	    .subject = S("Information"),
	    .id = S("1@node.example"),
	    .date = INT64_C(1795849456000000)};
	struct buf first, second, mixed, mail, lines;
	struct mime_parts parts;
	struct str part, found;
	struct mime m;

	(void)state;
	buf_init(&first, 1 << 20);
	buf_init(&second, 1 << 20);
	buf_init(&mixed, 1 << 20);
	buf_init(&mail, 1 << 20);
	buf_init(&lines, 1 << 20);
	mail_put_file(&first, S("text/plain"), S("note"), S("\xe2\x80\x94 a note"));
	mail_put_file(&second, S("application/stix+json"), S("b.json"), S("{\"objects\":[]}"));
	mail_put_mixed(&mixed, S("inner"), buf_str(&first), buf_str(&second));
	mail_put_head(&mail, &head);
	mail_put_signed(&mail, S("outer"), buf_str(&mixed), S("signature"));
	assert_true(
	    str_search(buf_str(&mail), S("Date: Sat, 28 Nov 2026 07:04:16 +0000\r\n")) < mail.n);
	mail_put_lines(&lines, buf_str(&mail));
	assert_int_equal(lines.failed, OK);
	assert_int_equal(str_find(buf_str(&lines), '\r'), lines.n);
	assert_int_equal(mime_read(&m, arena, buf_str(&lines), NULL), OK);
	is(m.type, "multipart/signed");
	assert_int_equal(mime_parts(&parts, &m, NULL), OK);
	assert_int_equal(mime_part(&parts, &part, NULL), OK);
	/* Line ends of files are those that were signed again. */
	assert_int_equal(mime_canonical(&part, arena, part), OK);
	assert_true(str_eq(part, buf_str(&mixed)));
	assert_int_equal(mime_find_json(&found, arena, part, NULL), OK);
	is(found, "{\"objects\":[]}");
	buf_free(&first);
	buf_free(&second);
	buf_free(&mixed);
	buf_free(&mail);
	buf_free(&lines);
}

/* Nothing that could begin another header goes into one. */
static void an_address_is_one_word_with_an_at(void **state)
{
	(void)state;
	assert_true(mail_address_valid(S("cert@node.example")));
	assert_true(mail_address_valid(S("a.b+c@x")));
	assert_false(mail_address_valid(S("")));
	assert_false(mail_address_valid(S("cert")));
	assert_false(mail_address_valid(S("@node.example")));
	assert_false(mail_address_valid(S("cert@")));
	assert_false(mail_address_valid(S("a@b@c")));
	assert_false(mail_address_valid(S("a@b\r\nBcc: c@d")));
	assert_false(mail_address_valid(S("a@b,c@d")));
	assert_false(mail_address_valid(S("<a@b>")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_header_is_read_as_the_standard_writes_it),
	    cmocka_unit_test(what_can_be_read_in_two_ways_is_refused),
	    cmocka_unit_test(a_header_has_a_limit),
	    cmocka_unit_test(parts_keep_their_bytes),
	    cmocka_unit_test(encodings_are_undone),
	    cmocka_unit_test(the_signed_form_has_whole_line_ends),
	    cmocka_unit_test(the_one_json_file_is_found_wherever_it_is),
	    cmocka_unit_test(depth_and_number_of_parts_have_a_limit),
	    cmocka_unit_test(a_mail_is_the_same_after_writing),
	    cmocka_unit_test(an_address_is_one_word_with_an_at),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
