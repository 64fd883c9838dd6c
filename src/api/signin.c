/* SPDX-License-Identifier: Apache-2.0 */
/* Signing in with the identity provider: sends the browser there, takes what it brings back, and
 * gives the session of the account that is linked to whom the provider means. Nobody gets an
 * account by signing in. Every end has a name, which people, the log and the metrics share. */
#include "api/signin.h"

#include "api/render.h"
#include "base/buf.h"
#include "codec/json.h"
#include "gate/challenge.h"
#include "http/text.h"

enum { URL_MAX = 8 << 10, HOST_MAX = 300 };

/* In the order of enum signin_end. */
static const struct {
	const char *code;
	int status;
	const char *text; /* NULL: what was wrong says the provider's side */
} ENDS[SIGNIN_ENDS] = {
    [SIGNIN_OK] = {"ok", 200, NULL},
    [SIGNIN_NONE] = {"oidc-none", 404, "this node knows no identity provider ([oidc])"},
    [SIGNIN_OVER] = {"oidc-over", 403,
        "this sign-in is over, or was begun in another browser: begin again"},
    [SIGNIN_STATE] = {"oidc-state", 403,
        "this answer belongs to another sign-in than the one begun last here: begin again"},
    [SIGNIN_USED] = {"oidc-used", 403, "this sign-in was finished already: begin again"},
    [SIGNIN_THERE] = {"oidc-there", 403,
        "the identity provider did not sign you in; sign in there, or ask who runs it"},
    [SIGNIN_REFUSED] = {"oidc-refused", 403, NULL},
    [SIGNIN_UNREACHABLE] = {"oidc-unreachable", 503, NULL},
    [SIGNIN_UNLINKED] = {"oidc-unlinked", 403, NULL},
    [SIGNIN_BUSY] = {"busy", 429, "too many failed attempts; wait a moment"},
};

const char *signin_end_name(enum signin_end end)
{
	return ENDS[end].code;
}

static void end_with(struct api_request *q, enum signin_end end, struct str text)
{
	struct api *a = q->api;

	a->signins[end]++;
	if (ENDS[end].text)
		text = str_c(ENDS[end].text);
	request_audit(q, ENDS[end].code);
	log_event(a->o.log, LOG_WARNING, "signin.refused",
	    LOG_KV({"code", str_c(ENDS[end].code)}, {"text", text}, {"peer", http_peer(q->rq)}));
	request_refuse(q, ENDS[end].status, ENDS[end].code, text);
}

/* Where the provider sends the browser back to: this page, as the browser calls it. A provider
 * sends to nowhere but where it was told to at its own side, so the name may be the browser's. */
static struct str back_address(struct api_request *q)
{
	struct str text = arena_printf(q->ask.arena, "https://%.*s/",
	    STR_ARG(str_slice(http_header(q->rq, "Host"), 0, HOST_MAX)));
	struct http_url url;

	return text.p && http_url_parse(&url, text) == OK && url.authority.n == text.n - 9
	           ? text
	           : STR_NONE;
}

static void put_param(struct buf *url, const char *key, struct str value)
{
	buf_printf(url, "&%s=", key);
	http_escape(url, value);
}

/* What the claim that names people is asked for with (OpenID Connect Core 1.0 §5.4). */
static struct str scope_of(struct str claim)
{
	if (str_eq(claim, S("sub")))
		return S("openid");
	return str_eq(claim, S("email")) ? S("openid email") : S("openid profile");
}

static void put_url(struct buf *url, const struct api_request *q, struct str authorization,
    const struct challenge *c, struct str back)
{
	const struct config *config = q->api->o.node.config;

	buf_put(url, authorization);
	buf_put(url, str_find(authorization, '?') < authorization.n ? S("&") : S("?"));
	buf_put(url, S("response_type=code"));
	put_param(url, "scope", scope_of(config->oidc_account_claim));
	put_param(url, "client_id", config->oidc_client_id);
	put_param(url, "redirect_uri", back);
	put_param(url, "state", c->state);
	put_param(url, "nonce", c->nonce);
	put_param(url, "code_challenge", c->hash);
	put_param(url, "code_challenge_method", S("S256"));
}

/* What the role that asks the provider answered, if not OK. */
static enum signin_end end_of(enum err rc)
{
	return rc == ERR_BUSY || rc == ERR_IO || rc == ERR_CLOSED || rc == ERR_NOMEM
	           ? SIGNIN_UNREACHABLE
	           : SIGNIN_REFUSED;
}

static void end_unreached(struct api_request *q, enum err rc, struct str text)
{
	end_with(q, end_of(rc),
	    rc == ERR_CLOSED ? S("the identity provider cannot be asked now; try again in a moment")
	                     : text);
}

