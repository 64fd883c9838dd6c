/* SPDX-License-Identifier: Apache-2.0 */
#include "intake/position.h"

void position_put_place(struct json_writer *w, const struct stream_place *place)
{
	struct buf head;

	buf_init(&head, (size_t)2 * SHA256_LEN);
	buf_hex(&head, place->head.b, SHA256_LEN);
	json_put_int(w, "offset", (int64_t)place->offset);
	json_put_int(w, "inode", (int64_t)place->inode);
	json_put_int(w, "device", (int64_t)place->device);
	json_put_bool(w, "inside", place->inside);
	json_put_int(w, "head_bytes", place->head_bytes);
	json_put_str(w, "head", buf_str(&head));
	buf_free(&head);
}

enum err position_place(struct stream_place *out, yyjson_val *root)
{
	struct stream_place p = {.offset = yyjson_get_uint(yyjson_obj_get(root, "offset"))};

	p.inode = yyjson_get_uint(yyjson_obj_get(root, "inode"));
	p.device = yyjson_get_uint(yyjson_obj_get(root, "device"));
	p.inside = yyjson_get_bool(yyjson_obj_get(root, "inside"));
	p.head_bytes = (uint32_t)yyjson_get_uint(yyjson_obj_get(root, "head_bytes"));
	if (p.head_bytes > EVENTS_HEAD_MAX ||
	    (p.head_bytes && !str_hex(p.head.b, SHA256_LEN, json_get_str(root, "head"))))
		return ERR_INVALID;
	*out = p;
	return OK;
}

void position_put_pending(struct json_writer *w, const struct position_pending *p)
{
	char uuid[UUID_TEXT + 1];

	uuid_format(uuid, &p->key);
	json_list(w, NULL);
	json_put_str(w, NULL, str_c(uuid));
	json_put_int(w, NULL, (int64_t)p->count);
	json_put_int(w, NULL, p->first);
	json_put_int(w, NULL, p->last);
	if (p->indicator.n) {
		json_put_str(w, NULL, p->indicator);
		json_put_str(w, NULL, p->observable);
		json_put_int(w, NULL, p->witnesses);
	}
	json_end_list(w);
}

enum err position_pending(struct position_pending *out, yyjson_val *element)
{
	TRY(uuid_parse(&out->key, json_str(yyjson_arr_get(element, 0))));
	out->count = yyjson_get_uint(yyjson_arr_get(element, 1));
	out->first = yyjson_get_sint(yyjson_arr_get(element, 2));
	out->last = yyjson_get_sint(yyjson_arr_get(element, 3));
	out->indicator = json_str(yyjson_arr_get(element, 4));
	out->observable = json_str(yyjson_arr_get(element, 5));
	out->witnesses = (uint32_t)yyjson_get_uint(yyjson_arr_get(element, 6));
	return OK;
}

uint64_t position_pending_of(yyjson_val *root, const struct uuid *key)
{
	struct position_pending p;
	yyjson_val *element;
	size_t i, n;

	yyjson_arr_foreach(yyjson_obj_get(root, "pending"), i, n, element)
	{
		if (position_pending(&p, element) == OK && uuid_eq(&p.key, key))
			return p.count;
	}
	return 0;
}
