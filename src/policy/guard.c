/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/guard.h"

#include <string.h>

/* Wider than these is no one attacker's: blocklists name IPv4 networks up to /12, and the smallest
 * number is what a registry gives a whole provider. */
enum { IPV4_SHORTEST = 12, IPV6_SHORTEST = 29, DIGEST_HEX_MAX = 128 };

struct network {
	uint8_t bytes[16], prefix;
	const char *why;
};

static const char *const CLASSES[GUARD_CLASSES] = {
    [GUARD_NONE] = "none",
    [GUARD_WIDE] = "too-wide",
    [GUARD_RESERVED] = "reserved",
    [GUARD_SUFFIX] = "public-suffix",
    [GUARD_COMMON] = "common",
    [GUARD_LIST] = "warning-list",
    [GUARD_OWN] = "own",
    [GUARD_IMPACT] = "impact",
    [GUARD_PERSON] = "person",
    [GUARD_UNJUDGED] = "unjudged",
};

const char *guard_class_name(enum guard_class c)
{
	return CLASSES[c];
}

enum guard_class guard_class_of(struct str name)
{
	for (unsigned i = 0; i < GUARD_CLASSES; i++)
		if (str_eq(name, str_c(CLASSES[i])))
			return (enum guard_class)i;
	return GUARD_NONE;
}

#define PRIVATE "is an address of private networks"
#define RESERVED "is reserved: no attacker has it on the Internet"
#define RESOLVER "is a public name server"

/* Without the networks of documentation: no event of a real network names them, and exercises do.
 */
static const struct network IPV4[] = {
    {{0}, 8, RESERVED},
    {{10}, 8, PRIVATE},
    {{100, 64}, 10, PRIVATE},
    {{127}, 8, "is the machine itself"},
    {{169, 254}, 16, "is a link-local address"},
    {{172, 16}, 12, PRIVATE},
    {{192, 0, 0}, 24, RESERVED},
    {{192, 168}, 16, PRIVATE},
    {{198, 18}, 15, RESERVED},
    {{224}, 4, "is a multicast address"},
    {{240}, 4, RESERVED},
    {{1, 0, 0, 1}, 32, RESOLVER},
    {{1, 1, 1, 1}, 32, RESOLVER},
    {{8, 8, 4, 4}, 32, RESOLVER},
    {{8, 8, 8, 8}, 32, RESOLVER},
    {{9, 9, 9, 9}, 32, RESOLVER},
    {{149, 112, 112, 112}, 32, RESOLVER},
    {{208, 67, 220, 220}, 32, RESOLVER},
    {{208, 67, 222, 222}, 32, RESOLVER},
};

static const struct network IPV6[] = {
    {{0}, 8, RESERVED},
    {{1}, 64, RESERVED},
    {{0xfc}, 7, PRIVATE},
    {{0xfe, 0x80}, 10, "is a link-local address"},
    {{0xfe, 0xc0}, 10, PRIVATE},
    {{0xff}, 8, "is a multicast address"},
    {{[0] = 0x20,
         [1] = 0x01,
         [2] = 0x48,
         [3] = 0x60,
         [4] = 0x48,
         [5] = 0x60,
         [14] = 0x88,
         [15] = 0x44},
        128, RESOLVER},
    {{[0] = 0x20,
         [1] = 0x01,
         [2] = 0x48,
         [3] = 0x60,
         [4] = 0x48,
         [5] = 0x60,
         [14] = 0x88,
         [15] = 0x88},
        128, RESOLVER},
    {{[0] = 0x26, [1] = 0x06, [2] = 0x47, [4] = 0x47, [14] = 0x10, [15] = 0x01}, 128, RESOLVER},
    {{[0] = 0x26, [1] = 0x06, [2] = 0x47, [4] = 0x47, [14] = 0x11, [15] = 0x11}, 128, RESOLVER},
    {{[0] = 0x26, [1] = 0x20, [3] = 0xfe, [15] = 0x09}, 128, RESOLVER},
    {{[0] = 0x26, [1] = 0x20, [3] = 0xfe, [15] = 0xfe}, 128, RESOLVER},
};

static const char *const SUFFIXES[] = {"amazonaws.com", "azurewebsites.net", "blogspot.com",
    "cloudfront.net", "eu.org", "firebaseapp.com", "github.io", "gitlab.io", "herokuapp.com",
    "netlify.app", "pages.dev", "uk.com", "us.com", "vercel.app", "web.app", "workers.dev"};

