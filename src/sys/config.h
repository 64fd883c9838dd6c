/* SPDX-License-Identifier: Apache-2.0 */
/* The node's configuration, DIR/tocsin.conf: sections and `key = value` lines, described by one
 * table (sys/config.c). Errors name file, line and key. `config_print` writes the normal form,
 * which parses to itself. */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

enum {
	CONFIG_BYTES_MAX = 1 << 20,
	CONFIG_SOURCES_MAX = 256,
	CONFIG_RETENTIONS_MAX = 64,
	CONFIG_RETENTION_DAYS_MAX = 36500,
	CONFIG_DECAYS = 9,
	CONFIG_TRUSTS_MAX = 1024,
};

/* [source NAME]: a stream that intake follows. */
struct config_source {
	struct str name;    /* letters, digits, '-', '_', '.'; at most 64 */
	struct str kind;    /* "eve" */
	struct str path;    /* absolute */
	struct str label;   /* "TLP:AMBER" */
	uint32_t trust;     /* 0..100 */
	struct str history; /* "yes" or "no": whether what it shows is kept */
	uint32_t line;      /* of the section, for messages */
};

/* [retention] NAME = DAYS: a type of objects, or "personal". What names mean is
 * policy/retention.h's.
 */
struct config_retention {
	struct str name; /* a-z, 0-9, '-'; at most 64 */
	uint32_t days;   /* 0: for ever */
};

/* [trust] NAME = 0..100: in what a source or a peer states. */
struct config_trust {
	struct str name; /* as of a source, or "peer:NAME" */
	uint32_t trust;
};

struct config {
	/* [node] */
	struct str name;     /* as people read it */
	struct str identity; /* id of the node's STIX identity */
	struct str mail;     /* address that its mail to members comes from; STR_NONE: none */
	struct str ceiling;  /* highest label that may be here, as a clearance; none: any */
	/* [serve] */
	struct str listen; /* ADDR:PORT */
	uint32_t connections;
	uint64_t body_max;     /* bytes of one request */
	struct str metrics;    /* "open": figures of the processes (not of content) to anybody */
	uint32_t role_timeout; /* seconds without an answer; 0: never */
	/* [taxii]: a listener of its own for TAXII alone */
	struct str taxii_listen; /* ADDR:PORT; STR_NONE: there is none */
	struct str taxii_tls;    /* the oldest version taken there: "1.3" or "1.2" */
	/* [link]: peers; each STR_NONE when it says "none" */
	struct str link_listen;      /* ADDR:PORT; none: this node only dials */
	struct str link_address;     /* HOST:PORT that peers are told; none: link_listen */
	struct str link_certificate; /* file of a PEM; none: tls/cert.pem and its key */
	struct str link_key;
	struct str introductions; /* "take" or "refuse": originators that peers introduce */
	uint32_t link_pace; /* kbit/s that every link carries always; 0: as much as there is */
	/* [peer] */
	uint32_t quota;        /* entries of a peer's feed a second; 0: no limit */
	uint32_t quota_burst;  /* and at once */
	struct str quota_when; /* "waiting": while another peer waits; or "always" */
	struct str purges;     /* "ask" or "comply": what becomes of a peer's demand to purge */
	uint32_t package_age_hours; /* then a picture that packages give is too old; 0: never */
	/* [accounts]: lists with commas; each STR_NONE when it says "none" */
	struct str totp_required; /* roles */
	struct str two_person;    /* names of operations */
	/* [oidc]: people sign in with an identity provider; issuer STR_NONE: they do not */
	struct str oidc_issuer; /* https, as the provider writes it */
	struct str oidc_client_id;
	struct str oidc_client_secret_file;
	struct str oidc_ca_file; /* authorities of its certificate; STR_NONE: the system's */
	struct str oidc_name;    /* as people know the provider */
	struct str oidc_account_claim;
	/* [keys]: a token for the ledger's Ed25519 key; module STR_NONE: keys are files */
	struct str pkcs11_module;
	struct str pkcs11_token; /* its label */
	struct str pkcs11_pin_file;
	struct str pkcs11_files; /* folder that the module uses while it works; STR_NONE: none */
	/* [ledger] */
	struct str origin;     /* of checkpoints */
	uint64_t free_reserve; /* bytes to leave free on the file system */
	/* [guard]: what is not matched unseen; each STR_NONE when it says "none" */
	struct str guard_lists;    /* folder of warning lists */
	struct str guard_own;      /* names, networks and mail addresses */
	struct str guard_suffixes; /* file of publicsuffix.org */
	uint32_t impact_events;    /* seen in 24 hours; 0: never too many */
	uint32_t impact_hosts;
	/* [packs] */
	struct str packs_keys; /* file of the keys of who may sign policy packs; STR_NONE: nobody */
	/* [analytics]: what looks at behaviour in streams; intake/analytics/settings.h reads it */
	struct str detectors;     /* "all", "none" or names */
	struct str analytics_own; /* networks beside those of private use; STR_NONE: no others */
	/* [decay]: how indicators age; policy/decay/ says what it means */
	uint32_t decay_threshold;
	uint32_t decay_confidence;
	uint32_t decay_false_positive;
	uint32_t decay_trust;             /* in who is not named in [trust] */
	struct str decays[CONFIG_DECAYS]; /* a model each, in the order of policy's kinds */
	/* [trust] */
	struct config_trust *trusts;
	size_t trust_count;
	/* [retention] */
	struct str retention_apply; /* "hand" or "daily" */
	uint32_t retention_history; /* days; 0: for ever */
	struct config_retention *retentions;
	size_t retention_count;
	/* [source NAME] */
	struct config_source *sources;
	size_t source_count;
};

/* `file` is only named in faults. Strings live in the arena. */
MUST_USE enum err config_parse(struct config *out, struct arena *arena, struct str text,
    const char *file, struct fault *fault);
/* DIR/tocsin.conf. */
MUST_USE enum err config_read(
    struct config *out, struct arena *arena, struct str dir, struct fault *fault);
void config_print(const struct config *c, struct buf *out);

/* The link's own certificate, made by a rotation: certificate and key in one file, and the
 * certificate for who may not see keys. Without them, and without files named in tocsin.conf, it
 * has that of the web address. */
#define CONFIG_LINK_PAIR "keys/link.pem"
#define CONFIG_LINK_CERT "tls/link.pem"
void config_link_files(
    struct str *cert, struct str *key, const struct config *c, struct str dir, struct arena *arena);
