/* SPDX-License-Identifier: Apache-2.0 */
#include "intake/prepare.h"

#include "policy/agreement.h"
#include "stix/check.h"
#include "stix/type.h"
#include "store/store.h"

static struct str text_or_empty(struct str s)
{
	return s.p ? s : S("");
}

/* Only what is inside the object is known: say where the object is. */
static struct str path_in(struct arena *arena, const struct place *place, struct str path)
{
	if (!place->before.n)
		return text_or_empty(path);
	return text_or_empty(arena_printf(arena, "%.*s%llu%.*s%s%.*s", STR_ARG(place->before),
	    (unsigned long long)place->number, STR_ARG(place->after), path.n ? "." : "",
	    STR_ARG(path)));
}

static void refuse(struct prepared *out, struct str path, struct str message)
{
	out->refused = true;
	out->path = path;
	out->message = text_or_empty(message);
}

void prepare_refusal(struct prepared *out, const struct fault *fault, struct arena *arena)
{
	*out = (struct prepared){0};
	refuse(out, S(""), arena_str(arena, str_c(fault->text)));
}

/* "id: not of the form ..." names the path before the colon. */
static void refuse_fault(
    struct prepared *out, const struct fault *fault, const struct place *place, struct arena *arena)
{
	struct str text = arena_str(arena, str_c(fault->text));
	size_t colon = str_search(text, S(": ")), space = str_find(text, ' ');

	if (colon < text.n && space > colon)
		refuse(out, path_in(arena, place, str_slice(text, 0, colon)),
		    str_from(text, colon + 2));
	else
		refuse(out, path_in(arena, place, S("")), text);
}

static bool refuse_findings(struct prepared *out, const struct stix_object *o,
    const struct place *place, struct arena *arena)
{
	struct stix_findings findings;

	if (stix_check(&findings, arena, o) != OK) {
		refuse(out, path_in(arena, place, S("")),
		    S("needs more memory to check than allowed"));
		return true;
	}
	for (size_t i = 0; findings.musts && i < findings.count; i++) {
		const struct stix_finding *f = &findings.list[i];

		if (f->level != STIX_MUST)
			continue;
		refuse(out, path_in(arena, place, f->path),
		    arena_printf(arena, "%.*s (%.*s, STIX section %.*s%s)", STR_ARG(f->message),
		        STR_ARG(f->rule), STR_ARG(f->section),
		        findings.musts > 1 ? "; there is more" : ""));
		return true;
	}
	return findings.musts > 0;
}

static struct str encoded(struct arena *arena, const struct label *l)
{
	char bytes[LABEL_ENCODED_MAX];
	size_t n = label_encode(l, bytes);

	return arena_str(arena, (struct str){bytes, n});
}

static void label_object(struct prepared *out, const struct stix_object *o,
    const struct place *place, const struct labelling *labelling, struct arena *arena)
{
	struct fault fault = {.code = OK};
	struct marking own;
	struct marked m;
	struct label label;

	if (o->type == STIX_TYPE_MARKING_DEFINITION &&
	    marking_read(&own, o->root, &fault) == ERR_LIMIT) {
		refuse_fault(out, &fault, place, arena);
		return;
	}
	marked_read(&m, o, labelling->known, arena);
	if (m.refs.n) {
		label =
		    labelling->fallback ? *labelling->fallback : (struct label){.tlp = TLP_UNKNOWN};
		out->fallback = encoded(arena, &label);
		label = m.own.label;
	} else {
		label = marking_settle(&m.own, labelling->fallback);
	}
	out->refs = m.refs;
	out->by = m.by;
	out->has_tlp = m.own.has_tlp;
	out->label = encoded(arena, &label);
	if (!out->label.p || (m.refs.n && !out->fallback.p))
		refuse(out, path_in(arena, place, S("")), S("needs more memory than allowed"));
}

void prepare_object(struct prepared *out, const struct foreign_item *item,
    const struct place *place, const struct labelling *labelling, struct arena *arena)
{
	struct fault fault = {.code = OK};
	struct stix_object o;

	*out = (struct prepared){.made = item->made, .content = item->json};
	if (stix_object_parse(&o, arena, item->json, &fault) != OK) {
		refuse_fault(out, &fault, place, arena);
		return;
	}
	out->id = o.id;
	out->version = o.version;
	out->tag = o.type;
	out->flags = (uint8_t)((o.revoked ? RECORD_FLAG_REVOKED : 0) |
	                       (o.spec == STIX_SPEC_20 ? RECORD_FLAG_SPEC_20 : 0));
	if (o.id.n > STORE_ID_MAX) {
		refuse(out, path_in(arena, place, S("id")),
		    arena_printf(arena, "longer than %d bytes", STORE_ID_MAX));
		return;
	}
	if (refuse_findings(out, &o, place, arena))
		return;
	/* Sealed by this node it would be its signature, which is not an import's to give. */
	if (!labelling->sealed && party_answer_claimed(o.root)) {
		refuse(out, path_in(arena, place, S("extensions")),
		    S("a party's word about an agreement is given by `tocsin agreement` alone"));
		return;
	}
	label_object(out, &o, place, labelling, arena);
}

struct label prepared_label(
    const struct prepared *p, const struct store *store, struct arena *arena)
{
	const struct marked m = {
	    .own = {.label = label_decode(p->label), .has_tlp = p->has_tlp},
	    .refs = p->refs,
	    .by = p->by,
	};
	const struct label fallback = label_decode(p->fallback);

	return marked_resolve(&m, store, &fallback, arena);
}

static void put_str(struct buf *out, struct str s)
{
	buf_u32(out, (uint32_t)s.n);
	buf_put(out, s);
}

void prepared_put(struct buf *out, const struct prepared *p)
{
	bool marked = !p->refused && p->refs.n;

	buf_u8(out, (uint8_t)((p->refused ? 1 : 0) | (p->made ? 2 : 0) | (marked ? 4 : 0) |
	                      (p->has_tlp ? 8 : 0)));
	buf_u16(out, p->tag);
	buf_u8(out, p->flags);
	buf_u64(out, (uint64_t)p->version);
	put_str(out, p->id);
	put_str(out, p->refused ? p->path : p->label);
	put_str(out, p->refused ? p->message : p->content);
	if (!marked)
		return;
	put_str(out, p->refs);
	put_str(out, p->by);
	put_str(out, p->fallback);
}

bool prepared_get(struct prepared *out, struct rd *in)
{
	uint8_t bits = rd_u8(in);
	struct prepared p = {.refused = bits & 1, .made = bits & 2, .has_tlp = bits & 8};
	struct str first, second;

	p.tag = rd_u16(in);
	p.flags = rd_u8(in);
	p.version = (int64_t)rd_u64(in);
	p.id = rd_text(in);
	first = rd_text(in);
	second = rd_text(in);
	if (bits & 4) {
		p.refs = rd_text(in);
		p.by = rd_text(in);
		p.fallback = rd_text(in);
	}
	if (in->failed || p.id.n > (p.refused ? STIX_ID_MAX : STORE_ID_MAX))
		return false;
	if (p.refused) {
		p.path = first;
		p.message = second;
	} else {
		p.label = first;
		p.content = second;
		if (p.id.n == 0 || first.n > STORE_LABEL_MAX || second.n > STORE_CONTENT_MAX)
			return false;
	}
	*out = p;
	return true;
}
