/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/need.h"

#include "codec/json.h"
#include "codec/time.h"
#include "policy/names.h"
#include "stix/object.h"
#include "stix/type.h"

static const char *const ANSWERS[NEED_ANSWERS] = {
    [NEED_OFFERED] = "offered", [NEED_DECLINED] = "declined"};

struct str need_answer_name(enum need_answer answer)
{
	return str_c(ANSWERS[answer]);
}

static yyjson_val *extension_of(yyjson_val *object, const char *id)
{
	return yyjson_obj_get(yyjson_obj_get(object, "extensions"), id);
}

enum err need_read(struct need *out, yyjson_val *object)
{
	yyjson_val *e = extension_of(object, NEED_EXTENSION);
	struct str until = json_get_str(e, "valid_until"), state = json_get_str(e, "state"), type;
	struct stix_object o;
	struct name name;

	if (!e)
		return ERR_NOT_FOUND;
	TRY(stix_object_read(&o, object, NULL));
	*out = (struct need){.id = o.id,
	    .by = o.created_by_ref,
	    .community = json_get_str(e, "community"),
	    .text = json_get_str(object, "content"),
	    .type = (uint16_t)stix_type_of(json_get_str(e, "object_type")),
	    .created = o.created,
	    .version = o.version,
	    .closed = o.revoked || str_eq(state, S("closed"))};
	if (o.type != STIX_TYPE_NOTE || !stix_id_split(&type, &out->uuid, o.id) || !out->by.n ||
	    name_encode(&name, out->community) != OK || out->type == STIX_TYPE_CUSTOM ||
	    (!out->closed && !str_eq(state, S("open"))) ||
	    (until.p && time_parse_utc(&out->until, until) != OK))
		return ERR_INVALID;
	return OK;
}

enum err need_word_read(struct need_word *out, yyjson_val *object)
{
	yyjson_val *e = extension_of(object, NEED_ANSWER_EXTENSION);
	struct str answer = json_get_str(e, "answer");

	if (!e)
		return ERR_NOT_FOUND;
	*out = (struct need_word){.answer = NEED_OFFERED,
	    .need = json_get_str(e, "need_ref"),
	    .reason = json_get_str(object, "explanation")};
	if (str_eq(answer, str_c(ANSWERS[NEED_DECLINED])))
		out->answer = NEED_DECLINED;
	else if (!str_eq(answer, str_c(ANSWERS[NEED_OFFERED])))
		return ERR_INVALID;
	return out->need.n ? OK : ERR_INVALID;
}
