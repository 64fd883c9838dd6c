/* SPDX-License-Identifier: Apache-2.0 */
#include "view/life/settings.h"

#include "sys/files.h"

_Static_assert(
    (int)CONFIG_DECAYS == (int)DECAY_KINDS, "[decay] has a key for each kind, in their order");

/* What a configuration without [decay] says, for one that is not there at all. */
static const char BARE[] = "[node]\nname = none\nidentity = "
                           "identity--00000000-0000-4000-8000-000000000000\n"
                           "[ledger]\norigin = none\n";

enum err life_settings_of(
    struct life_settings *out, const struct config *config, struct fault *fault)
{
	struct life_settings s = {
	    .decay = {.threshold = config->decay_threshold,
	        .confidence = config->decay_confidence,
	        .false_positive = config->decay_false_positive},
	    .trust = config->decay_trust,
	    .trusts = config->trusts,
	    .trust_count = config->trust_count,
	};
	struct fault why = {.code = OK};

	for (int kind = 0; kind < DECAY_KINDS; kind++)
		if (decay_model_parse(&s.decay.models[kind], config->decays[kind], &why) != OK)
			return fail(fault, ERR_INVALID, "tocsin.conf: [decay] %s: %s",
			    decay_kind_name((enum decay_kind)kind), why.text);
	*out = s;
	return OK;
}

enum err life_settings_read(
    struct life_settings *out, struct arena *arena, struct str path, struct fault *fault)
{
	struct str text = str_c(BARE);
	struct config config;

	if (path.p && file_exists(path))
		TRY(file_read(&text, arena, path, CONFIG_BYTES_MAX, fault));
	TRY(config_parse(&config, arena, text, path.p, fault));
	return life_settings_of(out, &config, fault);
}

enum err life_settings_keep(
    const struct config *config, struct arena *arena, struct str views, struct fault *fault)
{
	struct str path = file_join(arena, views, LIFE_SETTINGS);
	struct str had = STR_NONE;
	struct buf text;
	enum err rc = OK;

	buf_init(&text, CONFIG_BYTES_MAX);
	config_print(config, &text);
	if (text.failed != OK || !path.p)
		rc = fail(fault, ERR_LIMIT, "the configuration is too large to be kept");
	else if (!file_exists(path) || file_read(&had, arena, path, CONFIG_BYTES_MAX, NULL) != OK ||
	         !str_eq(had, buf_str(&text)))
		rc = file_write(path, buf_str(&text), 0600, fault);
	buf_free(&text);
	return rc;
}

uint32_t life_trust(const struct life_settings *s, struct str source)
{
	struct str peer =
	    str_starts(source, S("peer:")) ? str_from(source, sizeof("peer:") - 1) : STR_NONE;

	for (size_t i = 0; i < s->trust_count; i++)
		if (str_eq(s->trusts[i].name, source) ||
		    (peer.p && str_eq(s->trusts[i].name, peer)))
			return s->trusts[i].trust;
	return s->trust;
}
