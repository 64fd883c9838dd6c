/* SPDX-License-Identifier: Apache-2.0 */
/* One STIX object as the node needs it: what identifies it, orders its versions, labels it and
 * links it, read from its bytes in one pass. Validation against the specification is
 * stix/check.h; this refuses only what cannot be identified at all. */
#pragma once

#include <yyjson.h>

#include "base/arena.h"
#include "base/env.h"
#include "base/err.h"
#include "base/str.h"
#include "base/uuid.h"

enum stix_spec { STIX_SPEC_20, STIX_SPEC_21 };

/* RECORD flags (store/store.h keeps them in the row). */
enum {
	RECORD_FLAG_REVOKED = 1,
	RECORD_FLAG_SPEC_20 = 2,
	/* It came from a peer, sealed by its originator: its envelope stands behind it. */
	RECORD_FLAG_RECEIVED = 4,
	/* 8 is store/store.h's RECORD_FLAG_REPLACES. */
	/* Its originator stated more members than are here. */
	RECORD_FLAG_REDACTED = 16,
	/* This node made it of another, for guests alone: what it stands for is behind it. */
	RECORD_FLAG_DERIVED = 32,
	/* A decision for this node alone: no peer is told, and what it has stays with it. */
	RECORD_FLAG_LOCAL = 64,
};

struct stix_object {
	struct str id;
	struct str type_name;
	uint16_t type; /* STIX_TYPE_* of stix/type.h; STIX_TYPE_CUSTOM when not in the tables */
	enum stix_spec spec;
	bool revoked;
	bool has_version; /* false: neither modified nor created (SCO, marking without created) */
	usec created;     /* 0 when absent */
	usec modified;    /* 0 when absent */
	int64_t version;  /* modified, else created, else 0 */
	struct str created_by_ref;
	yyjson_val *root; /* for everything else; lives in the arena */
};

enum { STIX_ID_MAX = 300 }; /* bytes: a type of 250 characters and the rest */

/* "type--UUID" into its parts; false when it has not that form. */
bool stix_id_split(struct str *type, struct uuid *uuid, struct str id);

/* Parses under JSON_LIMITS_OBJECT and identifies: type, id of the form type--UUID, times where
 * present. The fault starts with the JSON path ("id: ..."). */
MUST_USE enum err stix_object_parse(
    struct stix_object *out, struct arena *arena, struct str json, struct fault *fault);

/* The same for a value that was parsed already. */
MUST_USE enum err stix_object_read(struct stix_object *out, yyjson_val *root, struct fault *fault);

/* Calls visit for each reference the object makes: property path ("source_ref",
 * "object_refs.[2]") and target id, embedded ones of observables included. */
typedef void (*stix_ref_fn)(void *ctx, struct str path, struct str target);
void stix_object_refs(const struct stix_object *o, stix_ref_fn visit, void *ctx);

/* Calls visit for each text a person would search by: name, description, aliases, pattern, value,
 * labels, external ids ... (a table in stix/walk.c says which). */
typedef void (*stix_text_fn)(void *ctx, struct str property, struct str text);
void stix_object_texts(const struct stix_object *o, stix_text_fn visit, void *ctx);
