/* SPDX-License-Identifier: Apache-2.0 */
/* Ed25519 keys that stay in a token (PKCS#11 v3.0, CKM_EDDSA): made there, found there, signed with
 * there. The module is the operator's and runs in this process with its rights: it is loaded once,
 * before the process gives them up, and told to start no threads. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "crypt/sign.h"

struct pkcs11;

enum { PKCS11_ID = 16, PKCS11_ID_TEXT = 2 * PKCS11_ID };

struct pkcs11_options {
	struct str module; /* path of the shared library */
	struct str token;  /* its label */
	struct str pin;
};

/* Loads the module, finds the token and signs in. The fault says which of the three is wrong; a
 * token that would lock at the next wrong PIN is left alone. */
MUST_USE enum err pkcs11_open(
    struct pkcs11 **out, const struct pkcs11_options *options, struct fault *fault);
void pkcs11_close(struct pkcs11 *p); /* NULL allowed; no key of it may be used any more */

/* A fresh key pair under a fresh id, which cannot leave the token. */
MUST_USE enum err pkcs11_make(
    char id[PKCS11_ID_TEXT + 1], struct pkcs11 *p, struct str label, struct fault *fault);
/* Removes the pair; one that is not there is removed. */
MUST_USE enum err pkcs11_remove(struct pkcs11 *p, struct str id, struct fault *fault);

/* For sign.c: the private key's handle and the public key. ERR_NOT_FOUND names the token. */
MUST_USE enum err pkcs11_find(unsigned long *handle, struct sign_public *public, struct pkcs11 *p,
    struct str id, struct fault *fault);
MUST_USE enum err pkcs11_sign(struct pkcs11 *p, unsigned long handle, struct str message,
    unsigned char out[ED25519_SIGNATURE]);
