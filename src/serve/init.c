/* SPDX-License-Identifier: Apache-2.0 */
/* Making a node directory. The configuration is written last: without it no directory is a node. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/uuid.h"
#include "codec/json.h"
#include "codec/time.h"
#include "crypt/cert.h"
#include "crypt/pkcs11.h"
#include "crypt/random.h"
#include "policy/label.h"
#include "serve/keys.h"
#include "serve/role.h"
#include "serve/serve.h"
#include "serve/witness.h"
#include "stix/type.h"
#include "store/store.h"
#include "sys/config.h"
#include "sys/env.h"
#include "sys/files.h"

enum {
	ARENA_MAX = 4 << 20,
	TEXT_MAX = 64 << 10,
	CERT_DAYS = 825,
	FEED_EVERYTHING = 1,
	FEED_SIGHTINGS = 2,
	NAME_MAX_BYTES = 64,
};

#define TLP_CLEAR_MARKING "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487"

struct init {
	struct str dir;
	struct str name;
	struct arena *arena;
	struct config config;
	struct store *store;
	struct pkcs11 *token; /* NULL: keys are files */
	usec now;
};

static struct str uuid_text(const struct init *in)
{
	struct uuid u = uuid_v4(sys_env());
	char text[UUID_TEXT + 1];

	uuid_format(text, &u);
	return arena_str(in->arena, str_c(text));
}

static struct str path(const struct init *in, const char *name)
{
	return file_join(in->arena, in->dir, name);
}

static enum err make_dirs(const struct init *in, struct fault *fault)
{
	static const char *const names[] = {"keys", "tls", "ledger", "people", "views", "run"};
	enum err rc = file_dir_empty(in->dir, fault);

	if (rc == ERR_CONFLICT)
		return fail(fault, ERR_CONFLICT,
		    "%.*s: the directory is not empty; a node needs one of its own",
		    STR_ARG(in->dir));
	if (rc == ERR_NOT_FOUND)
		rc = file_make_dir(in->dir, 0700, fault);
	TRY(rc);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		TRY(file_make_dir(path(in, names[i]), 0700, fault));
	return OK;
}

static enum err make_keys(const struct init *in, struct fault *fault)
{
	char session[SECRET_BYTES];

	random_secret(session, sizeof(session));
	TRY(ledger_keys_make(in->dir, in->config.origin, in->token, in->arena, fault));
	return file_create(
	    path(in, "keys/session"), (struct str){session, sizeof(session)}, 0600, fault);
}

static enum err make_certificate(const struct init *in, struct fault *fault)
{
	const struct str hosts[] = {S("localhost"), S("127.0.0.1"), S("::1")};
	const struct cert_request request = {.name = in->name,
	    .hosts = hosts,
	    .host_count = sizeof(hosts) / sizeof(hosts[0]),
	    /* Clocks differ. */
	    .not_before = in->now - 3600 * USEC_PER_SEC,
	    .days = CERT_DAYS};
	struct str cert;
	struct str key;

	TRY(cert_make(&cert, &key, in->arena, &request, fault));
	TRY(file_create(path(in, "keys/tls.pem"), key, 0600, fault));
	return file_create(path(in, "tls/cert.pem"), cert, 0644, fault);
}

/* Finishes a JSON text: in the arena, STR_NONE when it did not fit. */
static struct str finish(const struct init *in, struct json_writer *w)
{
	struct str text = STR_NONE;

	json_end_object(w);
	if (w->out->failed == OK)
		text = arena_str(in->arena, buf_str(w->out));
	buf_free(w->out);
	return text;
}

static struct str identity_json(const struct init *in, struct buf *b)
{
	struct json_writer w = json_writer(b);
	char now[TIME_TEXT + 1];

	time_format_ms(now, in->now);
	json_object(&w, NULL);
	json_put_str(&w, "type", S("identity"));
	json_put_str(&w, "spec_version", S("2.1"));
	json_put_str(&w, "id", in->config.identity);
	json_put_str(&w, "created", str_c(now));
	json_put_str(&w, "modified", str_c(now));
	json_put_str(&w, "name", in->name);
	json_put_str(&w, "identity_class", S("organization"));
	json_list(&w, "object_marking_refs");
	json_put_str(&w, NULL, S(TLP_CLEAR_MARKING));
	json_end_list(&w);
	return finish(in, &w);
}

