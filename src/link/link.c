/* SPDX-License-Identifier: Apache-2.0 */
#include "link/link.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "link/internal.h"
#include "sys/address.h"

enum {
	WAITING_MAX = 128, /* connections of whom nothing is known yet */
	MESSAGE_ARENA = 1 << 20,
	PEER_ARENA = 64 << 10,
	ACCEPTS_PER_TURN = 16,
	DOUBLINGS_MAX = 10,
};

static const usec RETRY_FIRST = USEC_PER_SEC / 4;
static const usec RETRY_LAST = 10 * USEC_PER_SEC;

bool slot_is_active(const struct slot *slot)
{
	return slot->listed && str_eq(slot->peer.state, S("active"));
}

/* One of two dials: the one with the smaller identity, or the one whom nobody could dial. */
bool slot_is_ours_to_dial(const struct slot *slot)
{
	return str_cmp(slot->link->o.identity, slot->peer.identity) < 0;
}

struct slot *link_slot_of(struct link *l, const struct sha256 *cert)
{
	char hex[2 * SHA256_LEN + 1];
	struct slot *cut = NULL;

	admit_hex(hex, cert);
	for (size_t i = 0; i < l->slot_count; i++) {
		struct slot *slot = &l->slots[i];

		if (!slot->listed || (!str_eq(slot->peer.cert, str_c(hex)) &&
		                         !str_eq(slot->peer.next_cert, str_c(hex))))
			continue;
		/* A node that was cut may be a peer again under another name. */
		if (!str_eq(slot->peer.state, S("cut")))
			return slot;
		cut = slot;
	}
	return cut;
}

/* With a quarter of chance either way, so that peers of a node that restarts do not come in step.
 */
static usec with_jitter(const struct link *l, usec wait)
{
	uint16_t chance;

	env_random(l->o.env, &chance, sizeof(chance));
	return wait - wait / 4 + wait / 2 * chance / UINT16_MAX;
}

static void dial_later(struct slot *slot, usec wait)
{
	if (slot_is_active(slot) && slot->peer.address.n)
		loop_timer_set(slot->retry, with_jitter(slot->link, wait));
}

static usec backoff(const struct slot *slot)
{
	const struct link_options *o = &slot->link->o;
	usec wait = o->retry_first;

	/* The other side dials; when it cannot, we do in the end. */
	if (!slot_is_ours_to_dial(slot) && o->reachable)
		return o->retry_last;
	for (unsigned i = 0; i < slot->failures && i < DOUBLINGS_MAX; i++)
		wait *= 2;
	return wait < o->retry_last ? wait : o->retry_last;
}

void slot_lost(struct slot *slot, struct str text)
{
	if (slot->up)
		return;
	slot->failures++;
	slot->since = env_now(slot->link->o.env);
	if (text.n)
		(void)snprintf(slot->error, sizeof(slot->error), "%.*s", STR_ARG(text));
	if (!slot->link->closing)
		dial_later(slot, backoff(slot));
	report_changed(slot->link);
}

static void dial(void *ctx)
{
	struct slot *slot = ctx;
	struct fault fault;
	int fd;

	if (!slot_is_active(slot) || slot->up || slot->dialling)
		return;
	if (address_dial(&fd, slot->peer.address, &fault) != OK) {
		slot_lost(slot, str_c(fault.text));
		return;
	}
	slot->dialling = talk_open(slot->link, slot, fd);
	if (!slot->dialling)
		slot_lost(slot, S("no memory for a connection"));
}

/* The one that has waited longest gives way: connecting and saying nothing keeps nobody out. */
static void make_room(struct link *l)
{
	struct link_session *oldest = NULL;

	if (l->waiting < WAITING_MAX)
		return;
	for (struct link_session *s = l->sessions; s; s = s->next)
		if (s->phase != PHASE_UP && !s->client)
			oldest = s;
	if (oldest)
		talk_drop(oldest);
}

