/* SPDX-License-Identifier: Apache-2.0 */
#include "crypt/pkcs11.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

#include <p11-kit/pkcs11.h>

#include "base/buf.h"
#include "base/mem.h"
#include "crypt/random.h"

enum { SLOTS_MAX = 256, LABEL_LEN = 32, PATH_BYTES_MAX = 4095, POINT_MAX = 64 };

/* Ed25519 as an object identifier (RFC 8410), in DER: 1.3.101.112. */
static const unsigned char CURVE[] = {0x06, 0x03, 0x2b, 0x65, 0x70};
static const unsigned char POINT_HEAD[] = {0x04, ED25519_PUBLIC}; /* an octet string */

struct pkcs11 {
	void *library;
	CK_FUNCTION_LIST *f;
	CK_SESSION_HANDLE session;
	bool initialized, in_session;
	char token[LABEL_LEN + 1]; /* for messages */
};

/* What people can do something about, in words; the rest by its number. */
static const struct {
	CK_RV rv;
	const char *text;
} WORDS[] = {
    {CKR_PIN_INCORRECT, "it refuses the PIN"},
    {CKR_PIN_INVALID, "it refuses the PIN"},
    {CKR_PIN_LEN_RANGE, "it refuses the PIN"},
    {CKR_PIN_EXPIRED, "its PIN is expired"},
    {CKR_PIN_LOCKED, "its PIN is locked after too many wrong ones"},
    {CKR_USER_PIN_NOT_INITIALIZED, "it has no user's PIN yet"},
    {CKR_MECHANISM_INVALID, "it knows no Ed25519 (CKM_EDDSA)"},
    {CKR_CURVE_NOT_SUPPORTED, "it knows no Ed25519 (CKM_EDDSA)"},
    {CKR_DEVICE_REMOVED, "it was removed"},
    {CKR_TOKEN_NOT_PRESENT, "it was removed"},
    {CKR_DEVICE_MEMORY, "it has no room for a key"},
    {CKR_TOKEN_WRITE_PROTECTED, "it is write-protected"},
};

static enum err refuse(const struct pkcs11 *p, CK_RV rv, const char *what, struct fault *fault)
{
	for (size_t i = 0; i < sizeof(WORDS) / sizeof(WORDS[0]); i++)
		if (WORDS[i].rv == rv)
			return fail(fault, ERR_DENIED, "the token %s: %s", p->token, WORDS[i].text);
	return fail(fault, ERR_IO, "the token %s: %s: PKCS#11 error 0x%lx", p->token, what, rv);
}

static enum err load(struct pkcs11 *p, struct str module, struct fault *fault)
{
	/* It is to start no threads: where this runs there will be none. */
	CK_C_INITIALIZE_ARGS args = {
	    .flags = CKF_LIBRARY_CANT_CREATE_OS_THREADS | CKF_OS_LOCKING_OK};
	CK_RV (*get)(CK_FUNCTION_LIST **list) = NULL;
	char path[PATH_BYTES_MAX + 1];
	CK_RV rv;

	if (module.n > PATH_BYTES_MAX)
		return fail(fault, ERR_LIMIT, "the path of the PKCS#11 module is too long");
	(void)snprintf(path, sizeof(path), "%.*s", STR_ARG(module));
	p->library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!p->library)
		return fail(
		    fault, ERR_NOT_FOUND, "the PKCS#11 module cannot be loaded: %s", dlerror());
	*(void **)&get = dlsym(p->library, "C_GetFunctionList");
	if (!get || get(&p->f) != CKR_OK || !p->f)
		return fail(fault, ERR_INVALID, "%s: is no PKCS#11 module", path);
	rv = p->f->C_Initialize(&args);
	/* Some modules refuse what they cannot promise. */
	if (rv == CKR_NEED_TO_CREATE_THREADS || rv == CKR_CANT_LOCK)
		rv = p->f->C_Initialize(NULL);
	if (rv != CKR_OK)
		return fail(fault, ERR_IO, "%s: cannot begin: PKCS#11 error 0x%lx", path, rv);
	p->initialized = true;
	return OK;
}

static enum err find_token(
    CK_SLOT_ID *out, CK_TOKEN_INFO *info, const struct pkcs11 *p, struct fault *fault)
{
	CK_SLOT_ID slots[SLOTS_MAX];
	CK_ULONG count = SLOTS_MAX;
	CK_RV rv = p->f->C_GetSlotList(CK_TRUE, slots, &count);

	if (rv != CKR_OK)
		return refuse(p, rv, "its slots cannot be listed", fault);
	for (CK_ULONG i = 0; i < count; i++) {
		struct str label = {(const char *)info->label, LABEL_LEN};

		if (p->f->C_GetTokenInfo(slots[i], info) != CKR_OK)
			continue;
		while (label.n > 0 && label.p[label.n - 1] == ' ')
			label.n--;
		if (str_eq(label, str_c(p->token))) {
			*out = slots[i];
			return OK;
		}
	}
	return fail(fault, ERR_NOT_FOUND,
	    "no token is named %s (of %lu there): put it in, or name another", p->token, count);
}

