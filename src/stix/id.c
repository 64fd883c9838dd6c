/* SPDX-License-Identifier: Apache-2.0 */
#include "stix/id.h"

#include "base/buf.h"
#include "base/uuid.h"
#include "codec/jcs.h"
#include "codec/json.h"
#include "crypt/digest.h"

enum { CONTRIBUTING_MAX = 8, CANONICAL_BYTES_MAX = 16 << 20 };

/* Section 2.9: the namespace of all deterministic identifiers. */
static const struct uuid NAMESPACE = {{0x00, 0xab, 0xed, 0xb4, 0xaa, 0x42, 0x46, 0x6c, 0x9c, 0x01,
    0xfe, 0xd2, 0x33, 0x15, 0xa9, 0xb7}};

/* The "ID Contributing Properties" of section 6, in the order of canonical JSON. */
static const char *const CONTRIBUTING[STIX_TYPES][CONTRIBUTING_MAX + 1] = {
    [STIX_TYPE_ARTIFACT] = {"hashes", "payload_bin"},
    [STIX_TYPE_AUTONOMOUS_SYSTEM] = {"number"},
    [STIX_TYPE_DIRECTORY] = {"path"},
    [STIX_TYPE_DOMAIN_NAME] = {"value"},
    [STIX_TYPE_EMAIL_ADDR] = {"value"},
    [STIX_TYPE_EMAIL_MESSAGE] = {"body", "from_ref", "subject"},
    [STIX_TYPE_FILE] = {"extensions", "hashes", "name", "parent_directory_ref"},
    [STIX_TYPE_IPV4_ADDR] = {"value"},
    [STIX_TYPE_IPV6_ADDR] = {"value"},
    [STIX_TYPE_MAC_ADDR] = {"value"},
    [STIX_TYPE_MUTEX] = {"name"},
    [STIX_TYPE_NETWORK_TRAFFIC] = {"dst_port", "dst_ref", "end", "extensions", "protocols",
        "src_port", "src_ref", "start"},
    [STIX_TYPE_SOFTWARE] = {"cpe", "name", "swid", "vendor", "version"},
    [STIX_TYPE_URL] = {"value"},
    [STIX_TYPE_USER_ACCOUNT] = {"account_login", "account_type", "user_id"},
    [STIX_TYPE_WINDOWS_REGISTRY_KEY] = {"key", "values"},
    [STIX_TYPE_X509_CERTIFICATE] = {"hashes", "serial_number"},
};

/* Of several hashes one contributes: the first of these, else the first that is there. */
static enum err write_hash(
    struct buf *out, struct arena *arena, yyjson_val *hashes, struct fault *fault)
{
	static const char *const PREFERRED[] = {"MD5", "SHA-1", "SHA-256", "SHA-512"};
	struct str name;
	yyjson_val *value = NULL;

	for (size_t i = 0; !value && i < sizeof(PREFERRED) / sizeof(PREFERRED[0]); i++) {
		name = str_c(PREFERRED[i]);
		value = yyjson_obj_get(hashes, PREFERRED[i]);
	}
	if (!value && yyjson_obj_size(hashes) > 0) {
		name = json_str(unsafe_yyjson_get_first(hashes));
		value = unsafe_yyjson_get_first(hashes) + 1;
	}
	if (!value)
		return jcs_write(out, arena, hashes, fault);
	buf_byte(out, '{');
	json_quote(out, name);
	buf_byte(out, ':');
	TRY(jcs_write(out, arena, value, fault));
	buf_byte(out, '}');
	return OK;
}

static enum err write_contributing(struct buf *out, struct arena *arena, const char *const *names,
    yyjson_val *object, struct fault *fault)
{
	buf_byte(out, '{');
	for (; *names; names++) {
		yyjson_val *value = yyjson_obj_get(object, *names);

		if (!value)
			continue;
		if (out->n > 1)
			buf_byte(out, ',');
		json_quote(out, str_c(*names));
		buf_byte(out, ':');
		if (str_eq(str_c(*names), S("hashes")))
			TRY(write_hash(out, arena, value, fault));
		else
			TRY(jcs_write(out, arena, value, fault));
	}
	buf_byte(out, '}');
	return OK;
}

enum err stix_sco_id(struct str *out, struct arena *arena, enum stix_type_id type,
    yyjson_val *object, struct fault *fault)
{
	char text[UUID_TEXT + 1];
	struct uuid uuid;
	struct str id;
	struct buf b;
	enum err rc;

	if (stix_type_class(type) != STIX_SCO)
		return fail(fault, ERR_UNSUPPORTED,
		    "only cyber-observable objects have deterministic identifiers");
	buf_init(&b, CANONICAL_BYTES_MAX);
	rc = write_contributing(&b, arena, CONTRIBUTING[type], object, fault);
	if (rc == OK && b.n == 2)
		rc = fail(fault, ERR_NOT_FOUND,
		    "the object has no property that contributes to an identifier");
	if (rc == OK)
		uuid = uuid_v5(&NAMESPACE, buf_str(&b));
	buf_free(&b);
	TRY(rc);
	uuid_format(text, &uuid);
	id = arena_printf(arena, "%.*s--%s", STR_ARG(stix_type_name(type)), text);
	if (!id.p)
		return fail(fault, ERR_NOMEM, "no memory for an identifier");
	*out = id;
	return OK;
}
