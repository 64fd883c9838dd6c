/* SPDX-License-Identifier: Apache-2.0 */
/* The verbs about agreements. */
#include "cli/change.h"
#include "cli/read.h"
#include "cli/terminal.h"
#include "cli/verbs.h"
#include "codec/json.h"

enum { WORDS_MAX = 64 };

static const char *const NO_WORDS[] = {NULL};
static const char *const ID_WORD[] = {"id", NULL};

/* ---- what reads ---- */

static int print_list(struct buf *out, yyjson_val *answer)
{
	static const struct terminal_column COLUMNS[] = {{"state", "STATE"}, {"own", "OWN"},
	    {"community", "COMMUNITY"}, {"kind", "KIND"}, {"ceiling", "CEILING"},
	    {"expires", "EXPIRES"}, {"id", "ID"}, {"title", "TITLE"}, {NULL, NULL}};
	yyjson_val *items = yyjson_obj_get(answer, "items");
	struct str next = json_get_str(answer, "next");

	if (yyjson_arr_size(items) == 0)
		return EXIT_GOOD;
	terminal_table(out, items, COLUMNS);
	if (next.p)
		buf_printf(out, "more: --next %.*s\n", STR_ARG(next));
	return EXIT_GOOD;
}

static void put_table(struct buf *out, yyjson_val *answer, const char *member, const char *heading,
    const struct terminal_column *columns)
{
	yyjson_val *items = yyjson_obj_get(answer, member);

	if (yyjson_arr_size(items) == 0)
		return;
	buf_printf(out, "\n%s\n", heading);
	terminal_table(out, items, columns);
}

static void put_sides(struct buf *out, yyjson_val *answer)
{
	static const struct terminal_column COLUMNS[] = {
	    {"type", "TYPE"}, {"given", "GIVEN"}, {"received", "RECEIVED"}, {NULL, NULL}};
	yyjson_val *side;
	size_t i, max;

	yyjson_arr_foreach(yyjson_obj_get(answer, "reciprocity"), i, max, side)
	{
		struct str peer = json_get_str(side, "peer");

		buf_printf(out, "\nbetween this node and ");
		terminal_put(out, peer);
		if (yyjson_arr_size(yyjson_obj_get(side, "types")) == 0) {
			buf_put(out, S(": nothing yet\n"));
			continue;
		}
		buf_byte(out, '\n');
		terminal_table(out, yyjson_obj_get(side, "types"), COLUMNS);
	}
}

static int print_agreement(struct buf *out, yyjson_val *answer)
{
	static const struct terminal_column FIELDS[] = {{"id", "id"}, {"state", "state"},
	    {"own", "this node"}, {"version", "version"},
	    {"held_version", "in force since version"}, {"proposed_by", "proposed by"},
	    {"community", "community"}, {"title", "title"}, {"kind", "kind"}, {"hub", "hub"},
	    {"direction", "direction"}, {"incident", "incident"}, {"ceiling", "ceiling"},
	    {"types", "types"}, {"purposes", "purposes"}, {"anonymise", "without"},
	    {"retention", "retention"}, {"legal_ref", "legal basis"}, {"valid_from", "from"},
	    {"expires", "until"}, {"reciprocity_visible", "figures may be published"},
	    {"name_taken", "name taken here"}, {"sha256", "sha256"}, {NULL, NULL}};
	static const struct terminal_column PARTIES[] = {{"state", "STATE"}, {"member", "MEMBER"},
	    {"own", "OWN"}, {"peer", "PEER"}, {"said", "SINCE"}, {"identity", "IDENTITY"},
	    {"reason", "REASON"}, {NULL, NULL}};
	static const struct terminal_column UNREACHED[] = {{"peer", "PEER"},
	    {"identity", "IDENTITY"}, {"rule", "RULE"}, {"text", "WHY"}, {NULL, NULL}};

	terminal_facts(out, answer, FIELDS);
	put_table(out, answer, "parties", "parties", PARTIES);
	put_table(
	    out, answer, "unreached", "members that this node would not give it to", UNREACHED);
	put_sides(out, answer);
	return EXIT_GOOD;
}

static int print_proof(struct buf *out, yyjson_val *answer)
{
	static const struct terminal_column COLUMNS[] = {{"signature", "SIGNATURE"},
	    {"state", "STATE"}, {"own", "OWN"}, {"peer", "PEER"}, {"identity", "IDENTITY"},
	    {"text", "TEXT"}, {NULL, NULL}};

	buf_printf(out, "sha256 ");
	terminal_put(out, json_get_str(answer, "sha256"));
	buf_byte(out, '\n');
	terminal_table(out, yyjson_obj_get(answer, "signatures"), COLUMNS);
	return yyjson_get_bool(yyjson_obj_get(answer, "verified")) ? EXIT_GOOD : EXIT_SOME;
}

