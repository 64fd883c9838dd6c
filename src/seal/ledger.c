/* SPDX-License-Identifier: Apache-2.0 */
#include "seal/ledger.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "stix/object.h"

enum { CACHED = 8 };

#define WITHDRAW S(STORE_WITHDRAW)

/* A seal's record, read and proven against its own root. */
struct cached {
	uint64_t record; /* number of its record, and 1; 0: free */
	uint64_t used;
	struct seal_record seal_record;
	struct seal seal;
	struct seal_tree tree;
};

struct seal_cache {
	struct cached slots[CACHED];
	uint64_t clock;
};

void seal_id_own(char out[SEAL_ID_MAX], uint64_t number)
{
	(void)snprintf(out, SEAL_ID_MAX, "own-seal/%" PRIu64, number);
}

void seal_id_of(char out[SEAL_ID_MAX], const struct sha256 *name)
{
	struct buf b;

	buf_init(&b, SEAL_ID_MAX);
	buf_hex(&b, name->b, SHA256_LEN);
	(void)snprintf(out, SEAL_ID_MAX, "seal/%.*s", STR_ARG(buf_str(&b)));
	buf_free(&b);
}

/* What stands before the object's id in a decision that is stated; empty for any other. */
static struct str stated_prefix(struct str path)
{
	if (str_starts(path, WITHDRAW))
		return WITHDRAW;
	return str_starts(path, S(STORE_PURGE)) ? S(STORE_PURGE) : S("");
}

bool seal_is_own(const struct store *s, uint64_t seq)
{
	const struct row *row = store_row(s, seq);

	if (row->flags & (RECORD_FLAG_RECEIVED | RECORD_FLAG_DERIVED))
		return false;
	return row->kind == RECORD_OBJECT ||
	       (row->kind == RECORD_DECISION && stated_prefix(store_id(s, seq)).n > 0);
}

void seal_statement_of(struct statement *out, const struct store *s, struct str originator,
    const struct seal_entry *entry)
{
	const struct row *row = store_row(s, entry->seq);
	bool object = row->kind == RECORD_OBJECT;
	struct str id = store_id(s, entry->seq), prefix = stated_prefix(id);

	*out = (struct statement){
	    .id = object ? id : str_from(id, prefix.n),
	    .version = object ? row->version : row->received,
	    .kind = object                     ? SEAL_OBJECT
	            : str_eq(prefix, WITHDRAW) ? SEAL_WITHDRAWAL
	                                       : SEAL_PURGE,
	    .originator = originator,
	    .label = store_label(s, row->label),
	    .time = row->received,
	    .members = entry->members,
	    .properties = entry->properties,
	};
}

struct seal_cache *seal_cache_new(void)
{
	return mem_alloc(sizeof(struct seal_cache));
}

void seal_cache_free(struct seal_cache *c)
{
	mem_free(c);
}

static enum err own_record(
    struct str *out, const struct store *s, uint64_t number, uint64_t *seq, struct fault *fault)
{
	char id[SEAL_ID_MAX];

	seal_id_own(id, number);
	*seq = store_find(s, str_c(id));
	if (*seq == STORE_NONE || store_row(s, *seq)->kind != RECORD_SEAL)
		return ERR_NOT_FOUND;
	*out = store_content(s, *seq);
	return out->p ? OK : fail(fault, ERR_IO, "%s: cannot be read", id);
}

/* First and last record of an own seal. */
static enum err range_of(uint64_t *first, uint64_t *last, const struct store *s, uint64_t number,
    uint64_t *seq, struct fault *fault)
{
	struct str content;

	TRY(own_record(&content, s, number, seq, fault));
	if (!seal_record_range(content, first, last))
		return fail(fault, ERR_CORRUPT, "own-seal/%" PRIu64 ": it is damaged", number);
	return OK;
}

static bool own_exists(const struct store *s, uint64_t number)
{
	char id[SEAL_ID_MAX];

	seal_id_own(id, number);
	return store_find(s, str_c(id)) != STORE_NONE;
}

