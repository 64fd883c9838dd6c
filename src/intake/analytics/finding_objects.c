/* SPDX-License-Identifier: Apache-2.0 */
#include "intake/analytics/finding_objects.h"

#include <stdio.h>

#include "codec/json.h"
#include "codec/time.h"
#include "crypt/digest.h"
#include "stix/object.h"

enum { TEXT_MAX = 8 << 10 };

void finding_ids(struct finding_made *out, const struct uuid *space, const struct finding *f,
    struct str source, struct arena *a)
{
	struct term host = address_term(&f->host), peer = address_term(&f->peer);
	struct str towards = f->peer.n ? term_text(a, &peer) : finding_name(f);
	char uuid[UUID_TEXT + 1];

	out->key = uuid_v5(
	    space, arena_printf(a, "finding %s %.*s %.*s %u %.*s %lld", detector_name(f->detector),
	               STR_ARG(term_text(a, &host)), STR_ARG(towards), f->port, STR_ARG(source),
	               (long long)(f->last / (86400 * USEC_PER_SEC))));
	uuid_format(uuid, &out->key);
	(void)snprintf(out->observed, SIGHTING_ID_MAX, "observed-data--%s", uuid);
	(void)snprintf(out->note, SIGHTING_ID_MAX, "note--%s", uuid);
}

bool finding_observable(struct term *out, const struct finding *f, size_t i)
{
	if (i == 0)
		*out = address_term(&f->host);
	else if (i == 1 && f->peer.n)
		*out = address_term(&f->peer);
	else if (i == 1 && f->name_n)
		*out = (struct term){.kind = TERM_DOMAIN, .value = finding_name(f)};
	else
		return false;
	return true;
}

static void put_head(struct json_writer *w, const char *type, const char *id,
    const struct finding_made *m, struct str identity)
{
	json_object(w, NULL);
	json_put_str(w, "type", str_c(type));
	json_put_str(w, "spec_version", S("2.1"));
	json_put_str(w, "id", str_c(id));
	if (identity.p)
		json_put_str(w, "created_by_ref", identity);
	json_put_time(w, "created", m->created);
	json_put_time(w, "modified", m->modified);
}

static void put_marking(struct json_writer *w, enum tlp tlp)
{
	struct str id = tlp_marking_id(tlp == TLP_UNKNOWN ? TLP_RED : tlp);

	if (!id.p)
		return;
	json_list(w, "object_marking_refs");
	json_put_str(w, NULL, id);
	json_end_list(w);
}

static int64_t count_of(const struct finding *f)
{
	return f->count > SIGHTING_COUNT_MAX ? SIGHTING_COUNT_MAX : (int64_t)f->count;
}

void finding_observed_data(
    struct buf *out, const struct finding *f, const struct finding_made *m, struct str identity)
{
	struct json_writer w = json_writer(out);

	put_head(&w, "observed-data", m->observed, m, identity);
	json_put_time(&w, "first_observed", f->first);
	json_put_time(&w, "last_observed", f->last);
	json_put_int(&w, "number_observed", count_of(f));
	json_list(&w, "object_refs");
	for (size_t i = 0; i < m->observable_count; i++)
		json_put_str(&w, NULL, str_c(m->observables[i]));
	json_end_list(&w);
	put_marking(&w, m->tlp);
	json_end_object(&w);
}

void finding_note(struct buf *out, const struct finding *f, const struct finding_made *m,
    struct str source, struct str identity)
{
	struct json_writer w = json_writer(out);
	struct buf title, words;

	buf_init(&title, TEXT_MAX);
	buf_init(&words, TEXT_MAX);
	finding_title(&title, f);
	finding_words(&words, f);
	buf_printf(&words, "Source: %.*s\n", STR_ARG(source));
	put_head(&w, "note", m->note, m, identity);
	json_put_int(&w, "confidence", finding_score(f));
	json_list(&w, "labels");
	json_put_str(&w, NULL, S("finding"));
	json_put_str(&w, NULL, str_c(detector_name(f->detector)));
	json_end_list(&w);
	json_put_str(&w, "abstract", buf_str(&title));
	json_put_str(&w, "content", buf_str(&words));
	json_list(&w, "object_refs");
	json_put_str(&w, NULL, str_c(m->observed));
	json_end_list(&w);
	put_marking(&w, m->tlp);
	json_end_object(&w);
	buf_free(&title);
	buf_free(&words);
}

bool finding_join(struct finding *f, struct finding_made *m, struct str observed, struct arena *a)
{
	struct stix_object o;
	usec first, last;
	uint64_t count;
	bool more;

	if (stix_object_parse(&o, a, observed, NULL) != OK ||
	    time_parse_utc(&first, json_get_str(o.root, "first_observed")) != OK ||
	    time_parse_utc(&last, json_get_str(o.root, "last_observed")) != OK)
		return true;
	count = yyjson_get_uint(yyjson_obj_get(o.root, "number_observed"));
	more = (uint64_t)count_of(f) > count;
	m->created = o.created;
	m->modified = m->modified > o.modified ? m->modified : o.modified + 1;
	f->first = first < f->first ? first : f->first;
	f->last = last > f->last ? last : f->last;
	return more;
}
