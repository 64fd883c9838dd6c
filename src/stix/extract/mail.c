/* SPDX-License-Identifier: Apache-2.0 */
/* Mails: what is between a value and who reads it is a transfer encoding. */
#include "codec/mime.h"
#include "crypt/digest.h"
#include "stix/extract/internal.h"

enum { MAIL_MEMORY = 64 << 20, NESTED_MAX = MIME_PARTS_MAX };

/* A header that mails have and other text has not at the start of a line. */
static bool is_mail(struct str text)
{
	static const char *const FIELDS[] = {"received:", "mime-version:", "message-id:",
	    "content-type:", "delivered-to:", "return-path:"};
	struct str head = str_slice(text, 0, MIME_HEAD_MAX);
	unsigned found = 0;

	while (head.p) {
		struct str line = str_trim(str_cut(&head, '\n'));

		if (line.n == 0)
			break;
		for (size_t i = 0; i < sizeof(FIELDS) / sizeof(FIELDS[0]); i++)
			if (str_eq_nocase(str_slice(line, 0, str_c(FIELDS[i]).n), str_c(FIELDS[i])))
				found |= 1U << i;
	}
	/* Two of them: reports quote one. */
	return (found & (found - 1)) != 0;
}

struct letter {
	struct extracting *x;
	extract_text_fn take;
	struct arena *arena;
	struct str waiting[NESTED_MAX]; /* parts to be looked into */
	size_t count, seen;
};

static void add_part(struct letter *l, struct str part)
{
	if (l->count < NESTED_MAX)
		l->waiting[l->count++] = part;
}

static void add_digest(struct extracting *x, struct str bytes)
{
	const struct sha256 digest = sha256(bytes);
	const struct extracted e = {
	    .term = {TERM_SHA256, 0, {(const char *)digest.b, SHA256_LEN}}, .written = S("")};

	extract_add(x, &e);
}

static void add_parts(struct letter *l, const struct mime *m)
{
	struct mime_parts parts;
	struct str part;

	if (mime_parts(&parts, m, NULL) != OK)
		return;
	while (mime_part(&parts, &part, NULL) == OK)
		add_part(l, part);
}

/* Only what mime_read understood gets here. */
static void take_part(struct letter *l, const struct mime *m)
{
	struct str body;

	if (str_starts(m->type, S("multipart/"))) {
		add_parts(l, m);
		return;
	}
	if (mime_decode(&body, l->arena, m, NULL) != OK)
		body = m->body;
	if (str_eq(m->type, S("message/rfc822")))
		add_part(l, body);
	else if (str_starts(m->type, S("text/")))
		l->take(l->x, body);
	else
		add_digest(l->x, body);
}

static struct str head_of(struct str entity, const struct mime *m)
{
	return m->body.p >= entity.p && m->body.p <= entity.p + entity.n
	           ? str_slice(entity, 0, (size_t)(m->body.p - entity.p))
	           : S("");
}

bool extract_mail(struct extracting *x, struct str text, extract_text_fn take)
{
	struct letter l = {.x = x, .take = take};
	struct mime m;

	if (x->in_mail || !is_mail(text))
		return false;
	l.arena = arena_new(MAIL_MEMORY);
	if (mime_read(&m, l.arena, text, NULL) != OK) {
		arena_free(l.arena);
		return false;
	}
	x->in_mail = true;
	add_part(&l, text);
	while (l.seen < l.count && x->rc == OK) {
		struct str entity = l.waiting[l.seen++];

		if (mime_read(&m, l.arena, entity, NULL) != OK) {
			take(x, entity);
			continue;
		}
		take(x, head_of(entity, &m));
		take_part(&l, &m);
	}
	x->in_mail = false;
	arena_free(l.arena);
	return true;
}