/* They are numbered without gaps: doubled steps, then halved ones. */
static uint64_t count_own(const struct store *s)
{
	uint64_t have = 0, step = 1;

	while (own_exists(s, have + step - 1)) {
		have += step;
		step *= 2;
	}
	for (; step > 0; step /= 2)
		if (own_exists(s, have + step - 1))
			have += step;
	return have;
}

enum err seal_extent(struct seal_extent *out, const struct store *s, struct fault *fault)
{
	struct seal_extent e = {.seals = count_own(s)};
	uint64_t first, last, seq;

	if (e.seals > 0) {
		TRY(range_of(&first, &last, s, e.seals - 1, &seq, fault));
		e.next = last + 1;
	}
	*out = e;
	return OK;
}

/* The record of the own seal that reaches over `seq`. */
static enum err find_own(uint64_t *record, const struct store *s, uint64_t seq, struct fault *fault)
{
	uint64_t low = 0, high = count_own(s);
	uint64_t first, last;

	while (low < high) {
		uint64_t middle = low + (high - low) / 2;

		TRY(range_of(&first, &last, s, middle, record, fault));
		if (seq < first)
			high = middle;
		else if (seq > last)
			low = middle + 1;
		else
			return OK;
	}
	return ERR_NOT_FOUND;
}

static bool reaches(const struct cached *c, uint64_t seq)
{
	const struct seal_record *r = &c->seal_record;

	return c->record && seq >= r->entries[0].seq && seq <= r->entries[r->count - 1].seq;
}

static enum err load(struct cached *c, const struct store *s, uint64_t record, struct fault *fault)
{
	struct sha256 leaves[SEAL_LEAVES] = {0};
	struct str bytes = store_content(s, record);

	c->record = 0;
	if (!bytes.p)
		return fail(fault, ERR_IO, "a seal cannot be read");
	TRY(seal_record_read(&c->seal_record, bytes, fault));
	TRY(seal_read(&c->seal, c->seal_record.note, fault));
	for (size_t i = 0; i < c->seal_record.count; i++) {
		struct statement statement;

		if (c->seal_record.entries[i].seq >= record)
			return fail(fault, ERR_CORRUPT, "a seal names a record behind itself");
		seal_statement_of(&statement, s, c->seal.identity, &c->seal_record.entries[i]);
		leaves[i] = statement_leaf(&statement);
	}
	seal_tree_make(&c->tree, &c->seal_record.secret, leaves, c->seal_record.count);
	if (!sha256_eq(seal_tree_root(&c->tree), &c->seal.root))
		return fail(fault, ERR_CORRUPT,
		    "record %" PRIu64 ": the seal is not over the records that it names", record);
	c->record = record + 1;
	return OK;
}

/* The own seal that reaches over `seq`, from the cache or into it. */
static enum err cached_own(struct cached **out, struct seal_cache *cache, const struct store *s,
    uint64_t seq, struct fault *fault)
{
	struct cached *oldest = &cache->slots[0];
	uint64_t record;

	cache->clock++;
	for (size_t i = 0; i < CACHED; i++) {
		struct cached *c = &cache->slots[i];

		if (reaches(c, seq)) {
			c->used = cache->clock;
			*out = c;
			return OK;
		}
		if (c->used < oldest->used)
			oldest = c;
	}
	TRY(find_own(&record, s, seq, fault));
	TRY(load(oldest, s, record, fault));
	oldest->used = cache->clock;
	*out = oldest;
	return OK;
}

static enum err own_envelope(struct sealed *out, struct seal_cache *cache, const struct store *s,
    uint64_t seq, struct fault *fault)
{
	const struct seal_record *r;
	size_t low = 0, high;
	struct cached *c;

	TRY(cached_own(&c, cache, s, seq, fault));
	r = &c->seal_record;
	high = r->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (r->entries[middle].seq < seq)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == r->count || r->entries[low].seq != seq)
		return ERR_NOT_FOUND;
	*out = (struct sealed){.note = r->note, .own = true};
	seal_statement_of(&out->envelope.statement, s, c->seal.identity, &r->entries[low]);
	out->envelope.seal = c->seal.id;
	out->envelope.seed = seal_seed_of(&r->secret, (uint16_t)low);
	seal_tree_prove(&c->tree, low, &out->envelope);
	return OK;
}

