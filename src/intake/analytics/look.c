/* SPDX-License-Identifier: Apache-2.0 */
#include "intake/analytics/look.h"

#include "analytics/analytics.h"
#include "analytics/outbox.h"
#include "base/mem.h"
#include "codec/time.h"
#include "intake/analytics/settings.h"
#include "intake/messages.h"

enum { MESSAGE_MAX = 64 << 10 };

/* An event that says it comes from later than this has a clock that cannot be counted by. */
static const usec AHEAD_MAX = 3600 * USEC_PER_SEC;

struct look {
	struct watch watch;
	struct analytics *analytics;
	const struct env *env;
	struct hash_key key;
	struct buf message;
	uint64_t crowded;            /* as core was told */
	char name[FINDING_NAME_MAX]; /* of the event being looked at */
};

static struct watch *open_look(uint64_t stream, const struct env *env)
{
	struct look *l = mem_alloc(sizeof(*l));

	(void)stream;
	l->watch.class = &WATCH_ANALYTICS;
	l->env = env;
	env_random(env, &l->key, sizeof(l->key));
	buf_init(&l->message, MESSAGE_MAX);
	return &l->watch;
}

static void configure(struct watch *w, const struct config *config)
{
	struct look *l = (struct look *)w;
	struct analytics_settings settings;

	/* It was checked before the node started. */
	if (analytics_settings_of(&settings, config, NULL) != OK)
		settings = ANALYTICS_DEFAULTS;
	l->analytics = analytics_new(&settings, &l->key);
}

static void close_look(struct watch *w)
{
	struct look *l = (struct look *)w;

	analytics_free(l->analytics);
	buf_free(&l->message);
	mem_free(l);
}

/* Events that stand for a connection and name who began it first. */
static bool is_connection(struct str type)
{
	static const struct str TYPES[] = {
	    S("flow"), S("tls"), S("http"), S("quic"), S("ssh"), S("smtp")};

	for (size_t i = 0; i < sizeof(TYPES) / sizeof(TYPES[0]); i++)
		if (str_eq(type, TYPES[i]))
			return true;
	return false;
}

static uint64_t number_of(struct str text)
{
	uint64_t n = 0;

	return str_u64(text, &n) == OK ? n : 0;
}

/* False when the event has not both addresses. */
static bool parties(struct analytics_event *out, const struct match_event *event)
{
	for (size_t i = 0; i < event->count; i++) {
		const struct match_value *v = &event->values[i];

		if (v->field == EVE_SRC_IP && !out->host.n)
			(void)address_of(&out->host, &v->term);
		else if (v->field == EVE_DEST_IP && !out->peer.n)
			(void)address_of(&out->peer, &v->term);
	}
	return out->host.n && out->peer.n;
}

/* The name in canonical form; STR_NONE when it has bytes that no name of a host has. */
static struct str name_of(struct look *l, struct str text)
{
	if (text.n && text.p[text.n - 1] == '.')
		text.n--;
	if (text.n > FINDING_NAME_MAX)
		return STR_NONE;
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];

		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		if (!finding_name_may_hold(c))
			return STR_NONE;
		l->name[i] = c;
	}
	return (struct str){l->name, text.n};
}

static bool lookup(struct look *l, struct analytics_event *out, const struct match_event *event)
{
	if (!str_eq(event->traits[EVE_TYPE], S("dns")))
		return false;
	out->kind = str_eq(event->traits[EVE_DNS_CODE], S("NXDOMAIN")) ? ANALYTICS_MISSING
	                                                               : ANALYTICS_LOOKUP;
	out->name = name_of(l, event->traits[EVE_DNS_NAME]);
	out->type = event->traits[EVE_DNS_TYPE];
	return out->name.n > 0;
}

static bool connection(struct analytics_event *out, const struct match_event *event)
{
	const struct str *traits = event->traits;
	uint64_t port = number_of(traits[EVE_DEST_PORT]);
	usec start;

	if (!is_connection(traits[EVE_TYPE]))
		return false;
	if (traits[EVE_START].n && time_parse_any(&start, traits[EVE_START]) == OK)
		out->when = start;
	out->kind = traits[EVE_REPLIES].n && str_eq(traits[EVE_TYPE], S("flow"))
	                ? ANALYTICS_ENDED
	                : ANALYTICS_CONNECTION;
	out->port = port <= UINT16_MAX ? (uint16_t)port : 0;
	out->udp = str_eq(traits[EVE_PROTO], S("UDP"));
	out->sent = number_of(traits[EVE_SENT]);
	out->replies = number_of(traits[EVE_REPLIES]);
	return true;
}

static void see_event(struct watch *w, const struct match_event *event, usec when)
{
	struct look *l = (struct look *)w;
	struct analytics_event e = {.when = when};

	if ((connection(&e, event) || lookup(l, &e, event)) && parties(&e, event) && e.when > 0 &&
	    e.when <= env_now(l->env) + AHEAD_MAX)
		analytics_see(l->analytics, &e);
}

/* What core does not take now is given again with the next batch. */
static void end_batch(struct watch *w, const struct watch_batch *batch)
{
	struct look *l = (struct look *)w;
	struct outbox *found = analytics_found(l->analytics);
	struct chan_message m = {.type = INTAKE_FINDINGS, .id = batch->stream};
	uint64_t crowded = analytics_counts(l->analytics).crowded - l->crowded;

	if (found->count == 0 && crowded == 0)
		return;
	crowded = crowded < UINT32_MAX ? crowded : UINT32_MAX;
	buf_reset(&l->message);
	buf_u32(&l->message, (uint32_t)crowded);
	buf_u32(&l->message, (uint32_t)found->count);
	for (size_t i = 0; i < found->count; i++)
		finding_put(&l->message, &found->list[i]);
	m.body = buf_str(&l->message);
	if (chan_send(batch->core, &m) != OK)
		return;
	found->count = 0;
	l->crowded += crowded;
}

static unsigned wants(const struct watch *w)
{
	(void)w;
	return EVE_WANT_TRAITS;
}

const struct watch_class WATCH_ANALYTICS = {
    .open = open_look,
    .configure = configure,
    .wants = wants,
    .event = see_event,
    .batch = end_batch,
    .close = close_look,
};