static enum err sign_in(struct pkcs11 *p, struct str pin, struct fault *fault)
{
	unsigned char bytes[256];
	CK_TOKEN_INFO info = {.flags = 0};
	CK_SLOT_ID slot = 0;
	CK_RV rv;

	TRY(find_token(&slot, &info, p, fault));
	if (info.flags & CKF_USER_PIN_LOCKED)
		return refuse(p, CKR_PIN_LOCKED, "", fault);
	if (info.flags & CKF_USER_PIN_FINAL_TRY)
		return fail(fault, ERR_DENIED,
		    "the token %s would lock at the next wrong PIN: sign in with its own tool once",
		    p->token);
	rv =
	    p->f->C_OpenSession(slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL, &p->session);
	if (rv != CKR_OK)
		return refuse(p, rv, "cannot be spoken to", fault);
	p->in_session = true;
	if (pin.n > sizeof(bytes))
		return refuse(p, CKR_PIN_LEN_RANGE, "", fault);
	if (pin.n > 0)
		memcpy(bytes, pin.p, pin.n);
	rv = p->f->C_Login(p->session, CKU_USER, bytes, pin.n);
	explicit_bzero(bytes, sizeof(bytes));
	return rv == CKR_OK || rv == CKR_USER_ALREADY_LOGGED_IN
	           ? OK
	           : refuse(p, rv, "cannot sign in", fault);
}

enum err pkcs11_open(struct pkcs11 **out, const struct pkcs11_options *options, struct fault *fault)
{
	struct pkcs11 *p;
	enum err rc;

	if (options->token.n == 0 || options->token.n > LABEL_LEN)
		return fail(fault, ERR_INVALID, "a token's name has 1 to %d bytes", LABEL_LEN);
	p = mem_alloc(sizeof(*p));
	(void)snprintf(p->token, sizeof(p->token), "%.*s", STR_ARG(options->token));
	rc = load(p, options->module, fault);
	if (rc == OK)
		rc = sign_in(p, options->pin, fault);
	if (rc != OK)
		pkcs11_close(p);
	else
		*out = p;
	return rc;
}

void pkcs11_close(struct pkcs11 *p)
{
	if (!p)
		return;
	if (p->in_session)
		(void)p->f->C_CloseSession(p->session);
	if (p->initialized)
		(void)p->f->C_Finalize(NULL);
	/* The library stays: some leave work behind that ends with the process. */
	mem_free(p);
}

/* The one object of this class and id; CK_INVALID_HANDLE: none. */
static CK_RV find_object(CK_OBJECT_HANDLE *out, const struct pkcs11 *p, CK_OBJECT_CLASS class,
    unsigned char id[PKCS11_ID])
{
	CK_ATTRIBUTE want[] = {
	    {CKA_CLASS, &class, sizeof(class)},
	    {CKA_ID, id, PKCS11_ID},
	};
	CK_ULONG count = 0;
	CK_RV rv = p->f->C_FindObjectsInit(p->session, want, sizeof(want) / sizeof(want[0]));

	*out = CK_INVALID_HANDLE;
	if (rv != CKR_OK)
		return rv;
	rv = p->f->C_FindObjects(p->session, out, 1, &count);
	(void)p->f->C_FindObjectsFinal(p->session);
	if (count == 0)
		*out = CK_INVALID_HANDLE;
	return rv;
}

enum err pkcs11_make(
    char id[PKCS11_ID_TEXT + 1], struct pkcs11 *p, struct str label, struct fault *fault)
{
	CK_MECHANISM mechanism = {CKM_EC_EDWARDS_KEY_PAIR_GEN, NULL, 0};
	CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
	unsigned char raw[PKCS11_ID], curve[sizeof(CURVE)], name[64];
	size_t name_n = label.n < sizeof(name) ? label.n : sizeof(name);
	CK_ATTRIBUTE public[] = {{CKA_TOKEN, &yes, sizeof(yes)}, {CKA_VERIFY, &yes, sizeof(yes)},
	    {CKA_EC_PARAMS, curve, sizeof(curve)}, {CKA_ID, raw, sizeof(raw)},
	    {CKA_LABEL, name, name_n}};
	CK_ATTRIBUTE private[] = {{CKA_TOKEN, &yes, sizeof(yes)}, {CKA_PRIVATE, &yes, sizeof(yes)},
	    {CKA_SENSITIVE, &yes, sizeof(yes)}, {CKA_EXTRACTABLE, &no, sizeof(no)},
	    {CKA_SIGN, &yes, sizeof(yes)}, {CKA_ID, raw, sizeof(raw)}, {CKA_LABEL, name, name_n}};
	CK_OBJECT_HANDLE handles[2];
	struct buf hex;
	CK_RV rv;

	random_secret(raw, sizeof(raw));
	memcpy(curve, CURVE, sizeof(curve));
	if (name_n > 0)
		memcpy(name, label.p, name_n);
	rv = p->f->C_GenerateKeyPair(p->session, &mechanism, public,
	    sizeof(public) / sizeof(public[0]), private, sizeof(private) / sizeof(private[0]),
	    &handles[0], &handles[1]);
	if (rv != CKR_OK)
		return refuse(p, rv, "cannot make a key", fault);
	buf_init(&hex, PKCS11_ID_TEXT);
	buf_hex(&hex, raw, sizeof(raw));
	(void)snprintf(id, PKCS11_ID_TEXT + 1, "%.*s", (int)hex.n, hex.p);
	buf_free(&hex);
	return OK;
}