/* It stands behind the record, and its seal is somewhere before. */
static enum err received_envelope(
    struct sealed *out, const struct store *s, uint64_t seq, struct fault *fault)
{
	struct seal_record record;
	char id[SEAL_ID_MAX];
	struct str content;
	struct sealed sealed;
	uint64_t seal;

	if (seq + 1 >= store_size(s) || store_row(s, seq + 1)->kind != RECORD_ENVELOPE ||
	    !str_eq(store_id(s, seq), store_id(s, seq + 1)))
		return ERR_NOT_FOUND;
	content = store_content(s, seq + 1);
	if (!content.p)
		return fail(fault, ERR_IO, "an envelope cannot be read");
	TRY(envelope_read(&sealed.envelope, content, fault));
	seal_id_of(id, &sealed.envelope.seal);
	seal = store_find(s, str_c(id));
	if (seal == STORE_NONE || store_row(s, seal)->kind != RECORD_SEAL)
		return fail(fault, ERR_CORRUPT,
		    "record %" PRIu64 ": an envelope without its seal, %s", seq + 1, id);
	TRY(seal_record_read(&record, store_content(s, seal), fault));
	sealed.note = record.note;
	sealed.own = false;
	*out = sealed;
	return OK;
}

enum err seal_envelope_of(struct sealed *out, struct seal_cache *cache, const struct store *s,
    uint64_t seq, struct fault *fault)
{
	enum err rc;

	if (seal_is_own(s, seq))
		rc = own_envelope(out, cache, s, seq, fault);
	else if (store_row(s, seq)->flags & RECORD_FLAG_RECEIVED)
		rc = received_envelope(out, s, seq, fault);
	else
		rc = ERR_NOT_FOUND;
	if (rc == ERR_NOT_FOUND)
		return fail(fault, ERR_NOT_FOUND, "%.*s: it is not sealed (yet)",
		    STR_ARG(store_id(s, seq)));
	return rc;
}

/* One more statement. */
static enum err batch_add(struct seal_batch *batch, struct sha256 *leaf, const struct store *s,
    struct str originator, uint64_t seq, struct fault *fault)
{
	struct seal_record *r = &batch->record;
	struct seal_entry *entry = &r->entries[r->count];
	struct seal_seed seed = seal_seed_of(&r->secret, (uint16_t)r->count);
	struct str content = store_content(s, seq);
	struct statement statement;

	if (!content.p)
		return fail(fault, ERR_IO, "record %" PRIu64 " cannot be read", seq);
	entry->seq = (uint32_t)seq;
	TRY(properties_root(&entry->properties, &entry->members, content, &seed, fault));
	seal_statement_of(&statement, s, originator, entry);
	*leaf = statement_leaf(&statement);
	r->count++;
	return OK;
}

enum err seal_batch_make(struct seal_batch *batch, const struct store *s, struct str originator,
    uint64_t from, uint64_t end, uint64_t *next, struct fault *fault)
{
	struct sha256 leaves[SEAL_LEAVES];
	uint64_t seq;

	batch->record.count = 0;
	for (seq = from; seq < end && batch->record.count < SEAL_LEAVES; seq++) {
		enum err rc;

		if (!seal_is_own(s, seq))
			continue;
		rc = batch_add(batch, &leaves[batch->record.count], s, originator, seq, fault);
		/* What is no JSON object cannot be stated, and holds nothing else up. */
		if (rc != OK && rc != ERR_PARSE)
			return rc;
	}
	if (batch->record.count > 0)
		seal_tree_make(&batch->tree, &batch->record.secret, leaves, batch->record.count);
	*next = seq;
	return OK;
}
