/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/keys.h"

#include <assert.h>

#include "base/base64.h"
#include "crypt/random.h"
#include "sys/files.h"

enum { KEY_FILE_MAX = 256, SEED = 32 };

static_assert(
    (int)SEED == (int)ED25519_SEED && (int)SEED == (int)MLDSA_SEED, "seeds have one length");

#define KEY "keys/ledger"
#define KEY_MLDSA "keys/ledger-mldsa"
#define PUBLIC "ledger/public-key"
#define PUBLIC_MLDSA "ledger/public-key-mldsa"

static enum err write_line(
    struct str path, struct str text, unsigned mode, struct arena *arena, struct fault *fault)
{
	struct str line = arena_printf(arena, "%.*s\n", STR_ARG(text));

	if (!text.p || !line.p)
		return fail(fault, ERR_NOMEM, "no memory for a key");
	return file_create(path, line, mode, fault);
}

static enum err make_seed(struct str path, struct arena *arena, struct fault *fault)
{
	char seed[SEED];

	random_secret(seed, sizeof(seed));
	return write_line(
	    path, base64_encode(arena, (struct str){seed, sizeof(seed)}), 0600, arena, fault);
}

static enum err read_seed(
    const unsigned char **out, struct str path, struct arena *arena, struct fault *fault)
{
	struct str text;
	struct str seed;

	TRY(file_read(&text, arena, path, KEY_FILE_MAX, fault));
	if (base64_decode(&seed, arena, str_trim(text)) != OK || seed.n != SEED)
		return fail(fault, ERR_CORRUPT, "%.*s: not the ledger's key", STR_ARG(path));
	*out = (const unsigned char *)seed.p;
	return OK;
}

static enum err load(
    struct ledger_keys *keys, struct str dir, struct arena *arena, struct fault *fault)
{
	const unsigned char *seed;

	TRY(read_seed(&seed, file_join(arena, dir, KEY), arena, fault));
	if (sign_key_from_seed(&keys->key, seed) != OK)
		return fail(fault, ERR_INVALID, KEY ": the library refuses the key");
	TRY(read_seed(&seed, file_join(arena, dir, KEY_MLDSA), arena, fault));
	if (mldsa_key_from_seed(&keys->mldsa, seed) != OK)
		return fail(fault, ERR_INVALID, KEY_MLDSA ": the library refuses the key");
	return OK;
}

static enum err publish_mldsa(const struct ledger_keys *keys, struct str dir, struct str origin,
    struct arena *arena, struct fault *fault)
{
	return write_line(file_join(arena, dir, PUBLIC_MLDSA),
	    note_verifier_format_mldsa(arena, origin, mldsa_key_public(keys->mldsa)), 0644, arena,
	    fault);
}

static enum err publish(const struct ledger_keys *keys, struct str dir, struct str origin,
    struct arena *arena, struct fault *fault)
{
	struct sign_public public = sign_key_public(keys->key);

	TRY(write_line(file_join(arena, dir, PUBLIC), note_verifier_format(arena, origin, &public),
	    0644, arena, fault));
	return publish_mldsa(keys, dir, origin, arena, fault);
}

enum err ledger_keys_make(
    struct str dir, struct str origin, struct arena *arena, struct fault *fault)
{
	struct ledger_keys keys = {0};
	enum err rc;

	TRY(make_seed(file_join(arena, dir, KEY), arena, fault));
	TRY(make_seed(file_join(arena, dir, KEY_MLDSA), arena, fault));
	rc = load(&keys, dir, arena, fault);
	if (rc == OK)
		rc = publish(&keys, dir, origin, arena, fault);
	ledger_keys_close(&keys);
	return rc;
}

enum err ledger_keys_open(struct ledger_keys *out, struct str dir, struct str origin,
    struct arena *arena, struct fault *fault)
{
	struct str path = file_join(arena, dir, KEY_MLDSA);
	struct ledger_keys keys = {0};
	enum err rc;

	if (!file_exists(path))
		TRY(make_seed(path, arena, fault));
	rc = load(&keys, dir, arena, fault);
	if (rc == OK && !file_exists(file_join(arena, dir, PUBLIC_MLDSA)))
		rc = publish_mldsa(&keys, dir, origin, arena, fault);
	if (rc != OK)
		ledger_keys_close(&keys);
	else
		*out = keys;
	return rc;
}

void ledger_keys_close(struct ledger_keys *keys)
{
	sign_key_free(keys->key);
	mldsa_key_free(keys->mldsa);
	*keys = (struct ledger_keys){0};
}

struct note_signer ledger_keys_signer(const struct ledger_keys *keys, struct str origin)
{
	return (struct note_signer){.name = origin, .key = keys->key, .mldsa = keys->mldsa};
}
