/* SPDX-License-Identifier: Apache-2.0 */
/* The connections between this node and its peers: dials and is dialled, lets in whom admit.h lets
 * in, keeps one connection a peer, compares clocks, watches certificates, and hands what is said to
 * its engine (session.h). It knows no ledger: its owner tells it who the peers are. */
#pragma once

#include "base/env.h"
#include "base/log.h"
#include "link/session.h"
#include "sys/loop.h"
#include "sys/rpc.h"

struct ssl_ctx_st;
struct link;

enum { LINK_PEERS_MAX = 256, LINK_KEYS_MAX = 1 << 20 };

struct link_options {
	struct loop *loop;
	struct ssl_ctx_st *tls; /* of tls_link_new; outlives the link */
	usec cert_expires;      /* of the certificate in it */
	const struct env *env;
	const struct log *log;
	struct str identity; /* ours */
	bool reachable;      /* peers know where to dial us */
	uint32_t pace;       /* kbit/s that every link carries always; 0: as much as there is */
	struct rpc rpc;      /* to core: "peer.join", "peer.keys" */
	struct link_engine engine;
	usec retry_first, retry_last; /* between attempts to dial; 0: 0.25 s and 10 s */
	/* Sets or (text NULL) ends an alarm. */
	void (*alarm)(void *ctx, const char *code, const char *text);
	void (*changed)(void *ctx); /* link_put_state would say something else now */
	void *ctx;
};

struct link *link_new(const struct link_options *options);
void link_free(struct link *l); /* NULL allowed */
/* Takes over a listening socket. */
void link_listen(struct link *l, int fd);
/* All peers there are, copied; those that are not active any more are let go at once. The first
 * LINK_PEERS_MAX count. */
void link_set_peers(struct link *l, const struct link_peer *list, size_t count);
/* The arguments of "peer.keys" that every peer is to call with: this node's statements about its
 * ledger keys. Those that are connected are told now, before anything that the new keys sign. */
void link_set_keys(struct link *l, struct str keys);
/* Another certificate, for connections from now on; those that are up stay as they are. */
void link_set_tls(struct link *l, struct ssl_ctx_st *tls, usec cert_expires);
/* Something was committed: for the engine. */
void link_committed(struct link *l, uint64_t size, uint64_t views);
/* How the end of a certificate is announced, 30 days, 7 days and one before; nothing while it is
 * far. */
void link_put_expiry(struct buf *out, const char *whose, usec expires, usec now);
/* The end of our certificate, and a list "peers" of what is known of each link. */
void link_put_state(const struct link *l, struct json_writer *w);
/* Looks at certificates again; to be called now and then. */
void link_check_certificates(struct link *l);
