/* SPDX-License-Identifier: Apache-2.0 */
/* Heads of feeds, signed by the signer, which remembers how far each was signed. */
#include <inttypes.h>

#include "base/base64.h"
#include "base/mem.h"
#include "codec/json.h"
#include "exchange/part.h"

enum { ARGS_MAX = 64 << 10 };

/* A head that the signer was asked for. */
struct head {
	struct part *part;
	rpc_done done;
	void *ctx;
	uint32_t feed;
	uint64_t size;
	struct buf text;
	bool again;
};

static void head_free(struct head *h)
{
	buf_free(&h->text);
	mem_free(h);
}

static enum err ask_signer(struct head *h, struct fault *fault);

static void on_head(void *ctx, enum err status, struct str reply)
{
	struct head *h = ctx;
	uint64_t size;

	/* The signer remembers another size: it says which. */
	if (status == ERR_BUSY && !h->again && str_u64(reply, &size) == OK) {
		h->again = true;
		h->part->signed_up_to[h->feed % HEADS_MAX] = size;
		if (ask_signer(h, NULL) == OK)
			return;
	}
	if (status == OK && h->size > h->part->signed_up_to[h->feed % HEADS_MAX])
		h->part->signed_up_to[h->feed % HEADS_MAX] = h->size;
	h->done(h->ctx, status, reply);
	head_free(h);
}

static enum err ask_signer(struct head *h, struct fault *fault)
{
	struct part *p = h->part;
	uint64_t known = p->signed_up_to[h->feed % HEADS_MAX];
	uint64_t old = known < h->size ? known : h->size, new = known < h->size ? h->size : known;
	struct merkle_path proof = {.count = 0};
	struct json_writer w;
	struct buf args;
	enum err rc;

	TRY(egress_consistency(p->egress, h->feed, old, new, &proof, fault));
	buf_init(&args, ARGS_MAX);
	w = json_writer(&args);
	json_object(&w, NULL);
	json_put_str(&w, "text", buf_str(&h->text));
	json_put_int(&w, "old_size", (int64_t)known);
	json_list(&w, "proof");
	for (size_t i = 0; i < proof.count; i++) {
		struct buf text;

		buf_init(&text, 64);
		base64_put(&text, (struct str){(const char *)proof.hashes[i].b, SHA256_LEN});
		json_put_str(&w, NULL, buf_str(&text));
		buf_free(&text);
	}
	json_end_list(&w);
	json_end_object(&w);
	rc = args.failed;
	if (rc == OK)
		rc = p->ctx->signer.call(p->ctx->signer.ctx,
		    &(struct rpc_call){.op = S("sign-head"), .args = buf_str(&args), .fd = -1},
		    on_head, h);
	buf_free(&args);
	return rc == OK ? OK : fail(fault, rc, "the signer cannot be asked");
}

enum err head_sign(struct part *p, struct str identity, uint64_t size, rpc_done done, void *ctx,
    struct fault *fault)
{
	struct egress_feed feed;
	struct sha256 root;
	struct head *h;
	enum err rc;

	TRY(egress_feed(p->egress, identity, &feed, fault));
	if (size > feed.size)
		return fail(
		    fault, ERR_INVALID, "size: the feed has %" PRIu64 " entries", feed.size);
	TRY(egress_root(p->egress, feed.number, size, &root, fault));
	h = mem_alloc(sizeof(*h));
	*h = (struct head){.part = p, .done = done, .ctx = ctx, .feed = feed.number, .size = size};
	buf_init(&h->text, 4096);
	buf_printf(&h->text, "%.*s/to/%.*s\n%" PRIu64 "\n", STR_ARG(p->ctx->config->origin),
	    STR_ARG(identity), size);
	base64_put(&h->text, (struct str){(const char *)root.b, SHA256_LEN});
	buf_byte(&h->text, '\n');
	rc = ask_signer(h, fault);
	if (rc != OK)
		head_free(h);
	return rc;
}
