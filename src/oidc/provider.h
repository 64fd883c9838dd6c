/* SPDX-License-Identifier: Apache-2.0 */
/* What an identity provider says of itself and answers (OpenID Connect Discovery 1.0 §3, RFC 6749
 * §5), read from foreign bytes. Pure. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

struct oidc_provider {
	struct str authorization, token, keys; /* addresses, each https, at the issuer's port */
	bool by_form; /* the secret goes into the form: the provider takes it there alone */
};

/* ERR_PARSE or ERR_DENIED: the fault says what in the document is not as it must be. */
MUST_USE enum err oidc_provider_parse(struct oidc_provider *out, struct arena *arena,
    struct str text, struct str issuer, struct fault *fault);
/* The ID token of an answer to a code. ERR_DENIED: the provider refuses, with its own word. */
MUST_USE enum err oidc_answer_parse(struct str *id_token, struct arena *arena, unsigned status,
    struct str text, struct fault *fault);
