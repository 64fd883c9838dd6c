/* SPDX-License-Identifier: Apache-2.0 */
/* Figures in the Prometheus text format (0.0.4). Those of the processes say nothing of the content;
 * all others are read through the gate for the reader who asks. */
#include "api/request.h"

#include <inttypes.h>

#include "api/links.h"
#include "api/read.h"
#include "api/run_state.h"
#include "api/signin.h"
#include "gate/peers.h"
#include "gate/read.h"
#include "gate/withdrawals.h"
#include "intake/analytics/figures.h"
#include "intake/live/figures.h"

/* A value of a label: backslash, quote and line feed are escaped, as the format says. */
static void put_label(struct buf *out, const char *name, struct str value)
{
	buf_printf(out, "%s=\"", name);
	for (size_t i = 0; i < value.n; i++) {
		char c = value.p[i];

		if (c == '\\' || c == '"')
			buf_byte(out, '\\');
		if (c == '\n')
			buf_put(out, S("\\n"));
		else
			buf_byte(out, c);
	}
	buf_byte(out, '"');
}

static void begin(struct buf *out, const char *name, const char *type, const char *help)
{
	buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void put_figure(struct buf *out, const char *name, const char *help, uint64_t value)
{
	begin(out, name, "gauge", help);
	buf_printf(out, "%s %" PRIu64 "\n", name, value);
}

static void put_count(struct buf *out, const char *name, const char *help, uint64_t value)
{
	begin(out, name, "counter", help);
	buf_printf(out, "%s %" PRIu64 "\n", name, value);
}

static void put_build(struct buf *out, const struct api *a)
{
	begin(out, "tocsin_build_info", "gauge", "The program that answers.");
	buf_put(out, S("tocsin_build_info{"));
	put_label(out, "version", a->o.node.version);
	buf_put(out, S("} 1\n"));
}

/* By role alone: a counter of restarts that got another name with each of them would count none. */
static void put_process(
    struct buf *out, const char *name, const struct run_process *p, uint64_t value)
{
	buf_printf(out, "%s{", name);
	put_label(out, "role", p->role);
	buf_printf(out, "} %" PRIu64 "\n", value);
}

static void put_processes(struct buf *out, const struct run_state *s)
{
	static const char RSS[] = "tocsin_process_resident_memory_bytes";
	static const char RESTARTS[] = "tocsin_process_restarts_total";
	static const char ALARM[] = "tocsin_alarm";

	begin(out, RSS, "gauge", "Resident memory of each process.");
	for (size_t i = 0; i < s->process_count; i++)
		put_process(out, RSS, &s->processes[i], s->processes[i].rss);
	begin(out, RESTARTS, "counter", "Times each role was started again.");
	for (size_t i = 0; i < s->process_count; i++)
		put_process(out, RESTARTS, &s->processes[i], s->processes[i].restarts);
	begin(out, ALARM, "gauge", "Alarms that need a person; 1 while one is on.");
	for (size_t i = 0; i < s->alarm_count; i++) {
		buf_printf(out, "%s{", ALARM);
		put_label(out, "code", s->alarms[i].code);
		buf_put(out, S("} 1\n"));
	}
}

static void put_signins(struct buf *out, const struct api *a)
{
	static const char NAME[] = "tocsin_oidc_sign_ins_total";

	if (!a->o.signin)
		return;
	begin(out, NAME, "counter", "Sign-ins with the identity provider, by how they ended.");
	for (unsigned i = 0; i < SIGNIN_ENDS; i++)
		buf_printf(out, "%s{end=\"%s\"} %" PRIu64 "\n", NAME,
		    signin_end_name((enum signin_end)i), a->signins[i]);
}

static void put_taxii(struct buf *out, const struct run_state *s)
{
	uint64_t tls12;

	if (!s->taxii_url.p)
		return;
	(void)run_state_figure(s, "taxii_tls12", &tls12);
	put_count(out, "tocsin_taxii_tls12_connections_total",
	    "Connections of the listener for TAXII that spoke TLS 1.2.", tls12);
}

static void put_answers(struct buf *out, const struct api *a)
{
	static const char NAME[] = "tocsin_http_answers_total";

	begin(out, NAME, "counter", "Answers given, by operation and class of status.");
	for (size_t i = 0; i < OPS_COUNT; i++)
		for (unsigned k = 1; k < STATUS_CLASSES; k++)
			if (a->answers[i][k] > 0)
				buf_printf(out, "%s{operation=\"%s\",class=\"%uxx\"} %" PRIu64 "\n",
				    NAME, OPS[i].name, k, a->answers[i][k]);
	put_figure(out, "tocsin_http_streams", "Live streams that are open.", a->stream_count);
	put_count(out, "tocsin_http_streams_cut_total",
	    "Live streams that ended while their reader did not keep up.", a->streams_cut);
}

/* One metric a member of struct gate_source. */
static const struct source_figure {
	const char *name, *type, *help;
	size_t at;
} SOURCE_FIGURES[] = {
    {"tocsin_source_lines_total", "counter", "Lines taken.", offsetof(struct gate_source, lines)},
    {"tocsin_source_hits_total", "counter", "Events that matched an indicator.",
        offsetof(struct gate_source, hits)},
    {"tocsin_source_bad_lines_total", "counter", "Lines that could not be read.",
        offsetof(struct gate_source, bad)},
    {"tocsin_source_skipped_lines_total", "counter", "Lines that are too long.",
        offsetof(struct gate_source, skipped)},
    {"tocsin_source_untimed_events_total", "counter",
        "Events that say no time or one that cannot be.", offsetof(struct gate_source, untimed)},
    {"tocsin_source_position_bytes", "gauge", "Bytes taken of the current file.",
        offsetof(struct gate_source, position)},
    {"tocsin_source_lag_bytes", "gauge", "Bytes yet to be read.",
        offsetof(struct gate_source, lag_bytes)},
};

static void put_source_figure(
    struct buf *out, const struct source_figure *f, const struct gate_sources *all)
{
	begin(out, f->name, f->type, f->help);
	for (size_t i = 0; i < all->count; i++) {
		const char *base = (const char *)&all->items[i] + f->at;

		buf_printf(out, "%s{", f->name);
		put_label(out, "source", all->items[i].name);
		buf_printf(out, "} %" PRIu64 "\n", *(const uint64_t *)(const void *)base);
	}
}

static void put_source_states(struct buf *out, const struct gate_sources *all)
{
	static const char STATE[] = "tocsin_source_state";
	static const char LAST[] = "tocsin_source_last_event_timestamp_seconds";

	begin(out, STATE, "gauge", "1 for the state that the source is in.");
	for (size_t i = 0; i < all->count; i++) {
		buf_printf(out, "%s{", STATE);
		put_label(out, "source", all->items[i].name);
		buf_byte(out, ',');
		put_label(out, "state", all->items[i].state);
		buf_put(out, S("} 1\n"));
	}
	begin(out, LAST, "gauge", "Time inside the newest event.");
	for (size_t i = 0; i < all->count; i++) {
		if (all->items[i].last_event == 0)
			continue;
		buf_printf(out, "%s{", LAST);
		put_label(out, "source", all->items[i].name);
		buf_printf(out, "} %.6f\n", (double)all->items[i].last_event / USEC_PER_SEC);
	}
}

static void put_figures(struct buf *out, const struct gate_figures *f)
{
	static const char KEPT[] = "tocsin_quarantined_indicators";

	put_figure(out, "tocsin_objects", "Objects that the asking reader may see.", f->objects);
	put_figure(out, "tocsin_indicators", "Of these, indicators.", f->indicators);
	put_figure(out, "tocsin_sightings", "Of these, sightings.", f->sightings);
	if (!f->has_ledger)
		return;
	begin(out, KEPT, "gauge",
	    "Indicators that are kept from being matched, by what speaks against.");
	for (unsigned i = GUARD_NONE + 1; i < GUARD_CLASSES; i++)
		buf_printf(out, "%s{reason=\"%s\"} %" PRIu64 "\n", KEPT,
		    guard_class_name((enum guard_class)i), f->kept[i]);
	put_figure(out, "tocsin_ledger_records", "Records in the ledger.", f->ledger_size);
	put_figure(out, "tocsin_derived_records",
	    "Of these, versions of objects that were derived for guests.", f->derived);
	put_figure(out, "tocsin_checkpoint_records", "Records under the newest signed checkpoint.",
	    f->checkpoint_size);
	begin(out, "tocsin_view_lag_records", "gauge", "Records that a view has yet to take.");
	for (size_t i = 0; i < f->view_count; i++)
		buf_printf(out, "tocsin_view_lag_records{view=\"%s\"} %" PRIu64 "\n",
		    f->views[i].name, f->views[i].lag);
}

static void put_patterns(struct buf *out, const struct run_state *s)
{
	static const char PATTERNS[] = "tocsin_patterns";
	uint64_t n;

	begin(out, PATTERNS, "gauge", "Patterns that are matched on events, or are not, by state.");
	for (size_t i = 0; i < LIVE_FIGURES; i++) {
		if (!str_starts(str_c(LIVE_FIGURE[i].name), S("patterns_")))
			continue;
		(void)run_state_figure(s, LIVE_FIGURE[i].name, &n);
		buf_printf(out, "%s{state=\"%s\"} %" PRIu64 "\n", PATTERNS,
		    LIVE_FIGURE[i].name + sizeof("patterns_") - 1, n);
	}
	for (size_t i = 0; i < LIVE_FIGURES; i++) {
		char name[64];

		if (str_starts(str_c(LIVE_FIGURE[i].name), S("patterns_")))
			continue;
		(void)snprintf(name, sizeof(name), "tocsin_%s_total", LIVE_FIGURE[i].name);
		(void)run_state_figure(s, LIVE_FIGURE[i].name, &n);
		put_count(out, name, "Of patterns on events, since intake started.", n);
	}
}

static void put_findings(struct buf *out, const struct run_state *s)
{
	static const char FOUND[] = "tocsin_findings_total";
	uint64_t values[FINDING_FIGURES];

	begin(out, FOUND, "counter", "Findings taken, newer versions too, by detector.");
	for (size_t i = 0; i < FINDING_FIGURES; i++) {
		(void)run_state_figure(s, FINDING_FIGURE[i].name, &values[i]);
		if (FINDING_FIGURE[i].detector)
			buf_printf(out, "%s{detector=\"%s\"} %" PRIu64 "\n", FOUND,
			    FINDING_FIGURE[i].detector, values[i]);
	}
	put_count(out, "tocsin_findings_dropped_total",
	    "Findings not taken: too many of a source in an hour, or no space.",
	    values[FINDING_DROPPED]);
	put_count(out, "tocsin_findings_crowded_total",
	    "Hosts and pairs that detectors forgot for others.", values[FINDING_CROWDED]);
}

static void put_link_figure(struct buf *out, const char *name, const char *type, const char *help,
    const struct run_links *links, uint64_t (*value)(const struct run_link *l))
{
	begin(out, name, type, help);
	for (size_t i = 0; i < links->count; i++) {
		buf_printf(out, "%s{", name);
		put_label(out, "peer", links->items[i].name);
		buf_printf(out, "} %" PRIu64 "\n", value(&links->items[i]));
	}
}

static uint64_t link_up(const struct run_link *l)
{
	return l->connected;
}

static uint64_t link_post_quantum(const struct run_link *l)
{
	return l->post_quantum;
}

static uint64_t link_certificate_end(const struct run_link *l)
{
	return (uint64_t)(l->cert_expires / USEC_PER_SEC);
}

static uint64_t link_bytes_in(const struct run_link *l)
{
	return l->bytes_in;
}

static uint64_t link_bytes_out(const struct run_link *l)
{
	return l->bytes_out;
}

static uint64_t link_throttled(const struct run_link *l)
{
	return l->is_throttled;
}

static uint64_t link_ranges_throttled(const struct run_link *l)
{
	return l->throttled;
}

static uint64_t link_urgent_taken(const struct run_link *l)
{
	return l->urgent_taken;
}

static uint64_t link_urgent_passed(const struct run_link *l)
{
	return l->urgent_passed;
}

/* Whose turn it was. */
static void put_turns(struct buf *out, const struct run_links *links)
{
	put_link_figure(out, "tocsin_link_throttled", "gauge",
	    "1 while the peer gives more than its quota and others are taken first.", links,
	    link_throttled);
	put_link_figure(out, "tocsin_link_throttled_ranges", "gauge",
	    "Ranges of the peer's feed that waited so, over the link that is up.", links,
	    link_ranges_throttled);
	put_link_figure(out, "tocsin_link_urgent_taken", "gauge",
	    "Urgent objects taken ahead of the peer's feed, over the link that is up.", links,
	    link_urgent_taken);
	put_link_figure(out, "tocsin_link_urgent_passed", "gauge",
	    "Urgent objects that were too many, and left to the peer's feed.", links,
	    link_urgent_passed);
}

static enum err put_links(struct api_request *q, const struct run_state *state, struct fault *fault)
{
	struct run_links links;

	TRY(run_links_read(
	    &links, q->ask.arena, q->api->o.node.run_dir, run_state_pid(state, S("link")), fault));
	put_link_figure(&q->out, "tocsin_link_up", "gauge", "1 while there is a link to the peer.",
	    &links, link_up);
	put_link_figure(&q->out, "tocsin_link_post_quantum", "gauge",
	    "1 when the newest link's key exchange was hybrid post-quantum.", &links,
	    link_post_quantum);
	begin(&q->out, "tocsin_link_certificate_end_seconds", "gauge",
	    "End of this node's link certificate, seconds since 1970.");
	if (links.cert_expires)
		buf_printf(&q->out, "tocsin_link_certificate_end_seconds %" PRIu64 "\n",
		    (uint64_t)(links.cert_expires / USEC_PER_SEC));
	put_link_figure(&q->out, "tocsin_link_peer_certificate_end_seconds", "gauge",
	    "End of the certificate that the peer showed last, seconds since 1970; 0: none yet.",
	    &links, link_certificate_end);
	put_link_figure(&q->out, "tocsin_link_received_bytes", "gauge",
	    "Received over the link that is up.", &links, link_bytes_in);
	put_link_figure(&q->out, "tocsin_link_sent_bytes", "gauge",
	    "Sent over the link that is up.", &links, link_bytes_out);
	put_turns(&q->out, &links);
	return OK;
}

/* What core tells of the history (intake/history/histories.c). */
static void put_history(struct buf *out, const struct run_state *s)
{
	static const struct {
		const char *figure, *name, *type, *help;
	} ROWS[] = {
	    {"history_seen", "tocsin_history_observations_total", "counter",
	        "Observations that the history took."},
	    {"history_runs", "tocsin_history_runs_total", "counter",
	        "Runs of streams that it took."},
	    {"history_ahead", "tocsin_history_ahead_total", "counter",
	        "Hours of a value that were later than the node's clock."},
	    {"history_ended", "tocsin_history_ended_total", "counter",
	        "Hours of a value that retention ended."},
	    {"history_bytes", "tocsin_history_bytes", "gauge", "Bytes of its segments."},
	    {"history_segments", "tocsin_history_segments", "gauge", "Segments."},
	    {"history_waiting", "tocsin_history_runs_waiting", "gauge",
	        "Runs that are not yet on disk; their streams wait."},
	    {"history_refused", "tocsin_history_refused_total", "counter",
	        "Runs that were damaged, and lost."},
	    {"history_lost", "tocsin_history_lost_total", "counter",
	        "Runs that could not be written for 5 minutes, and were lost."},
	    {"history_left_out", "tocsin_history_left_out_total", "counter",
	        "Values that cannot be kept."},
	    {"history_gaps", "tocsin_history_gaps_total", "counter",
	        "Times that a stream's events could not be found again after a crash."},
	};

	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		uint64_t value;

		if (!run_state_figure(s, ROWS[i].figure, &value))
			continue;
		begin(out, ROWS[i].name, ROWS[i].type, ROWS[i].help);
		buf_printf(out, "%s %" PRIu64 "\n", ROWS[i].name, value);
	}
}

