/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/keys.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/base64.h"
#include "codec/mime.h"
#include "crypt/cert.h"
#include "crypt/pkcs11.h"
#include "crypt/random.h"
#include "sys/config.h"
#include "sys/env.h"
#include "sys/files.h"

enum { KEY_FILE_MAX = 256, SEED = 32, PEM_MAX = 64 << 10, MAIL_DAYS = 1825 };

static_assert(
    (int)SEED == (int)ED25519_SEED && (int)SEED == (int)MLDSA_SEED, "seeds have one length");

/* What stands in the file of a key that is in a token, before its id. */
static const char REFERENCE[] = "pkcs11:";

#define KEY "keys/ledger"
#define KEY_MLDSA "keys/ledger-mldsa"
#define KEY_2 "keys/ledger-2"
#define KEY_2_MLDSA "keys/ledger-2-mldsa"
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

static enum err make_in_token(
    struct str path, struct pkcs11 *token, struct arena *arena, struct fault *fault)
{
	char id[PKCS11_ID_TEXT + 1];

	TRY(pkcs11_make(id, token, S("tocsin"), fault));
	return write_line(path, arena_printf(arena, "%s%s", REFERENCE, id), 0600, arena, fault);
}

/* The id, when the text of a key's file says that the key is in a token; else STR_NONE. */
static struct str reference_in(struct str text)
{
	struct str line = str_trim(text);
	struct str id;

	while (line.n > 0 && line.p[line.n - 1] == '\n')
		line.n--;
	id = str_from(line, sizeof(REFERENCE) - 1);
	return str_starts(line, str_c(REFERENCE)) ? id : STR_NONE;
}

static enum err take_reference(
    struct sign_key **out, struct str id, struct pkcs11 *token, struct fault *fault)
{
	if (!token)
		return fail(fault, ERR_INVALID,
		    "the ledger's key is in a token: tocsin.conf must name it in [keys]");
	return sign_key_from_token(out, token, id, fault);
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

static enum err load_key(struct sign_key **out, struct str path, struct pkcs11 *token,
    struct arena *arena, struct fault *fault)
{
	const unsigned char *seed;
	struct str text, id;

	TRY(file_read(&text, arena, path, KEY_FILE_MAX, fault));
	id = reference_in(text);
	if (id.p)
		return take_reference(out, id, token, fault);
	TRY(read_seed(&seed, path, arena, fault));
	return sign_key_from_seed(out, seed) == OK
	           ? OK
	           : fail(fault, ERR_INVALID, KEY ": the library refuses the key");
}

static enum err load(struct ledger_keys *keys, struct str dir, struct pkcs11 *token,
    struct arena *arena, struct fault *fault)
{
	const unsigned char *seed;

	TRY(load_key(&keys->key, file_join(arena, dir, KEY), token, arena, fault));
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

static enum err read_pin(
    struct str *out, const struct config *config, struct arena *arena, struct fault *fault)
{
	TRY(file_read(out, arena, config->pkcs11_pin_file, KEY_FILE_MAX, fault));
	while (out->n > 0 && (out->p[out->n - 1] == '\n' || out->p[out->n - 1] == '\r'))
		out->n--;
	return out->n > 0
	           ? OK
	           : fail(fault, ERR_INVALID, "%.*s: is empty", STR_ARG(config->pkcs11_pin_file));
}

enum err ledger_token_open(
    struct pkcs11 **out, const struct config *config, struct arena *arena, struct fault *fault)
{
	struct pkcs11_options o = {.module = config->pkcs11_module, .token = config->pkcs11_token};
	enum err rc;

	*out = NULL;
	if (!config->pkcs11_module.p)
		return OK;
	TRY(read_pin(&o.pin, config, arena, fault));
	rc = pkcs11_open(out, &o, fault);
	explicit_bzero((char *)(uintptr_t)o.pin.p, o.pin.n);
	return rc;
}

enum err ledger_keys_make(struct str dir, struct str origin, struct pkcs11 *token,
    struct arena *arena, struct fault *fault)
{
	struct str path = file_join(arena, dir, KEY);
	struct ledger_keys keys = {0};
	enum err rc;