enum err pkcs11_remove(struct pkcs11 *p, struct str id, struct fault *fault)
{
	static const CK_OBJECT_CLASS CLASSES[] = {CKO_PRIVATE_KEY, CKO_PUBLIC_KEY};
	unsigned char raw[PKCS11_ID];

	if (!str_hex(raw, PKCS11_ID, id))
		return fail(fault, ERR_INVALID, "not the id of a key in a token");
	for (size_t i = 0; i < sizeof(CLASSES) / sizeof(CLASSES[0]); i++) {
		CK_OBJECT_HANDLE object;
		CK_RV rv = find_object(&object, p, CLASSES[i], raw);

		if (rv == CKR_OK && object != CK_INVALID_HANDLE)
			rv = p->f->C_DestroyObject(p->session, object);
		if (rv != CKR_OK)
			return refuse(p, rv, "cannot remove a key", fault);
	}
	return OK;
}

/* The point as its bytes, or those in an octet string: tokens differ. */
static bool read_point(struct sign_public *out, const unsigned char *point, size_t n)
{
	if (n == sizeof(POINT_HEAD) + ED25519_PUBLIC &&
	    memcmp(point, POINT_HEAD, sizeof(POINT_HEAD)) == 0) {
		point += sizeof(POINT_HEAD);
		n = ED25519_PUBLIC;
	}
	if (n != ED25519_PUBLIC)
		return false;
	memcpy(out->b, point, ED25519_PUBLIC);
	return true;
}

enum err pkcs11_find(unsigned long *handle, struct sign_public *public, struct pkcs11 *p,
    struct str id, struct fault *fault)
{
	unsigned char point[POINT_MAX];
	CK_ATTRIBUTE wanted = {CKA_EC_POINT, point, sizeof(point)};
	CK_OBJECT_HANDLE own = CK_INVALID_HANDLE, shown = CK_INVALID_HANDLE;
	unsigned char raw[PKCS11_ID];
	CK_RV rv;

	if (!str_hex(raw, PKCS11_ID, id))
		return fail(fault, ERR_CORRUPT, "not the id of a key in a token");
	rv = find_object(&own, p, CKO_PRIVATE_KEY, raw);
	if (rv == CKR_OK)
		rv = find_object(&shown, p, CKO_PUBLIC_KEY, raw);
	if (rv != CKR_OK)
		return refuse(p, rv, "its keys cannot be looked through", fault);
	if (own == CK_INVALID_HANDLE || shown == CK_INVALID_HANDLE)
		return fail(fault, ERR_NOT_FOUND,
		    "the token %s has no key %.*s: it is another token", p->token, STR_ARG(id));
	rv = p->f->C_GetAttributeValue(p->session, shown, &wanted, 1);
	if (rv != CKR_OK)
		return refuse(p, rv, "its public key cannot be read", fault);
	if (!read_point(public, point, wanted.ulValueLen))
		return fail(fault, ERR_INVALID, "the token %s: the key %.*s is not Ed25519",
		    p->token, STR_ARG(id));
	*handle = own;
	return OK;
}

enum err pkcs11_sign(struct pkcs11 *p, unsigned long handle, struct str message,
    unsigned char out[ED25519_SIGNATURE])
{
	CK_MECHANISM mechanism = {CKM_EDDSA, NULL, 0};
	CK_ULONG n = ED25519_SIGNATURE;

	/* The interface has no const; it reads only. */
	if (p->f->C_SignInit(p->session, &mechanism, handle) != CKR_OK ||
	    p->f->C_Sign(p->session, (unsigned char *)(uintptr_t)message.p, message.n, out, &n) !=
	        CKR_OK ||
	    n != ED25519_SIGNATURE)
		return ERR_IO;
	return OK;
}