static enum err put_packages(struct api_request *q, struct fault *fault)
{
	static const char AGE[] = "tocsin_package_age_seconds",
	                  MISSING[] = "tocsin_package_missing";
	struct gate_peers fed;

	TRY(gate_fed(&q->ask, &fed, fault));
	/* Who may not audit gets no names, and so no figures. */
	if (fed.count > 0 && fed.items[0].name.n == 0)
		fed.count = 0;
	begin(&q->out, AGE, "gauge", "Since the newest package of the peer was made.");
	for (size_t i = 0; i < fed.count; i++) {
		buf_printf(&q->out, "%s{", AGE);
		put_label(&q->out, "peer", fed.items[i].name);
		buf_printf(&q->out, "} %" PRIu64 "\n",
		    (uint64_t)(fed.items[i].packages.age / USEC_PER_SEC));
	}
	begin(&q->out, MISSING, "gauge", "Packages of the peer that are missing.");
	for (size_t i = 0; i < fed.count; i++) {
		const struct gate_packages *p = &fed.items[i].packages;

		buf_printf(&q->out, "%s{", MISSING);
		put_label(&q->out, "peer", fed.items[i].name);
		buf_printf(&q->out, "} %" PRIu64 "\n",
		    p->missing_from ? p->missing_to - p->missing_from + 1 : 0);
	}
	return OK;
}