/* In front of a country's two letters. */
static const char *const SECOND_LEVELS[] = {"ac", "asso", "co", "com", "edu", "firm", "gen", "go",
    "gob", "gouv", "gov", "govt", "ltd", "mil", "ne", "net", "nom", "or", "org", "plc", "police",
    "sch"};

static const char *const SERVICES[] = {"adobe.com", "akamai.net", "akamaized.net", "amazon.com",
    "apple.com", "bing.com", "cloudflare.com", "debian.org", "digicert.com", "dropbox.com",
    "facebook.com", "fastly.net", "github.com", "githubusercontent.com", "gmail.com",
    "google-analytics.com", "google.com", "googleapis.com", "gstatic.com", "icloud.com",
    "instagram.com", "lencr.org", "letsencrypt.org", "linkedin.com", "live.com", "microsoft.com",
    "microsoftonline.com", "mozilla.org", "msftconnecttest.com", "ntp.org", "office.com",
    "office365.com", "outlook.com", "sharepoint.com", "slack.com", "ubuntu.com", "whatsapp.com",
    "wikipedia.org", "windows.com", "windows.net", "windowsupdate.com", "yahoo.com", "youtube.com"};

/* Files that every system has: nothing, a line's end, a space, a zero byte. */
static const char *const DIGESTS[] = {
    "d41d8cd98f00b204e9800998ecf8427e",
    "da39a3ee5e6b4b0d3255bfef95601890afd80709",
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"
    "47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e",
    "68b329da9893e34099c7d8ad5cb9c940",
    "adc83b19e793491b1c6ea0fd8b46cd9f32e592fc",
    "01ba4719c80b6fe911b091a7c05124b64eeece964e09c058ef8f9805daca546b",
    "be688838ca8686e5c90689bf2ab585cef1137c999b48c70b92f67a5c34dc1569"
    "7b5d11c982ed6d71be1e1e7f7b4e0733884aa97c3f7a339a8ed03577cf74be09",
    "81051bcc2cf1bedf378224b0a93e2877",
    "ba8ab5a0280b953aa97435ff8946cbcbb2755a27",
    "7eb70257593da06f682a3ddda54a9d260d4fc514f645237f5ca74b08f8da61a6",
    "1b302a2f1e624a5fb5ad94ddc4e5f8bfd74d26fa37512d0e5face303d8c40eee"
    "0d0ffa3649f5da43f439914d128166cb6c4774a7caa3b174d7535451eb697b5d",
    "7215ee9c7d9dc229d2921a40e899ec5f",
    "b858cb282617fb0956d960215c8e84d1ccf909c6",
    "36a9e7f1c95b82ffb99743e0c5c4ce95d83c9a430aac59f84ef3cbfab6145068",
    "f90ddd77e400dfe6a3fcf479b00b1ee29e7015c5bb8cd70f5f15b4886cc33927"
    "5ff553fc8a053f8ddc7324f45168cffaf81f8c3ac93996f6536eef38e5e40768",
    "93b885adfe0da089cdf634904fd59f71",
    "5ba93c9db0cff93f52b521d7420e43f6eda2784f",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "b8244d028981d693af7b456af8efa4cad63d282e19ff14942c246e50d9351d22"
    "704a802a71c3580b6370de4ceb293c324a8423342557d4e5c38438f0e36910ee",
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static bool listed(const char *const *table, size_t count, struct str name)
{
	for (size_t i = 0; i < count; i++)
		if (str_eq(str_c(table[i]), name))
			return true;
	return false;
}

/* One lies in the other. */
static bool overlap(const uint8_t *a, unsigned a_prefix, const uint8_t *b, unsigned b_prefix)
{
	unsigned bits = a_prefix < b_prefix ? a_prefix : b_prefix;
	unsigned rest = bits % 8;

	if (memcmp(a, b, bits / 8) != 0)
		return false;
	return rest == 0 || ((unsigned)(a[bits / 8] ^ b[bits / 8]) >> (8 - rest)) == 0;
}

static const char *refuse_network(struct str address, unsigned prefix, enum guard_class *class)
{
	bool four = address.n == 4;
	const struct network *table = four ? IPV4 : IPV6;
	size_t count = four ? COUNT(IPV4) : COUNT(IPV6);

	*class = GUARD_WIDE;
	if (prefix < (four ? IPV4_SHORTEST : IPV6_SHORTEST))
		return "is a network of too many addresses";
	for (size_t i = 0; i < count; i++) {
		if (!overlap((const uint8_t *)address.p, prefix, table[i].bytes, table[i].prefix))
			continue;
		*class = str_eq(str_c(table[i].why), S(RESOLVER)) ? GUARD_COMMON : GUARD_RESERVED;
		return prefix < table[i].prefix
		           ? "is a network that holds reserved or well-known addresses"
		           : table[i].why;
	}
	return NULL;
}

/* Of a country, like co.uk. */
static bool second_level(struct str name)
{
	size_t dot = str_find(name, '.');
	struct str country = str_from(name, dot + 1);

	return country.n == 2 && str_find(country, '.') >= country.n &&
	       listed(SECOND_LEVELS, COUNT(SECOND_LEVELS), str_slice(name, 0, dot));
}

static const char *refuse_domain(struct str name, enum guard_class *class)
{
	*class = GUARD_RESERVED;
	if (str_find(name, '.') >= name.n) {
		*class = GUARD_SUFFIX;
		return "is a name of one label: a top-level domain or a machine nearby";
	}
	if (str_ends(name, S(".arpa")) || str_ends(name, S(".local")) ||
	    str_ends(name, S(".localhost")) || str_ends(name, S(".localdomain")) ||
	    str_ends(name, S(".internal")))
		return "is a name of local or technical use";
	*class = GUARD_SUFFIX;
	if (second_level(name) || listed(SUFFIXES, COUNT(SUFFIXES), name))
		return "is a public suffix: below it are names of many owners";
	*class = GUARD_COMMON;
	if (str_starts(name, S("www.")))
		name = str_from(name, sizeof("www.") - 1);
	return listed(SERVICES, COUNT(SERVICES), name) ? "is a service that everybody uses" : NULL;
}

struct str guard_url_host(struct str url, bool front_only)
{
	size_t at = str_search(url, S("://"));
	struct str rest = str_from(url, at < url.n ? at + 3 : 0);
	size_t end = str_find(rest, '/');

	if (at >= url.n || (front_only && end + 1 < rest.n))
		return STR_NONE;
	rest = str_slice(rest, 0, end);
	if (str_starts(rest, S("[")))
		return str_slice(rest, 1, str_find(rest, ']'));
	return str_slice(rest, 0, str_find(rest, ':'));
}

bool guard_url_address(uint8_t out[16], struct str host, unsigned *n)
{
	struct str rest = host;

	for (*n = 0; rest.p && *n < 4; ++*n) {
		uint64_t v;

		if (str_u64(str_cut(&rest, '.'), &v) != OK || v > 255)
			return false;
		out[*n] = (uint8_t)v;
	}
	return *n == 4 && !rest.p;
}

/* The front page of a host is as good as its name. */
static const char *refuse_url(struct str url, enum guard_class *class)
{
	struct str host = guard_url_host(url, true);
	uint8_t address[16];
	unsigned n;

	if (host.n == 0 || str_find(host, ':') < host.n)
		return NULL;
	if (guard_url_address(address, host, &n))
		return refuse_network((struct str){(const char *)address, n}, n * 8, class);
	return refuse_domain(host, class);
}

static const char *refuse_digest(struct str digest)
{
	static const char HEX[] = "0123456789abcdef";
	char text[DIGEST_HEX_MAX];

	if (digest.n * 2 > sizeof(text))
		return NULL;
	for (size_t i = 0; i < digest.n; i++) {
		text[2 * i] = HEX[(uint8_t)digest.p[i] >> 4];
		text[2 * i + 1] = HEX[(uint8_t)digest.p[i] & 15];
	}
	return listed(DIGESTS, COUNT(DIGESTS), (struct str){text, digest.n * 2})
	           ? "is the hash of an empty or trivial file"
	           : NULL;
}

const char *guard_refuses(const struct term *t, enum guard_class *class)
{
	switch (t->kind) {
	case TERM_IPV4:
	case TERM_IPV6:
		return refuse_network(t->value, t->prefix, class);
	case TERM_DOMAIN:
		return refuse_domain(t->value, class);
	case TERM_URL:
		return refuse_url(t->value, class);
	case TERM_MD5:
	case TERM_SHA1:
	case TERM_SHA256:
	case TERM_SHA512:
		*class = GUARD_COMMON;
		return refuse_digest(t->value);
	default:
		return NULL;
	}
}
