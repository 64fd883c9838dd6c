/* SPDX-License-Identifier: Apache-2.0 */
/* Signing in and out, and saying who asks. */
#include "api/request.h"

#include <string.h>

#include "api/render.h"
#include "api/signin.h"

static void reply_session(struct api_request *q, const struct reader *reader, usec expires)
{
	struct json_writer w = json_writer(&q->out);

	render_session(
	    &w, gate_account_name(q->ask.gate, q->ask.arena, reader->name), reader, expires);
	request_reply(q, 200, "application/json", buf_str(&q->out));
}

static void signed_in(void *ctx, enum err rc, const struct identity *who)
{
	struct api_request *q = ctx;

	if (rc == OK) {
		struct str cookie = identify_cookie(q->api->o.identify, who, q->ask.arena);

		request_audit(q, "ok");
		http_set(q->rq, "Set-Cookie", cookie);
		reply_session(q, &who->reader, who->expires);
	} else if (rc == ERR_DENIED) {
		request_audit(q, "wrong credentials");
		request_refuse(q, 401, "unidentified", S("name or password is wrong"));
	} else if (rc == ERR_UNSUPPORTED) {
		request_refuse(q, 401, "code-needed",
		    S("this account signs in with a code of its authenticator too"));
	} else if (rc == ERR_CONFLICT) {
		request_audit(q, "wrong code");
		request_refuse(q, 401, "code-wrong", S("the code is wrong, or was used already"));
	} else if (rc == ERR_LIMIT) {
		request_audit(q, "no second factor");
		request_refuse(q, 403, "code-required", S(IDENTIFY_NO_CODE));
	} else if (rc == ERR_BUSY) {
		request_audit(q, "too many attempts");
		request_refuse(q, 429, "busy", S("too many failed attempts; wait a moment"));
	} else {
		request_fail(q, rc, S("signing in failed"));
	}
}

static void sign_in(struct api_request *q)
{
	const struct identify_login login = {
	    .name = api_args_get(&q->args, "name")->text,
	    .password = api_args_get(&q->args, "password")->text,
	    .peer = http_peer(q->rq),
	    .code = api_args_get(&q->args, "code")->text,
	};

	q->reader.name = gate_account_id(q->ask.gate, q->ask.arena, login.name);
	identify_login(q->api->o.identify, &login, signed_in, q);
}

void session_handle(struct api_request *q)
{
	static const struct {
		const char *op;
		void (*run)(struct api_request *q);
	} FOREIGN[] = {{"session.ways", signin_ways}, {"session.begin", signin_begin},
	    {"session.finish", signin_finish}};

	for (size_t i = 0; i < sizeof(FOREIGN) / sizeof(*FOREIGN); i++) {
		if (strcmp(FOREIGN[i].op, q->op->name) == 0) {
			FOREIGN[i].run(q);
			return;
		}
	}
	switch (q->op->method) {
	case OP_POST:
		sign_in(q);
		break;
	case OP_DELETE:
		http_set(q->rq, "Set-Cookie", identify_cookie_end(q->ask.arena));
		request_reply(q, 204, "application/json", STR_NONE);
		break;
	case OP_GET:
		if (q->reader.role == ROLE_NONE)
			request_refuse(q, 401, "unidentified", S("nobody is signed in"));
		else
			reply_session(q, &q->reader, q->expires);
		break;
	}
}