static void put_peer_figure(struct buf *out, const char *name, const char *help,
    const struct gate_peers *all, uint64_t (*value)(const struct gate_peer *p))
{
	begin(out, name, "gauge", help);
	for (size_t i = 0; i < all->count; i++) {
		buf_printf(out, "%s{", name);
		put_label(out, "peer", all->items[i].name);
		buf_printf(out, "} %" PRIu64 "\n", value(&all->items[i]));
	}
}

static uint64_t peer_behind(const struct gate_peer *p)
{
	return p->behind_by;
}

static uint64_t peer_outstanding(const struct gate_peer *p)
{
	return p->back_unsigned;
}

static uint64_t peer_above(const struct gate_peer *p)
{
	return p->above;
}

static uint64_t peer_denies(const struct gate_peer *p)
{
	return p->denies;
}

static enum err put_peers(struct api_request *q, struct fault *fault)
{
	struct gate_peers all;

	TRY(gate_peers(&q->ask, &all, fault));
	put_peer_figure(&q->out, "tocsin_peer_behind_entries",
	    "Entries given to the peer that it has not signed a receipt for.", &all, peer_behind);
	put_peer_figure(&q->out, "tocsin_peer_outstanding_withdrawals",
	    "Of these, those that take an object back.", &all, peer_outstanding);
	put_peer_figure(&q->out, "tocsin_peer_denies",
	    "1 while evidence stands that the peer denies what it had signed.", &all, peer_denies);
	put_peer_figure(&q->out, "tocsin_peer_above_ceiling",
	    "Objects from the peer that were labelled above this node's ceiling, kept out.", &all,
	    peer_above);
	return OK;
}

