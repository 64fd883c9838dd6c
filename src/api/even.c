/* SPDX-License-Identifier: Apache-2.0 */
#include "api/even.h"

#include "api/request.h"

/* Most reads take a quarter of this. Those that take long differ by what they take: steps of an
 * eighth at most tell little of it and add little. */
static const usec STEP = USEC_PER_SEC / 2000;
enum { STEPS = 8 };

struct even {
	struct even *next;
	struct api_request *q;
	usec at;
	enum err rc;
	struct str message;
};

usec even_time(usec took)
{
	usec step = STEP;

	while (took >= 2 * STEPS * step)
		step *= 2;
	return (took / step + 1) * step;
}

static void leave(struct even *e)
{
	if (e->rc == OK)
		request_reply(e->q, 200, "application/json", buf_str(&e->q->out));
	else
		request_fail(e->q, e->rc, e->message);
}

static void set_alarm(struct api *a)
{
	if (a->even)
		loop_alarm_set(a->even_alarm, a->even->at);
}

static void on_alarm(void *ctx)
{
	struct api *a = ctx;
	usec now = sys_monotonic();

	while (a->even && a->even->at <= now) {
		struct even *e = a->even;

		a->even = e->next;
		leave(e);
	}
	set_alarm(a);
}

void even_reply(struct api_request *q, enum err rc, struct str message)
{
	struct api *a = q->api;
	struct even *e = arena_zalloc(q->ask.arena, sizeof(*e)), **at = &a->even;
	struct str text = arena_str(q->ask.arena, message);
	struct even now = {.q = q, .rc = rc, .message = message};

	if (!a->even_alarm)
		a->even_alarm = loop_alarm_new(a->o.loop, on_alarm, a);
	if (!e || !text.p || !a->even_alarm) {
		leave(&now);
		return;
	}
	*e = now;
	e->message = text;
	e->at = q->began + even_time(sys_monotonic() - q->began);
	while (*at && (*at)->at <= e->at)
		at = &(*at)->next;
	e->next = *at;
	*at = e;
	set_alarm(a);
}

void even_finish(struct api *a)
{
	while (a->even) {
		struct even *e = a->even;

		a->even = e->next;
		leave(e);
	}
	loop_alarm_free(a->even_alarm);
	a->even_alarm = NULL;
}
