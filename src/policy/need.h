/* SPDX-License-Identifier: Apache-2.0 */
/* What a node asks its community for, and what others answer: the extension of `note` that says a
 * need, and that of `opinion` that offers or declines. doc/agreements.md has their members. Pure,
 * over parsed objects. */
#pragma once

#include <yyjson.h>

#include "base/env.h"
#include "base/err.h"
#include "base/str.h"
#include "base/uuid.h"

#define NEED_EXTENSION "extension-definition--6731adc0-b76b-51ec-a5f9-ebd5fd2c18d7"
#define NEED_ANSWER_EXTENSION "extension-definition--c9a76e48-fa25-5c18-b3e8-d6269d31fda8"

struct need {
	struct str id, by; /* by: identity of who asks */
	struct uuid uuid;  /* of the id */
	struct str community, text;
	uint16_t type;       /* enum stix_type_id: what it asks for */
	usec created, until; /* until 0: it has no end */
	int64_t version;
	bool closed; /* it says itself that it has what it needs, or needs it no more */
};

/* ERR_NOT_FOUND when the object is no need, ERR_INVALID when it cannot be understood. */
MUST_USE enum err need_read(struct need *out, yyjson_val *object);

enum need_answer { NEED_OFFERED, NEED_DECLINED, NEED_ANSWERS };
struct str need_answer_name(enum need_answer answer);
struct need_word {
	enum need_answer answer;
	struct str need, reason;
};
/* Likewise of an opinion. */
MUST_USE enum err need_word_read(struct need_word *out, yyjson_val *object);