/* Of what the reader would see if it were still there. */
static enum err put_purges(struct api_request *q, struct fault *fault)
{
	struct gate_purges all;
	uint64_t purged = 0, demanded = 0;

	TRY(gate_purges(&q->ask, STR_NONE, &all, fault));
	for (size_t i = 0; i < all.count; i++) {
		purged += all.items[i].tombstones > 0;
		demanded += all.items[i].demanded;
	}
	begin(&q->out, "tocsin_purged_objects", "gauge", "Objects whose bytes were removed.");
	buf_printf(&q->out, "tocsin_purged_objects %" PRIu64 "\n", purged);
	begin(&q->out, "tocsin_purges_demanded", "gauge",
	    "Objects that peers demand to be purged and whose bytes are here still.");
	buf_printf(&q->out, "tocsin_purges_demanded %" PRIu64 "\n", demanded);
	return OK;
}

static enum err put_content(
    struct api_request *q, const struct run_state *state, struct fault *fault)
{
	struct gate_figures figures;
	struct gate_sources sources;

	TRY(gate_figures(&q->ask, &figures, fault));
	TRY(gate_sources(&q->ask, &sources, fault));
	put_figures(&q->out, &figures);
	if (figures.has_ledger) {
		put_patterns(&q->out, state);
		put_findings(&q->out, state);
	}
	for (size_t i = 0; i < sizeof(SOURCE_FIGURES) / sizeof(*SOURCE_FIGURES); i++)
		put_source_figure(&q->out, &SOURCE_FIGURES[i], &sources);
	put_source_states(&q->out, &sources);
	return OK;
}

