/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of this folder share; nobody else includes it. Every record that leaves goes
 * through `sight`: the cached answers of policy_decide for one reader and one way out. */
#pragma once

#include "gate/feed.h"
#include "gate/gate.h"
#include "gate/read.h"
#include "history/reader.h"
#include "policy/principal.h"
#include "policy/release.h"
#include "policy/why.h"
#include "stix/type.h"
#include "store/people.h"
#include "store/store.h"
#include "view/egress.h"
#include "view/feed.h"
#include "view/guard.h"
#include "view/guard/book.h"
#include "view/indicators.h"
#include "view/life/evidence.h"
#include "view/relations.h"
#include "view/state.h"
#include "view/text.h"

/* Decisions per interned label. Labels only grow, so the array does; readers for which policy says
 * the same share one. What time changes is decided anew when that time has come. */
struct sight {
	struct reader reader; /* its name is not kept */
	enum outlet outlet;
	uint64_t number; /* of this set of answers, never used again: what is derived goes by it */
	uint32_t known;  /* labels decided */
	usec until;      /* from then on they may be others */
	uint64_t used;   /* when last; the least is thrown out */
	uint64_t *types; /* a label's: which types of object (bits by enum stix_type_id) */
	uint64_t *terms; /* likewise: which only as far as terms leave nothing of them out */
	struct releases *releases; /* what is known of those */
};

enum {
	SIGHTS_MAX = 48,
	TALLIES_MAX = 16,
	RETIRED_MAX = 64,
	GATE_PATH_MAX = 4096,
	PUBLIC_KEY_MAX = 512,
};

/* Running counts of what a key may see; gate/figures.c. */
struct tally;
/* Parsed decisions that every request needs; gate/node.c. */
struct node_state;
/* Communities, and who the node is; gate/principals.c. */
struct principals;
/* What sources were worth; gate/life/worth.c. */
struct worths;

struct gate {
	const struct env *env;
	char ledger[GATE_PATH_MAX];
	struct store *store;
	/* Replaced by one whose index was made anew; what was given out from them stays readable.
	 */
	struct store *retired[RETIRED_MAX];
	size_t retired_count;
	struct people *people; /* of accounts */
	struct feeds *feeds;
	struct relations *relations;
	struct text *text;
	struct state *state;
	struct indicators *indicators;
	struct guard_book *book;   /* by which indicators are judged */
	struct kept_counts *kept;  /* gate/guard/kept.c */
	struct worths *worths;     /* gate/life/worth.c */
	struct evidence *evidence; /* what is known of the life of indicators */
	struct arena *testimony;   /* for one object that says something of an indicator */
	struct egress *egress;
	struct history_reader *history; /* NULL until somebody hunts */
	char history_dir[GATE_PATH_MAX];
	struct arena *scratch; /* for one call; objects that are only looked into */
	struct sha256 secret;
	char public_key[PUBLIC_KEY_MAX]; /* of the ledger, as C2SP writes it */
	size_t public_key_size;
	struct sight sights[SIGHTS_MAX];
	size_t sight_count;
	uint64_t sight_numbers;
	uint64_t clock; /* counts uses of sights and tallies */
	struct label *labels;
	uint32_t label_count, label_room;
	struct tally *tallies[TALLIES_MAX];
	uint64_t derived, derived_seen; /* records counted, and looked at */
	struct reads *reads;            /* NULL: nobody gathers what is given */
	struct node_state *node;
	struct principals *principals;
};

/* Never fails: without a configuration the node is nobody. */
struct principals *principals_new(struct str node_dir);
void principals_free(struct principals *p); /* NULL allowed */
/* The ledger's index was made anew. */
void principals_forget(struct principals *p);
/* Another number when what readers are made of may have changed, their own decision aside. */
uint64_t principals_generation(struct gate *g);
/* The node's own identity, or NULL. */
const struct uuid *principals_identity(const struct gate *g);
/* The name is borrowed. */
MUST_USE enum err gate_account_reader(
    struct gate *g, struct str name, yyjson_val *account, struct reader *out, struct fault *fault);

/* Somebody who is in one community and nothing else. */
MUST_USE enum err gate_community_reader(
    struct gate *g, struct str name, struct reader *out, struct arena *arena, struct fault *fault);

/* Takes the ledger's new index when the writer made one. */
void gate_renew(struct gate *g);
/* Of the ledger as it is now: a reader whose index was thrown away gets a new one. Valid until the
 * next call of this function, so it comes first in every read, once. */
const struct sight *gate_sight(const struct gate_ask *ask);
_Static_assert(STIX_TYPES <= 64, "a type has its bit");
struct releases *releases_new(void);
void releases_free(struct releases *r); /* NULL allowed */
/* What the terms of a VERDICT_REDACT come to for this object, were it labelled so, and reader;
 * gate/why.c. */
