/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/hunt/saved.h"

#include "codec/json.h"
#include "codec/time.h"
#include "gate/internal.h"

#define PREFIX S("hunt/")

static usec time_of(yyjson_val *root, const char *key)
{
	usec t;

	return time_parse_utc(&t, json_get_str(root, key)) == OK ? t : 0;
}

enum err gate_saved_hunts(
    const struct gate_ask *ask, struct gate_saved_hunts *out, struct fault *fault)
{
	bool all = role_may((enum role)ask->reader->role, ACTION_ADMINISTER);
	struct gate_saved_hunts got = {0};
	struct node_paths paths;

	(void)gate_sight(ask);
	TRY(node_paths(ask->gate, PREFIX, ask->arena, &paths, fault));
	got.items = arena_array(ask->arena, paths.count, sizeof(*got.items));
	if (!got.items)
		return fail(fault, ERR_NOMEM, "no memory for saved hunts");
	for (size_t i = 0; i < paths.count; i++) {
		struct str name = str_from(paths.items[i], PREFIX.n);
		yyjson_val *root;

		if (node_decision(ask->gate, paths.items[i], ask->arena, &root, NULL) != OK ||
		    (!all && !str_eq(json_get_str(root, "by"), ask->reader->name)))
			continue;
		got.items[got.count++] = (struct gate_saved_hunt){.name = name,
		    .text = json_get_str(root, "text"),
		    .by = gate_account_name(ask->gate, ask->arena, json_get_str(root, "by")),
		    .saved = time_of(root, "saved"),
		    .answered = time_of(root, "answered")};
	}
	*out = got;
	return OK;
}
