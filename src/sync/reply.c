/* SPDX-License-Identifier: Apache-2.0 */
#include "sync/reply.h"

#include "base/base64.h"
#include "codec/json.h"
#include "sync/message.h"

void sync_reply_held(struct buf *out, const struct sync_edge *edge, struct str receipt, bool waited)
{
	struct sha256 root = sync_edge_root(edge);
	struct json_writer w = json_writer(out);
	struct buf text;

	buf_init(&text, 64);
	base64_put(&text, (struct str){(const char *)root.b, SHA256_LEN});
	json_object(&w, NULL);
	json_put_int(&w, "size", (int64_t)sync_edge_size(edge));
	json_put_str(&w, "root", buf_str(&text));
	json_put_str(&w, "receipt", receipt);
	if (waited)
		json_put_bool(&w, "waited", true);
	json_end_object(&w);
	buf_free(&text);
}

void sync_reply_refused(struct buf *out, enum err code, unsigned reason, struct str text)
{
	struct json_writer w = json_writer(out);

	json_object(&w, NULL);
	json_put_int(&w, "error", code);
	json_put_int(&w, "reason", reason);
	json_put_str(&w, "text", text);
	json_end_object(&w);
}

void sync_reply_receipt_args(struct buf *out, const struct sync_receipt *receipt)
{
	struct json_writer w = json_writer(out);
	struct buf text;

	buf_init(&text, SYNC_NOTE_MAX);
	sync_receipt_put(receipt, &text);
	json_object(&w, NULL);
	json_put_str(&w, "text", buf_str(&text));
	json_end_object(&w);
	if (text.failed != OK)
		out->failed = text.failed;
	buf_free(&text);
}