MUST_USE enum err why_settle(struct gate_terms *out, struct why *why, const struct gate_ask *ask,
    const struct gate_object *object, const struct label *label, const struct reader *reader);
/* Whether terms leave nothing of this object out for this reader; gate/release.c. */
bool sight_releases(const struct gate *g, const struct sight *s, uint64_t seq);
/* Whether this reader gets what was derived of an object, at `seq`, in its place. */
bool sight_derives(const struct gate *g, const struct sight *s, uint64_t seq);
static inline bool sight_allows(const struct gate *g, const struct sight *s, uint64_t seq)
{
	const struct row *row = store_row(g->store, seq);

	if (row->tag >= STIX_TYPES || store_withdrawn(row))
		return false;
	if (row->flags & RECORD_FLAG_DERIVED)
		return sight_derives(g, s, seq);
	return (s->types[row->label] >> row->tag & 1) ||
	       ((s->terms[row->label] >> row->tag & 1) && sight_releases(g, s, seq));
}
struct label gate_label(struct gate *g, uint16_t label);

/* The newest version of the object that this reader may see, or STORE_NONE. */
uint64_t gate_newest(const struct gate *g, const struct sight *sight, struct str id);
/* True when seq is a visible object and the newest visible version of its id. */
bool gate_is_newest(const struct gate *g, const struct sight *sight, uint64_t seq);
MUST_USE enum err gate_load_public_key(struct gate *g, struct fault *fault);
void gate_fill(struct gate *g, uint64_t seq, struct gate_object *out);
/* Whatever is given to who asks is noted, once it is sure that it is given; gate/reads.c. */
void gate_note(const struct gate_ask *ask, const struct gate_object *object);
/* Parsed into g->scratch, which is reset first. */
MUST_USE enum err gate_parse(struct gate *g, uint64_t seq, struct stix_object *out);

/* The newest decision of a path as parsed JSON in the arena. ERR_NOT_FOUND also when it says
 * "removed". */
MUST_USE enum err node_decision(
    struct gate *g, struct str path, struct arena *arena, yyjson_val **out, struct fault *fault);
/* Every path with the prefix that has a decision which is not a removal, in order of bytes. */
struct node_paths {
	struct str *items;
	size_t count, room;
};
MUST_USE enum err node_paths(struct gate *g, struct str prefix, struct arena *arena,
    struct node_paths *out, struct fault *fault);
void node_free(struct node_state *n);

void figures_free(struct tally *t);

struct worths *gate_worths_new(void);
void gate_worths_free(struct worths *w); /* NULL allowed */

struct kept_counts *gate_kept_new(struct str views);
/* How many indicators that this reader may see are kept back, by enum guard_class. */
MUST_USE enum err gate_kept(
    const struct gate_ask *ask, uint64_t out[GUARD_CLASSES], struct fault *fault);
void gate_kept_free(struct kept_counts *k); /* NULL allowed */

/* Pages: a token holds the number of the record that comes next to last, bound to list and query.
 */
MUST_USE enum err page_open(const struct gate_ask *ask, const struct gate_query *query,
    struct str list, uint64_t *before, struct fault *fault);
struct str page_seal(
    const struct gate_ask *ask, const struct gate_query *query, struct str list, uint64_t before);

/* Walks the records of a type downwards from `before`; gate/list.c. */
struct walk {
	struct list *list;
	size_t at; /* entries below it are still to come */
	size_t looked;
};
struct walk gate_walk(struct gate *g, uint16_t type, uint64_t before);
bool gate_walk_next(struct walk *w, uint64_t *seq); /* false also when it has looked at many */

/* An indicator as it is now, parsed into g->scratch. */
struct gate_judged {
	struct stix_object o;
	bool revoked, current;
	struct guard_state guard;
};
MUST_USE enum err gate_judge(
    const struct gate_ask *ask, const struct sight *sight, uint64_t seq, struct gate_judged *out);
/* How the indicator of this record ages for who asks; `o` is it, parsed. gate/life/life.c. */
void gate_read_life(const struct gate_ask *ask, const struct sight *sight, uint64_t seq,
    const struct stix_object *o, struct gate_life *out);

/* Whether the reader may see everything that can be here. */
bool gate_sees_all(const struct gate_ask *ask);
MUST_USE enum err gate_read_indicator(const struct gate_ask *ask, const struct sight *sight,
    uint64_t seq, struct gate_indicator *out, struct fault *fault);
MUST_USE enum err gate_read_sighting(const struct gate_ask *ask, const struct sight *sight,
    uint64_t seq, struct gate_sighting *out, struct fault *fault);
/* Of an indicator's hits that the reader may see: those that were there before it was known. */
void gate_seen_before(
    const struct gate_ask *ask, const struct sight *sight, struct gate_indicator *out);
/* A title of a parsed object; borrowed from it. */
struct str gate_title_of(const struct stix_object *o);
