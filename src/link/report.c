/* SPDX-License-Identifier: Apache-2.0 */
/* What people are told of links: alarms, and the state of each. */
#include <stdio.h>
#include <string.h>

#include "codec/time.h"
#include "link/internal.h"

enum { DATE_LENGTH = 10 };

static const usec DAY = INT64_C(24) * 3600 * USEC_PER_SEC;
/* Certificates are announced again so many days before their end. */
static const int DAYS_BEFORE[] = {1, 7, 30};

static const struct {
	const char *code;
	const char *text; /* behind the names of peers */
} ALARMS[LINK_ALARMS] = {
    [ALARM_CLASSICAL] = {"peer-classical",
        "offers a classical key exchange only, though it is known to be post-quantum: it is not "
        "spoken to. `tocsin peer test` says more."},
    [ALARM_CERTIFICATE] = {"peer-certificate",
        "is answered for by a node with another certificate than the one pinned: it is not spoken "
        "to. `tocsin peer test` says more."},
    [ALARM_CLOCK] = {"clock-skew",
        "and this node differ by more than 2 s in what time it is: set both clocks (NTP). `tocsin "
        "peer show` says by how much."},
    [ALARM_EXPIRES] = {"certificate-expires", ""},
    [ALARM_KEYS] = {"peer-keys",
        "says that it has new ledger keys, but the keys pinned here did not sign that: it is not "
        "spoken to. Ask there by telephone; if it is true, cut the peer and invite it again."},
};

void report_changed(const struct link *l)
{
	if (l->o.changed && !l->closing)
		l->o.changed(l->o.ctx);
}

/* Tells only what is news. */
static void say(struct link *l, enum link_alarm alarm, const char *text)
{
	if (strcmp(l->alarm_text[alarm], text) == 0 || l->closing)
		return;
	(void)snprintf(l->alarm_text[alarm], sizeof(l->alarm_text[alarm]), "%s", text);
	if (l->o.alarm)
		l->o.alarm(l->o.ctx, ALARMS[alarm].code, text[0] ? text : NULL);
}

void report_alarm(struct slot *slot, enum link_alarm alarm, bool on)
{
	struct link *l = slot->link;
	char text[WIRE_TEXT_MAX];
	struct buf names;

	if (slot->alarms[alarm] == on)
		return;
	slot->alarms[alarm] = on;
	if (alarm == ALARM_EXPIRES) {
		link_check_certificates(l);
		return;
	}
	buf_init(&names, WIRE_TEXT_MAX / 2);
	for (size_t i = 0; i < l->slot_count; i++)
		if (l->slots[i].alarms[alarm])
			buf_printf(
			    &names, "%s%.*s", names.n ? ", " : "", STR_ARG(l->slots[i].peer.name));
	if (names.n > 0)
		(void)snprintf(text, sizeof(text), "The peer %.*s %s", STR_ARG(buf_str(&names)),
		    ALARMS[alarm].text);
	else
		text[0] = '\0';
	buf_free(&names);
	say(l, alarm, text);
}

void link_put_expiry(struct buf *out, const char *whose, usec expires, usec now)
{
	char date[TIME_TEXT + 1];

	time_format(date, expires);
	date[DATE_LENGTH] = '\0';
	if (expires <= now) {
		buf_printf(out, "%s ended on %s. ", whose, date);
		return;
	}
	for (size_t i = 0; i < sizeof(DAYS_BEFORE) / sizeof(DAYS_BEFORE[0]); i++) {
		if (expires - now > DAYS_BEFORE[i] * DAY)
			continue;
		buf_printf(out, "%s ends on %s, in less than %d day%s. ", whose, date,
		    DAYS_BEFORE[i], DAYS_BEFORE[i] == 1 ? "" : "s");
		return;
	}
}

void link_check_certificates(struct link *l)
{
	usec now = env_now(l->o.env);
	char text[WIRE_TEXT_MAX];
	struct buf out;

	buf_init(&out, WIRE_TEXT_MAX - 1);
	link_put_expiry(&out, "This node's link certificate", l->o.cert_expires, now);
	for (size_t i = 0; i < l->slot_count; i++) {
		const struct slot *slot = &l->slots[i];
		char whose[WIRE_TEXT_MAX];

		if (!slot_is_active(slot) || slot->cert_expires == 0)
			continue;
		(void)snprintf(whose, sizeof(whose), "The certificate of the peer %.*s",
		    STR_ARG(slot->peer.name));
		link_put_expiry(&out, whose, slot->cert_expires, now);
	}
	if (out.n > 0)
		buf_put(&out, S("`tocsin key rotate DIR --link` makes and announces a new one."));
	(void)snprintf(text, sizeof(text), "%.*s", STR_ARG(buf_str(&out)));
	buf_free(&out);
	say(l, ALARM_EXPIRES, text);
}

static void put_connection(struct json_writer *w, const struct link_session *s)
{
	struct wire_counts counts = wire_counts(s->wire);

	json_put_bool(w, "dialled", s->client);
	json_put_int(w, "bytes_in", (int64_t)counts.bytes_in);
	json_put_int(w, "bytes_out", (int64_t)counts.bytes_out);
	json_put_int(w, "messages_in", (int64_t)counts.messages_in);
	json_put_int(w, "messages_out", (int64_t)counts.messages_out);
	json_put_int(w, "fillers_in", (int64_t)counts.fillers_in);
	json_put_int(w, "fillers_out", (int64_t)counts.fillers_out);
	json_put_int(w, "filled_in", (int64_t)counts.filled_in);
	json_put_int(w, "filled_out", (int64_t)counts.filled_out);
	json_put_bool(w, "paced", s->link->o.pace > 0);
	json_put_bool(w, "paced_in", counts.fillers_in > 0);
	if (s->link->o.engine.status)
		s->link->o.engine.status(s->state, w);
}

void link_put_state(const struct link *l, struct json_writer *w)
{
	json_put_time(w, "cert_expires", l->o.cert_expires);
	json_list(w, "peers");
	for (size_t i = 0; i < l->slot_count; i++) {
		const struct slot *slot = &l->slots[i];

		if (!slot->listed)
			continue;
		json_object(w, NULL);
		json_put_str(w, "name", slot->peer.name);
		json_put_bool(w, "connected", slot->up != NULL);
		json_put_bool(w, "keys_taken", slot->keys_taken);
		json_put_time(w, "since", slot->since);
		if (slot->group[0]) {
			json_put_str(w, "group", str_c(slot->group));
			json_put_bool(w, "post_quantum", slot->post_quantum);
		}
		if (slot->cert_expires)
			json_put_time(w, "cert_expires", slot->cert_expires);
		if (slot->clock_known) {
			json_put_int(w, "clock_skew", slot->clock.skew);
			json_put_int(w, "round_trip", slot->clock.trip);
		}
		if (slot->error[0] && !slot->up)
			json_put_str(w, "error", str_c(slot->error));
		if (slot->up)
			put_connection(w, slot->up);
		json_end_object(w);
	}
	json_end_list(w);
}
