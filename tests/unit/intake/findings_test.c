/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "node.h"

#include "analytics/outbox.h"
#include "intake/messages.h"

enum {
	HOUR_MAX = 500, /* as tocsin(1) says */
	HOSTS = 16000,
};

#define HOUR (3600 * USEC_PER_SEC)

/* A host of this number tries the ports of another; what intake says of the stream. */
static void find(struct node *n, uint64_t stream, unsigned from, unsigned count, uint32_t crowded)
{
	struct finding f = {.detector = DETECTOR_SCAN,
	    .host = {4, {10, 0}},
	    .peer = {4, {10, 1, 0, 1}},
	    .first = n->now,
	    .last = n->now,
	    .count = 50,
	    .facts = {[SCAN_TARGETS] = 50}};
	struct chan_message m = {.type = INTAKE_FINDINGS, .id = stream};
	struct buf body;

	buf_init(&body, 64 << 10);
	while (count) {
		unsigned some = count < OUTBOX_MAX ? count : OUTBOX_MAX;

		buf_reset(&body);
		buf_u32(&body, crowded);
		buf_u32(&body, some);
		for (unsigned i = 0; i < some; i++, from++) {
			f.host.b[2] = (unsigned char)(from >> 8);
			f.host.b[3] = (unsigned char)from;
			finding_put(&body, &f);
		}
		m.body = buf_str(&body);
		assert_int_equal(COMMANDS_INTAKE.message(n->part, &m), OK);
		count -= some;
		crowded = 0;
	}
	buf_free(&body);
}

static void until_told(struct node *n, uint64_t findings, uint64_t dropped, uint64_t crowded)
{
	while (
	    n->findings + n->findings_dropped < findings + dropped || n->findings_crowded < crowded)
		node_turn(n);
	assert_int_equal(n->findings, findings);
	assert_int_equal(n->findings_dropped, dropped);
	assert_int_equal(n->findings_crowded, crowded);
}

/* D-49: a source that gives too many findings in an hour loses what is more, which is counted; that
 * takes nothing from another source, and ends with the hour. */
static void each_source_has_its_own_hour(void **state)
{
	struct config_source sources[2];
	struct node n;

	(void)state;
	node_open(&n);
	sources[0] = sources[1] = n.source;
	sources[1].name = S("other");
	n.config.sources = sources;
	n.config.source_count = 2;
	node_stop_core(&n);
	node_start_core(&n);
	node_start_intake(&n);
	find(&n, 1, 0, HOUR_MAX + 3, 7);
	until_told(&n, HOUR_MAX, 3, 7);
	find(&n, 2, 0, 2, 1);
	find(&n, 1, HOUR_MAX, 1, 0);
	until_told(&n, HOUR_MAX + 2, 4, 8);
	n.now += HOUR;
	find(&n, 1, HOUR_MAX, 1, 0);
	until_told(&n, HOUR_MAX + 3, 4, 8);
	node_close(&n);
}

/* D-49: what detectors forget for lack of room is counted, as intake goes through the events. */
static void what_is_forgotten_is_counted(void **state)
{
	struct node n;
	struct buf lines;

	(void)state;
	node_open(&n);
	buf_init(&lines, 8 << 20);
	for (unsigned i = 0; i < HOSTS; i++)
		buf_printf(&lines,
		    "{\"timestamp\":\"2026-02-01T00:00:00.000000+0000\",\"event_type\":\"dns\","
		    "\"src_ip\":\"10.0.%u.%u\",\"dest_ip\":\"10.1.0.1\",\"dns\":{\"type\":"
		    "\"answer\",\"rrname\":\"kqxzvwjq.com\",\"rrtype\":\"A\",\"rcode\":"
		    "\"NXDOMAIN\"}}\n",
		    i >> 8, i & 255);
	buf_byte(&lines, 0);
	assert_int_equal(lines.failed, OK);
	node_write(&n, "a", lines.p);
	buf_free(&lines);
	while (n.findings_crowded == 0)
		node_turn(&n);
	assert_true(n.findings_crowded < HOSTS);
	assert_int_equal(n.findings_dropped, 0);
	node_close(&n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_source_has_its_own_hour),
	    cmocka_unit_test(what_is_forgotten_is_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
