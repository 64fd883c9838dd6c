/* SPDX-License-Identifier: Apache-2.0 */
#include "link/admit.h"

static const struct {
	const char *there;
	const char *here;
} WORDS[ADMIT_VERDICTS] = {
    [ADMIT_YES] = {"", ""},
    [ADMIT_UNKNOWN] = {"no peer here has your certificate: nodes become peers by invitation "
                       "(tocsin peer invite, tocsin peer accept)",
        "nobody known here has that certificate"},
    [ADMIT_MET] = {"the link is not confirmed on this side yet: its operator has to compare the "
                   "fingerprint and run `tocsin peer confirm`",
        "not confirmed here: compare the fingerprint with the other side by telephone, then run "
        "`tocsin peer confirm`"},
    [ADMIT_CUT] = {"this side has cut the link: only a new invitation makes it again",
        "cut here: only a new invitation makes the link again"},
    [ADMIT_OTHER] = {"you are not the node that was dialled",
        "the node that answers there has another certificate than the one pinned: somebody is "
        "between, the address is another node's now, or the node was made anew; if it was, cut the "
        "peer and invite it again"},
    [ADMIT_CLASSICAL] = {"your key exchange is classical only, but your statement promises "
                         "post-quantum: something between us or your TLS library takes it away",
        "its key exchange is classical only, but it is known to have post-quantum: it is not "
        "spoken to; something between, or its TLS library, takes X25519MLKEM768 away"},
};

const char *admit_words_there(enum admit verdict)
{
	return WORDS[verdict].there;
}

const char *admit_words_here(enum admit verdict)
{
	return WORDS[verdict].here;
}

void admit_hex(char out[2 * SHA256_LEN + 1], const struct sha256 *cert)
{
	static const char DIGITS[] = "0123456789abcdef";

	for (size_t i = 0; i < SHA256_LEN; i++) {
		out[2 * i] = DIGITS[cert->b[i] >> 4];
		out[2 * i + 1] = DIGITS[cert->b[i] & 15];
	}
	out[2 * SHA256_LEN] = '\0';
}

enum admit link_admit(const struct link_peer *p, const struct tls_facts *facts)
{
	char cert[2 * SHA256_LEN + 1];

	if (!p)
		return ADMIT_UNKNOWN;
	admit_hex(cert, &facts->cert);
	if (!str_eq(str_c(cert), p->cert) && !str_eq(str_c(cert), p->next_cert))
		return ADMIT_OTHER;
	if (str_eq(p->state, S("met")))
		return ADMIT_MET;
	if (!str_eq(p->state, S("active")))
		return ADMIT_CUT;
	return p->post_quantum && !facts->post_quantum ? ADMIT_CLASSICAL : ADMIT_YES;
}
