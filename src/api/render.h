/* SPDX-License-Identifier: Apache-2.0 */
/* What the gate gave, written as JSON in the shapes of ops/schema.c. Nothing is looked up here. */
#pragma once

#include "api/links.h"
#include "codec/json.h"
#include "gate/feed.h"
#include "gate/member/member.h"
#include "gate/peers.h"
#include "gate/read.h"
#include "gate/withdrawals.h"
#include "intake/live/how.h"

void render_sighting(struct json_writer *w, const struct gate_sighting *s);
void render_indicator(struct json_writer *w, const struct gate_indicator *i);
/* With how it is matched. */
void render_indicator_how(
    struct json_writer *w, const struct gate_indicator *i, const struct live_how *how, usec now);
void render_source(struct json_writer *w, const struct gate_source *s);
void render_found(struct json_writer *w, const struct gate_found *f);
void render_relation(struct json_writer *w, const struct gate_relation *r);
void render_account(struct json_writer *w, const struct gate_account *a);
void render_member(struct json_writer *w, const struct gate_member *m);
struct str render_verdict(enum verdict verdict, const struct gate_terms *change);
void render_terms(struct json_writer *w, const struct gate_terms *change);
void render_why(
    struct json_writer *w, struct str id, struct str reader, const struct gate_why *why);
void render_community(struct json_writer *w, const struct gate_community *c);
void render_gate_request(struct json_writer *w, const struct gate_request *q);
void render_token(struct json_writer *w, const struct gate_token *t);
/* `link` NULL: nothing is known of its connection. `full`: with what only one peer's page shows. */
void render_peer(struct json_writer *w, const struct gate_peer *p, const struct run_links *links,
    usec now, bool full);
/* `now` is the time of contact with who is connected. */
void render_purge(
    struct json_writer *w, const struct gate_purge *g, const struct run_links *links, usec now);
void render_withdrawal(struct json_writer *w, const struct gate_withdrawal *g,
    const struct run_links *links, usec now, bool full);
void render_evidence(struct json_writer *w, const struct gate_evidence *e);
void render_originator(struct json_writer *w, const struct gate_peer *p);
void render_proof(struct json_writer *w, const char *key, const struct gate_proof *p,
    const struct sha256 *content);
/* role_may_write: what the reader's role adds to the collection's own rights. */
void render_collection(struct json_writer *w, const struct gate_collection *c, bool role_may_write);
/* `expires` 0: left out. */
void render_session(
    struct json_writer *w, struct str name, const struct reader *reader, usec expires);
/* At most 2,048 bytes, lower case. */
void render_hex(struct json_writer *w, const char *key, const void *bytes, size_t n);
/* {"error":{...}} */
void render_problem(struct buf *out, const char *code, struct str message);
