/* SPDX-License-Identifier: Apache-2.0 */
#include "link/hello.h"

#include "codec/json.h"

static const usec SKEW_MAX = 2 * USEC_PER_SEC;

void hello_put(struct buf *out, const struct hello *h)
{
	struct json_writer w = json_writer(out);

	json_object(&w, NULL);
	json_put_int(&w, "version", LINK_VERSION);
	json_put_str(&w, "identity", h->identity);
	json_put_bool(&w, "test", h->test);
	json_end_object(&w);
}

void welcome_put(struct buf *out, const struct welcome *welcome)
{
	struct json_writer w = json_writer(out);

	json_object(&w, NULL);
	json_put_int(&w, "version", LINK_VERSION);
	json_put_str(&w, "identity", welcome->identity);
	json_put_int(&w, "now", welcome->now);
	json_end_object(&w);
}

void join_put(struct buf *out, const struct join *j)
{
	struct json_writer w = json_writer(out);

	json_object(&w, NULL);
	json_put_int(&w, "version", LINK_VERSION);
	json_put_str(&w, "id", j->id);
	json_put_str(&w, "proof", j->proof);
	json_put_str(&w, "statement", j->statement);
	json_end_object(&w);
}

static enum err read_object(
    yyjson_val **out, struct arena *arena, struct str body, struct fault *fault)
{
	const struct json_limits limits = {.bytes = LINK_GREETING_MAX, .depth = 2};

	TRY(json_parse(out, arena, body, &limits, fault));
	return yyjson_is_obj(*out) ? OK : fail(fault, ERR_PARSE, "a greeting is no object");
}

static enum err read_versioned(
    yyjson_val **out, struct arena *arena, struct str body, struct fault *fault)
{
	TRY(read_object(out, arena, body, fault));
	if (yyjson_get_uint(yyjson_obj_get(*out, "version")) != LINK_VERSION)
		return fail(fault, ERR_UNSUPPORTED,
		    "the other node speaks another version of the link: both need the same "
		    "tocsin");
	return OK;
}

enum err hello_read(struct hello *out, struct arena *arena, struct str body, struct fault *fault)
{
	yyjson_val *root;
	struct hello h;

	TRY(read_versioned(&root, arena, body, fault));
	h.identity = json_get_str(root, "identity");
	h.test = yyjson_get_bool(yyjson_obj_get(root, "test"));
	if (!h.identity.p)
		return fail(fault, ERR_PARSE, "a hello names no identity");
	*out = h;
	return OK;
}

enum err welcome_read(
    struct welcome *out, struct arena *arena, struct str body, struct fault *fault)
{
	yyjson_val *root;
	struct welcome w;

	TRY(read_versioned(&root, arena, body, fault));
	w.identity = json_get_str(root, "identity");
	w.now = yyjson_get_sint(yyjson_obj_get(root, "now"));
	if (!w.identity.p)
		return fail(fault, ERR_PARSE, "a welcome names no identity");
	*out = w;
	return OK;
}

enum err join_read(struct join *out, struct arena *arena, struct str body, struct fault *fault)
{
	yyjson_val *root;
	struct join j;

	TRY(read_versioned(&root, arena, body, fault));
	j.id = json_get_str(root, "id");
	j.proof = json_get_str(root, "proof");
	j.statement = json_get_str(root, "statement");
	if (!j.id.p || !j.proof.p || !j.statement.p)
		return fail(fault, ERR_PARSE, "a message of somebody invited is incomplete");
	*out = j;
	return OK;
}

enum err joined_read(struct joined *out, struct arena *arena, struct str body, struct fault *fault)
{
	yyjson_val *root;
	struct joined j;

	TRY(read_object(&root, arena, body, fault));
	j.statement = json_get_str(root, "statement");
	j.nonce = json_get_str(root, "nonce");
	if (!j.statement.p || !j.nonce.p)
		return fail(fault, ERR_PARSE, "the inviting node's answer is incomplete");
	*out = j;
	return OK;
}

struct clock_skew clock_skew(usec asked, usec theirs, usec answered)
{
	usec trip = answered > asked ? answered - asked : 0;

	/* Their word is foreign: no sum of it may overflow. */
	if (theirs < 0 || theirs > INT64_MAX / 4)
		theirs = 0;
	return (struct clock_skew){.skew = theirs - (asked + trip / 2), .trip = trip};
}

bool clock_is_off(const struct clock_skew *c)
{
	usec distance = c->skew < 0 ? -c->skew : c->skew;

	return distance - c->trip / 2 > SKEW_MAX;
}