static void on_listener(void *ctx)
{
	struct link *l = ctx;

	for (int i = 0; i < ACCEPTS_PER_TURN; i++) {
		int fd = accept4(l->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

		if (fd < 0)
			return;
		address_prompt(fd);
		make_room(l);
		(void)talk_open(l, NULL, fd);
	}
}

void link_listen(struct link *l, int fd)
{
	loop_watch_free(l->listener_watch);
	if (l->listener >= 0)
		close(l->listener);
	l->listener = fd;
	l->listener_watch = loop_watch_new(l->o.loop, fd, on_listener, l);
}

static void copy_str(struct arena *arena, struct str *s)
{
	*s = s->p ? arena_str(arena, *s) : STR_NONE;
}

static void copy_peer(struct slot *slot, const struct link_peer *p)
{
	struct arena *arena = slot->arena;

	arena_reset(arena);
	slot->peer = *p;
	copy_str(arena, &slot->peer.name);
	copy_str(arena, &slot->peer.state);
	copy_str(arena, &slot->peer.identity);
	copy_str(arena, &slot->peer.origin);
	copy_str(arena, &slot->peer.cert);
	copy_str(arena, &slot->peer.next_cert);
	copy_str(arena, &slot->peer.address);
}

static bool same_peer(const struct link_peer *a, const struct link_peer *b)
{
	return str_eq(a->state, b->state) && str_eq(a->identity, b->identity) &&
	       str_eq(a->cert, b->cert) && str_eq(a->address, b->address) &&
	       str_eq(a->origin, b->origin) && a->post_quantum == b->post_quantum;
}

/* Another certificate is to come: that alone ends no session. */
static bool only_certificates_differ(const struct link_peer *a, const struct link_peer *b)
{
	struct link_peer same = *a;

	same.cert = b->cert;
	return same_peer(&same, b) && (str_eq(a->cert, b->cert) || str_eq(a->next_cert, b->cert));
}

static void take_certificates(struct slot *slot, const struct link_peer *p)
{
	if (str_eq(slot->peer.cert, p->cert) && str_eq(slot->peer.next_cert, p->next_cert))
		return;
	slot->peer.cert = arena_str(slot->arena, p->cert);
	slot->peer.next_cert = p->next_cert.p ? arena_str(slot->arena, p->next_cert) : STR_NONE;
}

/* Nothing of what was between us stays; `why` is for the other side. */
static void let_go(struct slot *slot, const char *why)
{
	loop_timer_clear(slot->retry);
	if (slot->dialling)
		talk_drop(slot->dialling);
	if (slot->up)
		talk_leave(slot->up, str_c(why));
	for (int a = 0; a < LINK_ALARMS; a++)
		report_alarm(slot, (enum link_alarm)a, false);
	slot->failures = 0;
	slot->error[0] = '\0';
	slot->clock_known = false;
}

static struct slot *slot_new(struct link *l)
{
	struct slot *slot;

	if (l->slot_count == LINK_PEERS_MAX)
		return NULL;
	slot = &l->slots[l->slot_count++];
	*slot =
	    (struct slot){.link = l, .arena = arena_new(PEER_ARENA), .since = env_now(l->o.env)};
	slot->retry = loop_timer_new(l->o.loop, dial, slot);
	return slot;
}

static void set_peer(struct link *l, const struct link_peer *p)
{
	struct slot *slot = NULL;

	for (size_t i = 0; i < l->slot_count && !slot; i++)
		if (str_eq(l->slots[i].peer.name, p->name))
			slot = &l->slots[i];
	if (slot && slot->listed && only_certificates_differ(&slot->peer, p)) {
		take_certificates(slot, p);
		return;
	}
	if (!slot)
		slot = slot_new(l);
	if (!slot)
		return;
	/* Its session borrows strings of the old record, so it goes first. */
	let_go(slot, str_eq(p->state, S("cut")) ? admit_words_there(ADMIT_CUT)
	                                        : "what is decided about this link has changed");
	slot->listed = true;
	copy_peer(slot, p);
	/* Who becomes active last finds the other side ready. */
	if (slot_is_active(slot) && slot->peer.address.n)
		loop_timer_set(slot->retry, 0);
}

void link_set_peers(struct link *l, const struct link_peer *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		set_peer(l, &list[i]);
	for (size_t i = 0; i < l->slot_count; i++) {
		bool listed = false;

		for (size_t k = 0; k < count && !listed; k++)
			listed = str_eq(list[k].name, l->slots[i].peer.name);
		if (!listed && l->slots[i].listed) {
			l->slots[i].listed = false;
			let_go(&l->slots[i], admit_words_there(ADMIT_UNKNOWN));
		}
	}
	report_changed(l);
}

void link_set_keys(struct link *l, struct str keys)
{
	if (str_eq(keys, buf_str(&l->keys)))
		return;
	buf_reset(&l->keys);
	buf_put(&l->keys, keys);
	for (size_t i = 0; i < l->slot_count; i++)
		l->slots[i].keys_taken = false;
	for (size_t i = 0; i < l->slot_count; i++)
		if (l->slots[i].up)
			talk_say_keys(l->slots[i].up);
}

void link_set_tls(struct link *l, struct ssl_ctx_st *tls, usec cert_expires)
{
	l->o.tls = tls;
	l->o.cert_expires = cert_expires;
	link_check_certificates(l);
	report_changed(l);
}

void link_committed(struct link *l, uint64_t size, uint64_t views)
{
	if (!l->o.engine.committed)
		return;
	for (size_t i = 0; i < l->slot_count; i++)
		if (l->slots[i].up)
			l->o.engine.committed(l->slots[i].up->state, size, views);
}

struct link *link_new(const struct link_options *options)
{
	struct link *l = mem_alloc(sizeof(*l));

	l->o = *options;
	l->listener = -1;
	l->arena = arena_new(MESSAGE_ARENA);
	buf_init(&l->keys, LINK_KEYS_MAX);
	if (l->o.retry_first == 0) {
		l->o.retry_first = RETRY_FIRST;
		l->o.retry_last = RETRY_LAST;
	}
	link_check_certificates(l);
	return l;
}

void link_free(struct link *l)
{
	if (!l)
		return;
	l->closing = true;
	while (l->sessions)
		talk_drop(l->sessions);
	loop_watch_free(l->listener_watch);
	if (l->listener >= 0)
		close(l->listener);
	for (size_t i = 0; i < l->slot_count; i++) {
		loop_timer_free(l->slots[i].retry);
		arena_free(l->slots[i].arena);
	}
	arena_free(l->arena);
	buf_free(&l->keys);
	mem_free(l);
}
