/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/cert/expiry.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "link/link.h"
#include "sys/env.h"

enum { TEXT_MAX = 512 };

static const usec LOOK_EVERY = INT64_C(3600) * USEC_PER_SEC;

struct expiry {
	struct expiry_of of;
	usec expires;
	struct loop_timer *timer;
	char told[TEXT_MAX];
};

static void look(void *ctx)
{
	struct expiry *e = ctx;
	struct buf text;

	buf_init(&text, TEXT_MAX);
	link_put_expiry(&text, e->of.whose, e->expires, env_now(sys_env()));
	if (text.n > 0)
		buf_put(&text, str_c(e->of.advice));
	buf_byte(&text, '\0');
	if (text.failed == OK && strcmp(e->told, text.p) != 0) {
		(void)snprintf(e->told, sizeof(e->told), "%s", text.p);
		role_alarm(e->of.role, e->of.alarm, e->told[0] ? e->told : NULL);
	}
	buf_free(&text);
	loop_timer_set(e->timer, LOOK_EVERY);
}

struct expiry *expiry_new(const struct expiry_of *of, usec expires)
{
	struct expiry *e = mem_alloc(sizeof(*e));

	e->of = *of;
	e->timer = loop_timer_new(of->role->loop, look, e);
	expiry_set(e, expires);
	return e;
}

void expiry_set(struct expiry *e, usec expires)
{
	e->expires = expires;
	look(e);
}

void expiry_free(struct expiry *e)
{
	if (!e)
		return;
	loop_timer_free(e->timer);
	mem_free(e);
}