static void looked(void *ctx, enum err rc, struct str text)
{
	struct api_request *q = ctx;
	struct str back = back_address(q);
	struct challenge c;
	struct json_writer w;
	struct str cookie;
	struct buf url;

	if (rc != OK) {
		end_unreached(q, rc, text);
		return;
	}
	if (!back.p || challenge_make(&c, &cookie, q->api->o.challenges, q->ask.arena) != OK) {
		request_fail(q, ERR_INVALID, S("Host: not a name that a browser gives"));
		return;
	}
	buf_init(&url, URL_MAX);
	put_url(&url, q, text, &c, back);
	w = json_writer(&q->out);
	json_object(&w, NULL);
	json_put_str(&w, "url", buf_str(&url));
	json_end_object(&w);
	rc = url.failed;
	buf_free(&url);
	if (rc != OK) {
		request_fail(q, rc, S("the provider's address is too long"));
		return;
	}
	http_set(q->rq, "Set-Cookie", cookie);
	request_reply(q, 200, "application/json", buf_str(&q->out));
}

static void ask(struct api_request *q, const struct rpc_call *call, rpc_done done)
{
	const struct rpc *rpc = q->api->o.signin;
	enum err rc = rpc->call(rpc->ctx, call, done, q);

	if (rc != OK)
		done(q, rc, S("too many are signing in just now; try again in a moment"));
}

void signin_begin(struct api_request *q)
{
	if (!q->api->o.signin)
		end_with(q, SIGNIN_NONE, STR_NONE);
	else
		ask(q, &(struct rpc_call){.op = S("oidc.look"), .args = S("{}"), .fd = -1}, looked);
}

/* Whom the provider means, while it is looked up. */
struct meant {
	struct api_request *q;
	struct str subject;
};

static void found(void *ctx, enum err rc, const struct identity *who)
{
	const struct meant *m = ctx;
	struct api_request *q = m->q;
	struct json_writer w = json_writer(&q->out);

	if (rc != OK) {
		end_with(q, SIGNIN_UNLINKED,
		    arena_printf(q->ask.arena,
		        "no account here is linked to whom the identity provider knows as "
		        "\"%.*s\": "
		        "an administrator links one with `tocsin user oidc DIR NAME --subject ...`",
		        STR_ARG(m->subject)));
		return;
	}
	q->api->signins[SIGNIN_OK]++;
	q->reader.name = who->reader.name;
	request_audit(q, "ok");
	http_set(q->rq, "Set-Cookie", identify_cookie(q->api->o.identify, who, q->ask.arena));
	render_session(&w, gate_account_name(q->ask.gate, q->ask.arena, who->reader.name),
	    &who->reader, who->expires);
	request_reply(q, 200, "application/json", buf_str(&q->out));
}

static void taken(void *ctx, enum err rc, struct str text)
{
	struct api_request *q = ctx;
	struct api *a = q->api;
	struct meant m = {.q = q};

	if (rc != OK) {
		end_unreached(q, rc, text);
		return;
	}
	m.subject = arena_str(q->ask.arena, text);
	identify_foreign(a->o.identify,
	    &(struct identify_foreign){.issuer = a->o.node.config->oidc_issuer,
	        .subject = m.subject,
	        .peer = http_peer(q->rq)},
	    found, &m);
}

static void take(struct api_request *q, const struct challenge *c, struct str code, struct str back)
{
	struct rpc_call call = {.op = S("oidc.take"), .fd = -1};
	struct json_writer w;
	struct buf args;

	buf_init(&args, URL_MAX + 8 * HOST_MAX);
	w = json_writer(&args);
	json_object(&w, NULL);
	json_put_str(&w, "code", code);
	json_put_str(&w, "verifier", c->verifier);
	json_put_str(&w, "nonce", c->nonce);
	json_put_str(&w, "redirect", back);
	json_end_object(&w);
	call.args = buf_str(&args);
	if (args.failed == OK)
		ask(q, &call, taken);
	else
		request_fail(q, args.failed, S("the code is too long"));
	buf_free(&args);
}

void signin_finish(struct api_request *q)
{
	struct str code = api_args_get(&q->args, "code")->text;
	struct str back = back_address(q);
	struct challenge c;
	enum err rc;

	if (!q->api->o.signin || !back.p) {
		end_with(q, SIGNIN_NONE, STR_NONE);
		return;
	}
	rc = challenge_take(&c, q->api->o.challenges, http_header(q->rq, "Cookie"),
	    api_args_get(&q->args, "state")->text, q->ask.arena);
	if (rc != ERR_INVALID)
		http_set(q->rq, "Set-Cookie", challenge_cookie_end());
	if (rc != OK)
		end_with(q,
		    rc == ERR_INVALID    ? SIGNIN_STATE
		    : rc == ERR_CONFLICT ? SIGNIN_USED
		                         : SIGNIN_OVER,
		    STR_NONE);
	else if (!code.p)
		end_with(q, SIGNIN_THERE, STR_NONE);
	else if (identify_foreign_try(q->api->o.identify, http_peer(q->rq)) != OK)
		end_with(q, SIGNIN_BUSY, STR_NONE);
	else
		take(q, &c, code, back);
}

void signin_ways(struct api_request *q)
{
	struct json_writer w = json_writer(&q->out);

	json_object(&w, NULL);
	if (q->api->o.signin)
		json_put_str(&w, "oidc", q->api->o.node.config->oidc_name);
	json_end_object(&w);
	request_reply(q, 200, "application/json", buf_str(&q->out));
}
