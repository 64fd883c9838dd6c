/* SPDX-License-Identifier: Apache-2.0 */
/* What link.c (peers, dialling, accepting), talk.c (one connection) and report.c (alarms, state)
 * share; nobody else includes it. */
#pragma once

#include "link/admit.h"
#include "link/hello.h"
#include "link/link.h"
#include "wire/wire.h"

enum link_alarm {
	ALARM_CLASSICAL,
	ALARM_CERTIFICATE,
	ALARM_CLOCK,
	ALARM_EXPIRES,
	ALARM_KEYS,
	LINK_ALARMS
};

/* One peer. */
struct slot {
	struct link *link;
	struct arena *arena; /* of peer's strings */
	struct link_peer peer;
	bool listed; /* by the newest link_set_peers */
	struct link_session *up, *dialling;
	struct loop_timer *retry;
	unsigned failures;         /* to dial, in a row */
	char error[WIRE_TEXT_MAX]; /* why there is no link; empty: no reason is known */
	usec since;                /* of being up or down */
	char group[TLS_GROUP_MAX]; /* of the newest connection */
	bool post_quantum;         /* likewise */
	usec cert_expires;         /* 0: not seen yet */
	struct clock_skew clock;
	bool clock_known;
	bool keys_taken; /* what we say of our keys, by the peer */
	bool alarms[LINK_ALARMS];
};

enum phase {
	PHASE_SHAKING,
	PHASE_GREETING, /* the client has said hello, or the server waits for it */
	PHASE_JOINING,  /* core is asked about an invitation */
	PHASE_UP,
	PHASE_LEAVING,
};

struct link_session {
	struct link *link;
	struct link_session *previous, *next;
	struct slot *slot; /* NULL: nobody known */
	struct wire *wire;
	bool client;
	enum phase phase;
	struct loop_timer *timer; /* until up: patience; then: the clock */
	struct joining *joining;  /* core's answer is awaited */
	void *state;              /* the engine's */
	usec asked;               /* for the time */
};

struct link {
	struct link_options o;
	int listener;
	struct loop_watch *listener_watch;
	struct slot slots[LINK_PEERS_MAX];
	size_t slot_count;
	struct link_session *sessions;
	size_t waiting; /* sessions that are not up */
	char alarm_text[LINK_ALARMS][WIRE_TEXT_MAX];
	struct arena *arena; /* of one message */
	struct buf keys;     /* what this node says of its ledger keys; empty: they are the first */
	bool closing;
};

/* link.c */
struct slot *link_slot_of(struct link *l, const struct sha256 *cert);
/* The link to this peer has ended or could not be made; text NULL: no reason to remember. */
void slot_lost(struct slot *slot, struct str text);
bool slot_is_active(const struct slot *slot);
bool slot_is_ours_to_dial(const struct slot *slot);

/* talk.c */
struct link_session *talk_open(struct link *l, struct slot *slot, int fd);
/* Tells the other side which keys this node's are followed by. */
void talk_say_keys(struct link_session *s);
/* Ends and frees it at once, without a word; its slot is not told. */
void talk_drop(struct link_session *s);
/* Parts it from its slot and the engine now; the goodbye goes its way. */
void talk_leave(struct link_session *s, struct str reason);

/* report.c */
void report_alarm(struct slot *slot, enum link_alarm alarm, bool on);
void report_changed(const struct link *l);