	TRY(token ? make_in_token(path, token, arena, fault) : make_seed(path, arena, fault));
	TRY(make_seed(file_join(arena, dir, KEY_MLDSA), arena, fault));
	rc = load(&keys, dir, token, arena, fault);
	if (rc == OK)
		rc = publish(&keys, dir, origin, arena, fault);
	ledger_keys_close(&keys);
	return rc;
}

enum err ledger_keys_open(struct ledger_keys *out, struct str dir, struct str origin,
    struct pkcs11 *token, struct arena *arena, struct fault *fault)
{
	struct str path = file_join(arena, dir, KEY_MLDSA);
	struct ledger_keys keys = {0};
	enum err rc;

	if (!file_exists(path))
		TRY(make_seed(path, arena, fault));
	rc = load(&keys, dir, token, arena, fault);
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

/* ---- two places ---- */

static const char *const PLACES[KEY_PLACES][2] = {{KEY, KEY_MLDSA}, {KEY_2, KEY_2_MLDSA}};

static enum err open_file(int *out, struct str path, struct fault *fault)
{
	char name[FILE_PATH_MAX + 1];

	if (!path.p || path.n > FILE_PATH_MAX)
		return fail(fault, ERR_LIMIT, "the path of a key is too long");
	memcpy(name, path.p, path.n);
	name[path.n] = '\0';
	*out = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	return *out >= 0
	           ? OK
	           : fail(fault, file_err(errno), "%s: cannot open: %s", name, sys_error(errno));
}

/* False for what is no seed: the place is empty, or was being filled when the power went. */
static bool take_seed(unsigned char seed[SEED], int fd, struct arena *arena)
{
	struct str text, bytes;
	bool good = file_read_fd(&text, arena, fd, KEY_FILE_MAX, NULL) == OK &&
	            base64_decode(&bytes, arena, str_trim(text)) == OK && bytes.n == SEED;

	if (good)
		memcpy(seed, bytes.p, SEED);
	return good;
}

/* The id of a key in a token that the place names; else STR_NONE. */
static struct str reference_of(const struct key_ring *ring, int place, struct arena *arena)
{
	struct str text;

	return file_read_fd(&text, arena, ring->files[place][0], KEY_FILE_MAX, NULL) == OK
	           ? reference_in(text)
	           : STR_NONE;
}

/* What a place names in a token must be there: to take the place for empty would be to say that the
 * keys are lost. */
static enum err load_place(
    struct key_ring *ring, int place, struct arena *arena, struct fault *fault)
{
	struct ledger_keys *keys = &ring->keys[place];
	struct str id = reference_of(ring, place, arena);
	unsigned char seed[2][SEED];
	bool both = (id.p || take_seed(seed[0], ring->files[place][0], arena)) &&
	            take_seed(seed[1], ring->files[place][1], arena);
	enum err rc = OK;

	if (both && id.p)
		rc = take_reference(&keys->key, id, ring->token, fault);
	else if (both && sign_key_from_seed(&keys->key, seed[0]) != OK)
		both = false;
	if (rc == OK && both && mldsa_key_from_seed(&keys->mldsa, seed[1]) != OK)
		both = false;
	if (rc != OK || !both)
		ledger_keys_close(keys);
	explicit_bzero(seed, sizeof(seed));
	return rc;
}

/* A key in a token that no place will name any more. */
static enum err forget_reference(struct key_ring *ring, int place, struct fault *fault)
{
	struct arena *arena = arena_new(4096);
	struct str id = reference_of(ring, place, arena);
	enum err rc = id.p && ring->token ? pkcs11_remove(ring->token, id, fault) : OK;

