/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/agreement/making.h"

#include "codec/time.h"
#include "policy/change.h"
#include "policy/marking.h"
#include "stix/type.h"

enum { EXTENSION_MAX = 16 << 10, FEED_EVERYTHING = 1 };

static const usec MILLISECOND = 1000;

enum err making_append(const struct making *m, struct record *r, struct fault *fault)
{
	char label[LABEL_ENCODED_MAX];
	uint64_t seq;

	r->kind = RECORD_OBJECT;
	r->feed = FEED_EVERYTHING;
	r->label = (struct str){label, label_encode(&m->label, label)};
	return store_append(m->p->ctx->store, r, 1, &seq, fault);
}

static void put_version(struct json_writer *w, const char *key, usec version)
{
	char text[TIME_TEXT + 1];

	time_format_ms(text, version);
	json_put_str(w, key, str_c(text));
}

static void put_marking(struct json_writer *w, struct str id, usec created, struct str extension)
{
	json_object(w, NULL);
	json_put_str(w, "type", S("marking-definition"));
	json_put_str(w, "spec_version", S("2.1"));
	json_put_str(w, "id", id);
	put_version(w, "created", created);
	json_object(w, "extensions");
	json_put_raw(w, TOCSIN_LABEL_EXTENSION, extension);
	json_end_object(w);
	json_end_object(w);
}

/* Appended once: its id follows from the readers, and from who says so. */
static enum err keep_marking(struct making *m, struct str extension, struct fault *fault)
{
	struct buf text;
	struct json_writer w;
	struct record r = {
	    .tag = STIX_TYPE_MARKING_DEFINITION, .id = m->marking, .version = m->version};
	enum err rc;

	if (store_find(m->p->ctx->store, m->marking) != STORE_NONE)
		return OK;
	buf_init(&text, MAKING_MAX);
	w = json_writer(&text);
	put_marking(&w, m->marking, m->version, extension);
	r.content = buf_str(&text);
	rc = making_append(m, &r, fault);
	buf_free(&text);
	return rc;
}

enum err making_mark(
    struct making *m, const struct uuid *space, struct str readers, struct fault *fault)
{
	const struct label clear = {.tlp = TLP_CLEAR};
	const struct label_change change = {.tlp = S("TLP:AMBER"), .releasable_to = readers};
	struct str name =
	    arena_printf(m->p->arena, "%.*s %.*s", STR_ARG(m->p->ctx->identity), STR_ARG(readers));
	struct uuid uuid = uuid_v5(space, name);
	char text[UUID_TEXT + 1];
	struct buf extension;
	enum err rc;

	uuid_format(text, &uuid);
	m->marking = arena_printf(m->p->arena, "marking-definition--%s", text);
	if (!name.p || !m->marking.p)
		return fail(fault, ERR_NOMEM, "no memory for a marking");
	buf_init(&extension, EXTENSION_MAX);
	rc = label_change(
	    &m->label, &clear, &change, m->p->ctx->identity, &extension, m->p->arena, fault);
	if (rc == OK)
		rc = keep_marking(m, buf_str(&extension), fault);
	buf_free(&extension);
	return rc;
}

usec making_version(const struct part *p, int64_t before)
{
	usec now = env_now(p->ctx->env);
	usec version = (now > before ? now : before) / MILLISECOND * MILLISECOND;

	return version > before ? version : version + MILLISECOND;
}

void making_head(struct json_writer *w, const struct making *m, struct str type, struct str id,
    struct str created)
{
	json_object(w, NULL);
	json_put_str(w, "type", type);
	json_put_str(w, "spec_version", S("2.1"));
	json_put_str(w, "id", id);
	json_put_str(w, "created_by_ref", m->p->ctx->identity);
	if (created.n)
		json_put_str(w, "created", created);
	else
		put_version(w, "created", m->version);
	put_version(w, "modified", m->version);
	json_list(w, "object_marking_refs");
	json_put_str(w, NULL, m->marking);
	json_end_list(w);
}

struct str making_before(struct part *p, struct str id, int64_t *version)
{
	uint64_t seq = store_find(p->ctx->store, id);
	yyjson_val *root;

	*version = 0;
	if (seq == STORE_NONE || json_parse(&root, p->arena, store_content(p->ctx->store, seq),
	                             &JSON_LIMITS_OBJECT, NULL) != OK)
		return STR_NONE;
	*version = store_row(p->ctx->store, seq)->version;
	return json_get_str(root, "created");
}