static struct str discovery_json(const struct init *in, struct buf *b)
{
	struct json_writer w = json_writer(b);

	json_object(&w, NULL);
	json_put_str(&w, "title", in->name);
	json_put_str(&w, "default", S("intel"));
	json_list(&w, "api_roots");
	json_put_str(&w, NULL, S("intel"));
	json_end_list(&w);
	return finish(in, &w);
}

static struct str root_json(const struct init *in, struct buf *b)
{
	struct json_writer w = json_writer(b);

	json_object(&w, NULL);
	json_put_str(&w, "title", in->name);
	json_put_int(&w, "max_content_length", (int64_t)in->config.body_max);
	json_put_int(&w, "page_limit", 1000);
	return finish(in, &w);
}

struct collection {
	uint32_t feed;
	const char *title;
	const char *description;
	const char *alias;
	bool can_write;
};

static const struct collection COLLECTIONS[] = {
    {FEED_EVERYTHING, "Everything", "All that this node holds", "all", true},
    {FEED_SIGHTINGS, "Sightings", "What this node's own sensors saw", "sightings", false},
};

static struct str collection_json(const struct init *in, struct buf *b, const struct collection *c)
{
	struct json_writer w = json_writer(b);

	json_object(&w, NULL);
	json_put_int(&w, "feed", c->feed);
	json_put_str(&w, "root", S("intel"));
	json_put_str(&w, "title", str_c(c->title));
	json_put_str(&w, "description", str_c(c->description));
	json_put_str(&w, "alias", str_c(c->alias));
	json_put_bool(&w, "can_read", true);
	json_put_bool(&w, "can_write", c->can_write);
	return finish(in, &w);
}

static struct record decision(
    const struct init *in, struct str label, struct str id, struct str json)
{
	return (struct record){
	    .kind = RECORD_DECISION, .id = id, .version = in->now, .label = label, .content = json};
}

/* The node's first records: who it is, and what it offers to begin with. */
static enum err append_first(const struct init *in, struct fault *fault)
{
	char clear[LABEL_ENCODED_MAX];
	char red[LABEL_ENCODED_MAX];
	struct str open = {clear, label_encode(&(struct label){.tlp = TLP_CLEAR}, clear)};
	struct str own = {red, label_encode(&(struct label){.tlp = TLP_RED}, red)};
	struct record records[3 + sizeof(COLLECTIONS) / sizeof(COLLECTIONS[0])];
	struct buf b;
	uint64_t first;
	size_t n = 0;

	buf_init(&b, TEXT_MAX);
	records[n++] = (struct record){.kind = RECORD_OBJECT,
	    .tag = STIX_TYPE_IDENTITY,
	    .id = in->config.identity,
	    .version = in->now - in->now % 1000,
	    .label = open,
	    .feed = FEED_EVERYTHING,
	    .content = identity_json(in, &b)};
	records[n++] = decision(in, own, S("discovery"), discovery_json(in, &b));
	records[n++] = decision(in, own, S("root/intel"), root_json(in, &b));
	for (size_t i = 0; i < sizeof(COLLECTIONS) / sizeof(COLLECTIONS[0]); i++) {
		struct str id = arena_printf(in->arena, "collection/%.*s", STR_ARG(uuid_text(in)));

		records[n++] = decision(in, own, id, collection_json(in, &b, &COLLECTIONS[i]));
	}
	for (size_t i = 0; i < n; i++)
		if (!records[i].content.p)
			return fail(fault, ERR_LIMIT, "the node's first records are too long");
	TRY(store_append(in->store, records, n, &first, fault));
	return store_commit(in->store, fault);
}

static enum err sign_with(
    const struct init *in, const struct ledger_keys *keys, struct str text, struct fault *fault)
{
	const struct note_signer signer = ledger_keys_signer(keys, in->config.origin);
	struct str note;

	TRY(note_sign(&note, in->arena, text, &signer, fault));
	return store_put_checkpoint(in->store, note, fault);
}

static enum err sign_first(const struct init *in, struct fault *fault)
{
	const struct witness_step step = {.old_size = 0};
	struct str origin = in->config.origin;
	struct ledger_keys keys;
	struct witness witness;
	struct str text;
	enum err rc;