	arena_free(arena);
	return rc;
}

static enum err open_ring(
    struct key_ring *ring, struct str dir, struct arena *arena, struct fault *fault)
{
	for (int place = 0; place < KEY_PLACES; place++) {
		for (int i = 0; i < 2; i++)
			TRY(open_file(&ring->files[place][i],
			    file_join(arena, dir, PLACES[place][i]), fault));
		TRY(load_place(ring, place, arena, fault));
	}
	if (!ring->keys[0].key)
		ring->current = 1;
	return ring->keys[ring->current].key
	           ? OK
	           : fail(fault, ERR_CORRUPT, KEY ": not the ledger's key");
}

enum err key_ring_open(struct key_ring *out, struct str dir, struct str origin,
    struct pkcs11 *token, struct arena *arena, struct fault *fault)
{
	struct key_ring ring = {.files = {{-1, -1}, {-1, -1}}, .token = token};
	struct ledger_keys first = {0};
	enum err rc;

	/* A node of before makes its second key here. */
	if (!file_exists(file_join(arena, dir, KEY_2)))
		TRY(ledger_keys_open(&first, dir, origin, token, arena, fault));
	ledger_keys_close(&first);
	rc = open_ring(&ring, dir, arena, fault);
	if (rc != OK)
		key_ring_close(&ring);
	else
		*out = ring;
	return rc;
}

void key_ring_close(struct key_ring *ring)
{
	for (int place = 0; place < KEY_PLACES; place++) {
		ledger_keys_close(&ring->keys[place]);
		for (int i = 0; i < 2; i++)
			if (ring->files[place][i] >= 0)
				close(ring->files[place][i]);
	}
}

/* All that stood in the file is overwritten first. */
static enum err put_file(int fd, struct str line, struct fault *fault)
{
	static const char nothing[KEY_FILE_MAX];

	if (pwrite(fd, nothing, sizeof(nothing), 0) != sizeof(nothing) || fdatasync(fd) != 0 ||
	    ftruncate(fd, 0) != 0 || pwrite(fd, line.p, line.n, 0) != (ssize_t)line.n ||
	    fdatasync(fd) != 0)
		return fail(
		    fault, file_err(errno), "a key cannot be written: %s", sys_error(errno));
	return OK;
}

static enum err put_seed(int fd, unsigned char seed[SEED], struct fault *fault)
{
	struct arena *arena = arena_new(4096);
	struct str base64, line;
	enum err rc;

	random_secret(seed, SEED);
	base64 = base64_encode(arena, (struct str){(const char *)seed, SEED});
	line = arena_printf(arena, "%.*s\n", STR_ARG(base64));
	rc = base64.p && line.p ? put_file(fd, line, fault)
	                        : fail(fault, ERR_NOMEM, "no memory for a key");
	arena_free(arena);
	return rc;
}

static enum err put_in_token(
    struct sign_key **out, const struct key_ring *ring, int place, struct fault *fault)
{
	char line[sizeof(REFERENCE) + PKCS11_ID_TEXT + 1];
	char id[PKCS11_ID_TEXT + 1];
	int n;

	TRY(pkcs11_make(id, ring->token, S("tocsin"), fault));
	n = snprintf(line, sizeof(line), "%s%s\n", REFERENCE, id);
	TRY(put_file(ring->files[place][0], (struct str){line, (size_t)n}, fault));
	return sign_key_from_token(out, ring->token, str_c(id), fault);
}

enum err key_ring_make(struct key_ring *ring, struct fault *fault)
{
	int place = !ring->current;
	struct ledger_keys *keys = &ring->keys[place];
	unsigned char seed[2][SEED];
	enum err rc = OK;

