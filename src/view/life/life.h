/* SPDX-License-Identifier: Apache-2.0 */
/* What the match view knows of the life of indicators: the evidence of sightings and opinions, kept
 * in a database beside the index ("life.db" in views/match), from which follows when an indicator
 * falls below the threshold and is matched no more. Where the threshold is 0 nothing is kept, for
 * nothing ever does. Private to view/. */
#pragma once

#include "stix/equality.h"
#include "stix/object.h"
#include "view/life/settings.h"
#include "view/view.h"

struct life;

/* What its database is called, and what both sides ask of it. However often one source says that an
 * indicator was a false positive, it says it once. */
#define LIFE_DATABASE "life"
#define LIFE_LAST_SEEN                                                                             \
	"SELECT at FROM evidence WHERE indicator = ? AND weight = 0 ORDER BY at DESC LIMIT 1"
#define LIFE_SUM_DENIED                                                                            \
	("SELECT total(w), count(*) FROM (SELECT max(weight) AS w FROM evidence "                  \
	 "WHERE indicator = ? AND weight > 0 GROUP BY source)")
enum { LIFE_VERSION = 1 };

/* `views` is the node's folder of views, `dir` that of the match view in it. *out is NULL when
 * nothing decays, by the configuration of the node. */
MUST_USE enum err life_open(
    struct life **out, struct str views, struct str dir, struct fault *fault);
void life_close(struct life *l); /* NULL allowed, here and below */
MUST_USE enum err life_drop(struct str dir, struct fault *fault);
/* Of what the configuration says; zeros when nothing decays. */
struct sha256 life_digest(const struct life *l);

/* The second from which on the indicator of this record is not matched any more; UINT32_MAX:
 * never, 0: always. `terms` NULL: it has none. */
uint32_t life_until(struct life *l, const struct store *s, uint64_t seq,
    const struct stix_object *indicator, const struct term_list *terms);

/* Takes the evidence of records up to `end`; nothing is final before life_commit. */
MUST_USE enum err life_follow(
    struct life *l, const struct store *s, uint64_t end, struct fault *fault);
/* Calls visit for each indicator here that life_follow learned something about, with the record of
 * the version that counts. */
typedef enum err (*life_fn)(void *ctx, uint64_t seq, uint32_t until, struct fault *fault);
MUST_USE enum err life_news(struct life *l, const struct store *s, uint64_t end, life_fn visit,
    void *ctx, struct fault *fault);
MUST_USE enum err life_commit(
    struct life *l, const struct store *s, uint64_t end, struct fault *fault);
void life_rest(struct life *l);
MUST_USE enum err life_dump(struct life *l, view_line_fn line, void *ctx, struct fault *fault);
