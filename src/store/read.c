/* SPDX-License-Identifier: Apache-2.0 */
/* Reading records, the tree and the checkpoint. */
#include <inttypes.h>
#include <string.h>

#include "store/internal.h"
#include "store/merkle.h"

uint64_t store_size(const struct store *s)
{
	return atomic_load_explicit(&s->index.head->size, memory_order_acquire);
}

uint64_t store_size_pending(const struct store *s)
{
	return s->write ? atomic_load_explicit(&s->visible, memory_order_acquire) : store_size(s);
}

uint64_t store_withdrawals(const struct store *s)
{
	return atomic_load_explicit(&s->index.head->withdrawals, memory_order_acquire);
}

bool store_stale(const struct store *s)
{
	return atomic_load_explicit(&s->index.head->retired, memory_order_relaxed);
}

const struct row *store_row(const struct store *s, uint64_t seq)
{
	return index_row(&s->index, seq);
}

struct str store_id(const struct store *s, uint64_t seq)
{
	return index_row_id(&s->index, store_row(s, seq));
}

struct str store_content(const struct store *s, uint64_t seq)
{
	const struct row *row = store_row(s, seq);
	const unsigned char *p = segments_at(&s->segments, row->at);

	return p ? store_bytes(p, row->length) : STR_NONE;
}

struct str store_label(const struct store *s, uint16_t label)
{
	return index_label_text(&s->index, label);
}

uint32_t store_labels(const struct store *s)
{
	return atomic_load_explicit(&s->index.head->labels, memory_order_acquire);
}

struct str store_header(const struct store *s, uint64_t seq)
{
	const struct row *row = store_row(s, seq);
	const unsigned char *p = segments_at(&s->segments, row->at);
	size_t n = RECORD_FIXED + store_label(s, row->label).n + row->id_length;

	return p ? store_bytes(p - n, n) : STR_NONE;
}

void store_record(const struct store *s, uint64_t seq, struct record *out)
{
	const struct row *row = store_row(s, seq);
	struct str head = store_header(s, seq);

	*out = (struct record){
	    .kind = (enum record_kind)row->kind,
	    .tag = row->tag,
	    .flags = row->flags,
	    .id = store_id(s, seq),
	    .version = row->version,
	    .label = store_label(s, row->label),
	    .source = row->source,
	    .feed = row->feed,
	    .received = row->received,
	    .added = row->added,
	    .content = store_content(s, seq),
	};
	if (head.p)
		out->hash = record_hash(head);
}

uint64_t store_find(const struct store *s, struct str id)
{
	return index_find(&s->index, id, store_size_pending(s));
}

uint64_t store_older(const struct store *s, uint64_t seq)
{
	uint64_t size = store_size_pending(s);

	do
		seq = index_older(store_row(s, seq));
	while (seq != STORE_NONE && seq >= size);
	return seq;
}

uint64_t store_find_version(const struct store *s, struct str id, int64_t version)
{
	uint64_t seq = store_find(s, id);

	while (seq != STORE_NONE && store_row(s, seq)->version > version)
		seq = store_older(s, seq);
	return seq != STORE_NONE && store_row(s, seq)->version == version ? seq : STORE_NONE;
}

static enum err check_size(const struct store *s, uint64_t size, struct fault *fault)
{
	if (size > store_size(s))
		return fail(fault, ERR_INVALID, "the ledger has %" PRIu64 " records, not %" PRIu64,
		    store_size(s), size);
	return OK;
}

enum err store_root(const struct store *s, uint64_t size, struct sha256 *out, struct fault *fault)
{
	struct merkle_source tree = index_tree(&s->index);

	TRY(check_size(s, size, fault));
	*out = merkle_root(&tree, size);
	return OK;
}

static enum err proof_of(
    const struct merkle_path *path, struct arena *arena, struct proof *out, struct fault *fault)
{
	struct sha256 *hashes = arena_array(arena, path->count, sizeof(*hashes));

	if (!hashes)
		return fail(fault, ERR_NOMEM, "no memory for a proof");
	memcpy(hashes, path->hashes, path->count * sizeof(*hashes));
	*out = (struct proof){.hashes = hashes, .count = path->count};
	return OK;
}

enum err store_prove_inclusion(const struct store *s, uint64_t seq, uint64_t size,
    struct arena *arena, struct proof *out, struct fault *fault)
{
	struct merkle_source tree = index_tree(&s->index);
	struct merkle_path path;

	TRY(check_size(s, size, fault));
	if (seq >= size)
		return fail(fault, ERR_INVALID,
		    "record %" PRIu64 " is not among the first %" PRIu64, seq, size);
	merkle_inclusion(&tree, seq, size, &path);
	return proof_of(&path, arena, out, fault);
}

enum err store_prove_consistency(const struct store *s, uint64_t old_size, uint64_t size,
    struct arena *arena, struct proof *out, struct fault *fault)
{
	struct merkle_source tree = index_tree(&s->index);
	struct merkle_path path;

	TRY(check_size(s, size, fault));
	if (old_size > size)
		return fail(fault, ERR_INVALID, "a tree of %" PRIu64 " does not grow into %" PRIu64,
		    old_size, size);
	merkle_consistency(&tree, old_size, size, &path);
	return proof_of(&path, arena, out, fault);
}

struct sha256 store_leaf(const struct store *s, uint64_t seq)
{
	return record_leaf(store_header(s, seq));
}