int cmd_agreement_list(int argc, char **argv)
{
	return read_verb(argc, argv, &(struct read_verb){"agreement.list", NO_WORDS, print_list});
}

int cmd_agreement_show(int argc, char **argv)
{
	return read_verb(
	    argc, argv, &(struct read_verb){"agreement.show", ID_WORD, print_agreement});
}

int cmd_agreement_verify(int argc, char **argv)
{
	return read_verb(argc, argv, &(struct read_verb){"agreement.verify", ID_WORD, print_proof});
}

/* ---- what decides ---- */

struct propose_options {
	const char *changes, *title, *kind, *hub, *direction, *incident, *ceiling, *types;
	const char *anonymise, *retention, *legal, *from, *until;
	struct cmd_list with, purpose;
	bool share_victims, visible, json;
	char parties[PURPOSES_MAX], purposes[PURPOSES_MAX];
};

static enum err set_proposal(struct api_args *args, void *ctx, struct fault *fault)
{
	struct propose_options *o = ctx;
	const struct {
		const char *name, *value;
	} texts[] = {{"changes", o->changes}, {"title", o->title}, {"kind", o->kind},
	    {"hub", o->hub}, {"direction", o->direction}, {"incident", o->incident},
	    {"types", o->types}, {"retention", o->retention}, {"legal_ref", o->legal},
	    {"valid_from", o->from}, {"expires", o->until},
	    {"anonymise", o->share_victims ? "" : o->anonymise},
	    {"reciprocity_visible", o->visible ? "true" : NULL}};

	if (o->share_victims && o->anonymise)
		return fail(fault, ERR_INVALID, "--anonymise or --share-victims, not both");
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		TRY(set(args, texts[i].name, texts[i].value, fault));
	TRY(set_level(args, "ceiling", o->ceiling, fault));
	TRY(set_list(args, "purposes", &o->purpose, "; ", o->purposes, fault));
	return set_list(args, "with", &o->with, ",", o->parties, fault);
}

int cmd_agreement_propose(int argc, char **argv)
{
	struct propose_options o = {0};
	const struct cmd_option options[] = {{"with", CMD_LIST, &o.with},
	    {"changes", CMD_TEXT, &o.changes}, {"title", CMD_TEXT, &o.title},
	    {"kind", CMD_TEXT, &o.kind}, {"hub", CMD_TEXT, &o.hub},
	    {"direction", CMD_TEXT, &o.direction}, {"incident", CMD_TEXT, &o.incident},
	    {"ceiling", CMD_TEXT, &o.ceiling}, {"types", CMD_TEXT, &o.types},
	    {"purpose", CMD_LIST, &o.purpose}, {"anonymise", CMD_TEXT, &o.anonymise},
	    {"share-victims", CMD_FLAG, &o.share_victims}, {"retention", CMD_TEXT, &o.retention},
	    {"legal", CMD_TEXT, &o.legal}, {"from", CMD_TEXT, &o.from},
	    {"until", CMD_TEXT, &o.until}, {"reciprocity-visible", CMD_FLAG, &o.visible},
	    {"json", CMD_FLAG, &o.json}, {0}};
	const char *with[WORDS_MAX], *purposes[WORDS_MAX];

	o.with.list = with;
	o.purpose.list = purposes;
	if (argc > WORDS_MAX)
		return cmd_fail(argv[0], &(struct fault){ERR_LIMIT, "too many words"});
	return change(argc, argv,
	    &(struct change){.op = "agreement.propose",
	        .words = 2,
	        .options = options,
	        .set = set_proposal,
	        .ctx = &o,
	        .json = &o.json,
	        .plain = "id"});
}

struct answer_options {
	const char *reason, *version;
	bool json;
};

static enum err set_answer(struct api_args *args, void *ctx, struct fault *fault)
{
	const struct answer_options *o = ctx;

	TRY(set(args, "reason", o->reason, fault));
	return set(args, "version", o->version, fault);
}

static int answer(int argc, char **argv, const char *op)
{
	struct answer_options o = {0};
	const struct cmd_option options[] = {{"reason", CMD_TEXT, &o.reason},
	    {"version", CMD_TEXT, &o.version}, {"json", CMD_FLAG, &o.json}, {0}};

	return change(argc, argv,
	    &(struct change){.op = op,
	        .words = 2,
	        .options = options,
	        .set = set_answer,
	        .ctx = &o,
	        .json = &o.json});
}

int cmd_agreement_sign(int argc, char **argv)
{
	return answer(argc, argv, "agreement.sign");
}

int cmd_agreement_decline(int argc, char **argv)
{
	return answer(argc, argv, "agreement.decline");
}

int cmd_agreement_leave(int argc, char **argv)
{
	return answer(argc, argv, "agreement.leave");
}
