/* SPDX-License-Identifier: Apache-2.0 */
/* The decision who is spoken to, and its words for both sides: pure, one table. */
#pragma once

#include "crypt/tls_link.h"
#include "link/session.h"

enum admit {
	ADMIT_YES,
	ADMIT_UNKNOWN,   /* no peer has this certificate */
	ADMIT_MET,       /* its fingerprint was not confirmed here */
	ADMIT_CUT,       /* cut here */
	ADMIT_OTHER,     /* another certificate than the one pinned */
	ADMIT_CLASSICAL, /* no post-quantum key exchange, though it is known to have it */
	ADMIT_VERDICTS,
};

/* `p` is the peer whose certificate it is or, when we dialled, whom we dialled; NULL: none. */
enum admit link_admit(const struct link_peer *p, const struct tls_facts *facts);
const char *admit_words_there(enum admit verdict); /* for the other side's people */
const char *admit_words_here(enum admit verdict);  /* for ours */
/* Lower-case hexadecimal of a certificate's fingerprint, NUL-terminated. */
void admit_hex(char out[2 * SHA256_LEN + 1], const struct sha256 *cert);
