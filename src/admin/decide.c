/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/decide.h"

#include "policy/label.h"
#include "store/store.h"

enum err admin_decide(
    const struct command_ctx *ctx, struct str path, struct str json, struct fault *fault)
{
	char label[LABEL_ENCODED_MAX];
	struct label red = {.tlp = TLP_RED};
	uint64_t newest = store_find(ctx->store, path);
	usec version = env_now(ctx->env);
	struct record record = {.kind = RECORD_DECISION, .id = path, .content = json};
	uint64_t seq;

	/* Two within a microsecond, or a clock set back: the later one still wins. */
	if (newest != STORE_NONE && store_row(ctx->store, newest)->version >= version)
		version = store_row(ctx->store, newest)->version + 1;
	record.version = version;
	record.label = (struct str){label, label_encode(&red, label)};
	return store_append(ctx->store, &record, 1, &seq, fault);
}