	ledger_keys_close(keys);
	rc = forget_reference(ring, place, fault);
	if (rc == OK && ring->token)
		rc = put_in_token(&keys->key, ring, place, fault);
	else if (rc == OK)
		rc = put_seed(ring->files[place][0], seed[0], fault);
	if (rc == OK)
		rc = put_seed(ring->files[place][1], seed[1], fault);
	if (rc == OK && ((!keys->key && sign_key_from_seed(&keys->key, seed[0]) != OK) ||
	                    mldsa_key_from_seed(&keys->mldsa, seed[1]) != OK))
		rc = fail(fault, ERR_INVALID, "the library refuses a new key");
	if (rc != OK)
		ledger_keys_close(keys);
	explicit_bzero(seed, sizeof(seed));
	return rc;
}

static bool holds(
    const struct ledger_keys *keys, struct str origin, struct str key, struct arena *arena)
{
	struct sign_public public;

	if (!keys->key)
		return false;
	public = sign_key_public(keys->key);
	return str_eq(key, note_verifier_format(arena, origin, &public));
}

enum err key_ring_use(struct key_ring *ring, struct str origin, struct str key, struct arena *arena,
    struct fault *fault)
{
	int place = 0;

	while (place < KEY_PLACES && !holds(&ring->keys[place], origin, key, arena))
		place++;
	ring->lost = place == KEY_PLACES;
	if (ring->lost)
		return fail(fault, ERR_NOT_FOUND,
		    "the keys that the ledger says to sign with are not in keys/: put back the "
		    "folder keys/ of this node's newest backup");
	ring->current = place;
	ledger_keys_close(&ring->keys[!place]);
	TRY(forget_reference(ring, !place, fault));
	for (int i = 0; i < 2; i++)
		TRY(put_file(ring->files[!place][i], S(""), fault));
	return OK;
}

/* ---- mail ---- */

static enum err make_mail_key(
    struct str dir, const struct config *config, struct arena *arena, struct fault *fault)
{
	const struct cert_request request = {.name = config->name,
	    .mail = true,
	    .address = config->mail,
	    /* Clocks differ. */
	    .not_before = env_now(sys_env()) - 3600 * USEC_PER_SEC,
	    .days = MAIL_DAYS};
	struct str cert, key, pair;

	if (config->mail.p && !mail_address_valid(config->mail))
		return fail(fault, ERR_INVALID, "mail: not an address like cert@example.org");
	TRY(cert_make(&cert, &key, arena, &request, fault));
	pair = arena_printf(arena, "%.*s%.*s", STR_ARG(key), STR_ARG(cert));
	if (!pair.p)
		return fail(fault, ERR_NOMEM, "no memory for a key");
	return file_create(file_join(arena, dir, MAIL_PAIR), pair, 0600, fault);
}

static enum err publish_mail(
    const struct cms_signer *signer, struct str dir, struct arena *arena, struct fault *fault)
{
	struct str certs = cms_signer_certificates(signer, arena);
	struct str path = file_join(arena, dir, MAIL_CERT), old;

	if (!certs.p)
		return fail(fault, ERR_NOMEM, "no memory for a certificate");
	if (file_read(&old, arena, path, PEM_MAX, NULL) == OK && str_eq(old, certs))
		return OK;
	return file_write(path, certs, 0644, fault);
}

enum err mail_key_open(struct cms_signer **out, struct str dir, const struct config *config,
    struct arena *arena, struct fault *fault)
{
	struct str path = file_join(arena, dir, MAIL_PAIR), pair;
	struct cms_signer *signer = NULL;
	struct fault inner;
	enum err rc;

	if (!file_exists(path))
		TRY(make_mail_key(dir, config, arena, fault));
	TRY(file_read(&pair, arena, path, PEM_MAX, fault));
	rc = cms_signer_new(&signer, pair, &inner);
	if (rc != OK)
		return fail(fault, rc, MAIL_PAIR ": %s", inner.text);
	rc = publish_mail(signer, dir, arena, fault);
	if (rc == OK)
		*out = signer;
	else
		cms_signer_free(signer);
	return rc;
}