	TRY(store_checkpoint_text(
	    in->store, origin, store_size(in->store), in->arena, &text, fault));
	TRY(witness_open(&witness, path(in, "keys/signed"), fault));
	rc = witness_admit(&witness, text, origin, &step, fault);
	witness_close(&witness);
	TRY(rc);
	TRY(ledger_keys_open(&keys, in->dir, origin, in->token, in->arena, fault));
	rc = sign_with(in, &keys, text, fault);
	ledger_keys_close(&keys);
	return rc;
}

static enum err make_ledger(struct init *in, struct fault *fault)
{
	const struct store_options options = {
	    .dir = path(in, "ledger"), .write = true, .create = true, .env = sys_env()};
	enum err rc;

	TRY(store_open(&in->store, &options, fault));
	rc = append_first(in, fault);
	if (rc == OK)
		rc = sign_first(in, fault);
	store_close(in->store);
	return rc;
}

static enum err write_config(const struct init *in, struct fault *fault)
{
	struct buf text;
	enum err rc;

	buf_init(&text, TEXT_MAX);
	buf_put(&text, S("# The configuration of a tocsin node; see tocsin.conf(5).\n"
	                 "# `tocsin config check DIR` checks it. A sensor's events are followed "
	                 "with a section like:\n"
	                 "#\n"
	                 "#   [source suricata]\n"
	                 "#   kind = eve\n"
	                 "#   path = /var/log/suricata/eve.json\n"
	                 "#   label = TLP:AMBER\n"
	                 "#   trust = 50\n\n"));
	config_print(&in->config, &text);
	rc = text.failed != OK ? fail(fault, text.failed, "the configuration is too long")
	                       : file_create(path(in, "tocsin.conf"), buf_str(&text), 0600, fault);
	buf_free(&text);
	return rc;
}

static struct str or_none(struct str text)
{
	return text.p ? text : S("none");
}

/* The defaults come from the schema, by parsing the least that a configuration must say. */
static enum err make_config(struct init *in, const struct init_options *o, struct fault *fault)
{
	struct str uuid = uuid_text(in);
	struct str text = arena_printf(in->arena,
	    "[node]\nname = %.*s\nidentity = identity--%.*s\n[ledger]\norigin = tocsin/%.*s\n"
	    "[serve]\n%s%.*s\n[link]\nlisten = %.*s\n[keys]\npkcs11_module = %.*s\n"
	    "pkcs11_token = %.*s\npin_file = %.*s\npkcs11_files = %.*s\n",
	    STR_ARG(in->name), STR_ARG(uuid), STR_ARG(uuid), o->listen.p ? "listen = " : "",
	    STR_ARG(o->listen), STR_ARG(or_none(o->link)), STR_ARG(or_none(o->pkcs11_module)),
	    STR_ARG(or_none(o->pkcs11_token)), STR_ARG(or_none(o->pkcs11_pin_file)),
	    STR_ARG(or_none(o->pkcs11_files)));

	if (!text.p)
		return fail(fault, ERR_LIMIT, "the node's name is too long");
	TRY(config_parse(&in->config, in->arena, text, "tocsin.conf", fault));
	return role_config_check(&in->config, fault);
}

static enum err run(struct init *in, const struct init_options *o, struct fault *fault)
{
	if (in->name.n == 0 || in->name.n > NAME_MAX_BYTES)
		return fail(
		    fault, ERR_INVALID, "--name: a node's name has 1 to %d bytes", NAME_MAX_BYTES);
	TRY(make_config(in, o, fault));
	TRY(ledger_token_open(&in->token, &in->config, in->arena, fault));
	TRY(make_dirs(in, fault));
	TRY(make_keys(in, fault));
	TRY(make_certificate(in, fault));
	TRY(make_ledger(in, fault));
	return write_config(in, fault);
}

enum err node_init(const struct init_options *options, struct fault *fault)
{
	struct init in = {.dir = options->dir,
	    .name = str_trim(options->name),
	    .arena = arena_new(ARENA_MAX),
	    .now = env_now(sys_env())};
	enum err rc = run(&in, options, fault);

	pkcs11_close(in.token);

	arena_free(in.arena);
	return rc;
}
