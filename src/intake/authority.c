/* SPDX-License-Identifier: Apache-2.0 */
#include "intake/authority.h"

#include "codec/json.h"
#include "ops/role.h"
#include "policy/principal.h"
#include "seal/seal.h"
#include "stix/object.h"
#include "sync/peer.h"

static const struct str IDENTITY = S("identity--");

static yyjson_val *account_of(const struct command_ctx *ctx, struct str name, struct arena *arena)
{
	struct str path = arena_printf(arena, "account/%.*s", STR_ARG(name));
	uint64_t seq = store_find(ctx->store, path);
	yyjson_val *root;

	if (seq == STORE_NONE || store_row(ctx->store, seq)->kind != RECORD_DECISION ||
	    json_parse(&root, arena, store_content(ctx->store, seq), &JSON_LIMITS_OBJECT, NULL) !=
	        OK ||
	    yyjson_get_bool(yyjson_obj_get(root, "removed")))
		return NULL;
	return root;
}

enum err authority_of(
    struct authority *out, const struct command_ctx *ctx, struct str by, struct fault *fault)
{
	struct principal_node node = principal_node(STR_NONE, ctx->identity);
	struct arena *arena;
	struct reader reader;
	yyjson_val *account;

	*out = (struct authority){
	    .all = str_eq(by, S("local")), .has_node = node.has_identity, .node = node.identity};
	if (out->all)
		return OK;
	if (!account_name_valid(by))
		return fail(fault, ERR_DENIED, "no account %.*s",
		    STR_ARG(str_slice(by, 0, ACCOUNT_NAME_MAX)));
	arena = arena_new(1 << 20);
	account = account_of(ctx, by, arena);
	if (!account) {
		arena_free(arena);
		return fail(fault, ERR_DENIED, "no account %.*s", STR_ARG(by));
	}
	reader_of_account(&reader, by, account, &node);
	out->own = reader.own;
	out->staff =
	    reader.own && role_may(role_of_name(json_get_str(account, "role")), ACTION_DELETE);
	out->has_identity = reader.has_identity;
	out->identity = reader.identity;
	arena_free(arena);
	return OK;
}

static bool is_identity(struct str ref, const struct uuid *identity)
{
	struct uuid uuid;

	return str_starts(ref, IDENTITY) && uuid_parse(&uuid, str_from(ref, IDENTITY.n)) == OK &&
	       uuid_eq(&uuid, identity);
}

enum err authority_source(struct str *out, const struct authority *a, struct str by,
    struct str asked, struct arena *arena, struct fault *fault)
{
	struct str api = arena_printf(arena, "api:%.*s", STR_ARG(by));
	struct str taxii = arena_printf(arena, "taxii:%.*s", STR_ARG(by));

	if (a->all || str_eq(asked, api) || str_eq(asked, taxii)) {
		*out = asked;
		return OK;
	}
	if (str_starts(asked, S("api:")) || str_starts(asked, S("taxii:")))
		return fail(fault, ERR_DENIED, "source: %.*s is another account's",
		    STR_ARG(str_slice(asked, 0, 80)));
	*out = a->staff ? asked : api;
	return OK;
}

/* Whether the account speaks for who made the object, or brought it itself. */
static bool is_entitled(const struct authority *a, struct str creator, uint32_t source)
{
	return (a->has_identity && is_identity(creator, &a->identity)) ||
	       (a->source && a->source == source);
}

static const char ANOTHERS[] = "another originator stated it";
static const char REVOKED[] = "it was revoked: there is nothing new of it any more";

bool authority_stated(const struct store *s, struct str id, struct str originator)
{
	for (uint64_t seq = store_find(s, id); seq != STORE_NONE; seq = store_older(s, seq)) {
		struct envelope e;

		if ((store_row(s, seq)->flags & RECORD_FLAG_RECEIVED) &&
		    envelope_read(&e, store_content(s, seq + 1), NULL) == OK &&
		    str_eq(e.statement.originator, originator))
			return true;
	}
	return false;
}

const char *authority_refuses_news(
    const struct store *s, struct str id, int64_t version, struct str originator)
{
	bool any = false;

	for (uint64_t seq = store_find(s, id); seq != STORE_NONE; seq = store_older(s, seq)) {
		const struct row *row = store_row(s, seq);

		any = any || row->kind == RECORD_OBJECT;
		if (row->kind == RECORD_OBJECT && (row->flags & RECORD_FLAG_REVOKED) &&
		    row->version < version)
			return REVOKED;
	}
	return any && !authority_stated(s, id, originator) ? ANOTHERS : NULL;
}

const char *authority_refuses_next(
    const struct record *before, struct str by, int64_t version, struct str originator)
{
	if (!str_eq(by, originator))
		return ANOTHERS;
	return (before->flags & RECORD_FLAG_REVOKED) && before->version < version ? REVOKED : NULL;
}

static bool lowers(const struct store *store, const struct prepared *p, uint64_t newest)
{
	struct label was = label_decode(store_label(store, store_row(store, newest)->label));
	struct label is = label_decode(p->label);

	return !label_dominates(&is, &was);
}

static const char KEEPS_CREATOR[] = "created_by_ref: an object keeps its creator";

static const char *refuses_version(const struct authority *a, const struct store *store,
    const struct prepared *p, uint64_t newest, const struct stix_object *was,
    const struct stix_object *now)
{
	bool same = str_eq(was->created_by_ref, now->created_by_ref);

	if (is_entitled(a, was->created_by_ref, store_row(store, newest)->source))
		return same || !was->created_by_ref.n ? NULL : KEEPS_CREATOR;
	if (was->created_by_ref.n && !a->staff)
		return "this account does not speak for who created the object, so it may neither "
		       "change nor revoke it";
	if (!same)
		return KEEPS_CREATOR;
	return lowers(store, p, newest) ? "only who created the object lowers its label" : NULL;
}

const char *authority_refuses(const struct authority *a, const struct store *store,
    const struct prepared *p, uint64_t newest, struct arena *arena)
{
	struct stix_object now, was;
	const char *why;
	bool forged;

	if (a->all)
		return NULL;
	arena_reset(arena);
	if (stix_object_parse(&now, arena, p->content, NULL) != OK)
		return "it cannot be read";
	forged = !a->own && !p->made && a->has_node && is_identity(now.created_by_ref, &a->node);
	if (newest == STORE_NONE)
		return forged ? "created_by_ref: this account does not speak for this node" : NULL;
	if (stix_object_parse(&was, arena, store_content(store, newest), NULL) != OK)
		return "what is there under this id cannot be read";
	why = refuses_version(a, store, p, newest, &was, &now);
	return !why && was.revoked && p->version > was.version ? REVOKED : why;
}
