/* SPDX-License-Identifier: Apache-2.0 */
#include "exchange/outgoing.h"

#include "codec/json.h"
#include "policy/release.h"
#include "seal/redact.h"
#include "stix/object.h"

enum { PARSE_MEMORY = 64 << 20 };

static bool omits(const void *ctx, size_t i)
{
	return release_omits(ctx, i);
}

static enum err decide(struct release *out, const struct outgoing_source *from, struct str content,
    struct fault *fault)
{
	struct arena *arena = arena_new(PARSE_MEMORY);
	struct uuid sender;
	struct str type;
	yyjson_val *object;
	bool known = stix_id_split(&type, &sender, from->sender);
	enum err rc = json_parse(&object, arena, content, &JSON_LIMITS_OBJECT, fault);

	if (rc == OK)
		policy_release(out, store_row(from->store, from->seq)->tag, object, from->withheld,
		    known ? &sender : NULL);
	arena_free(arena);
	return rc;
}

static enum err leave_out(
    struct outgoing *out, const struct outgoing_source *from, struct fault *fault)
{
	struct release release = {.verdict = VERDICT_DENY};
	enum err rc = decide(&release, from, out->content, fault);

	if (rc == ERR_NOMEM)
		return rc;
	/* What cannot be read, or is not there any more, holds up nothing else. */
	if (rc != OK || release.verdict == VERDICT_DENY)
		return ERR_DENIED;
	if (release.verdict == VERDICT_ALLOW)
		return OK;
	TRY(seal_redact(
	    &out->object, &out->leaves, from->envelope, out->content, omits, &release, fault));
	out->envelope.leaves = buf_str(&out->leaves);
	out->content = buf_str(&out->object);
	return OK;
}

enum err outgoing_make(
    struct outgoing *out, const struct outgoing_source *from, struct fault *fault)
{
	*out = (struct outgoing){.envelope = *from->envelope, .content = STR_NONE};
	buf_init(&out->object, STORE_CONTENT_MAX);
	buf_init(&out->leaves, ENVELOPE_BYTES_MAX);
	if (from->kind == SYNC_RETRACTION) {
		/* Who had the object without some members could try with it what they were. */
		if (!out->envelope.leaves.p)
			out->envelope.seed = (struct seal_seed){{0}};
		return OK;
	}
	out->content = store_content(from->store, from->seq);
	return from->withheld ? leave_out(out, from, fault) : OK;
}

void outgoing_free(struct outgoing *out)
{
	buf_free(&out->object);
	buf_free(&out->leaves);
}