static enum err put_all(struct api_request *q, struct fault *fault)
{
	const struct api_read read = {.ask = &q->ask, .args = &q->args, .node = &q->api->o.node};
	struct run_state state;

	TRY(api_read_run(&read, &state, fault));
	put_build(&q->out, q->api);
	put_processes(&q->out, &state);
	put_taxii(&q->out, &state);
	put_answers(&q->out, q->api);
	put_signins(&q->out, q->api);
	if (role_may((enum role)q->reader.role, ACTION_METRICS)) {
		TRY(put_content(q, &state, fault));
		put_history(&q->out, &state);
		TRY(put_links(q, &state, fault));
		TRY(put_packages(q, fault));
	}
	if (role_may((enum role)q->reader.role, ACTION_AUDIT)) {
		TRY(put_peers(q, fault));
		TRY(put_purges(q, fault));
	}
	if (q->out.failed != OK)
		return fail(fault, q->out.failed, "metrics: the answer is too large");
	return OK;
}

void metrics_handle(struct api_request *q)
{
	struct fault fault;
	enum err rc;

	q->ask.outlet = OUTLET_METRICS;
	rc = put_all(q, &fault);
	if (rc == OK)
		request_reply(q, 200, "text/plain; version=0.0.4; charset=utf-8", buf_str(&q->out));
	else
		request_fail(q, rc, str_c(fault.text));
}
