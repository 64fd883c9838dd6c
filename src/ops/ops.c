/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/ops.h"

#define MUST true
#define MAY false
#define COUNT(list) (sizeof(list) / sizeof(*(list)))
#define PARAMS(list) .params = (list), .param_count = COUNT(list)

#define PARAM_LIMIT                                                                                \
	{"limit", IN_QUERY, TYPE_INT, MAY, 1, OPS_LIST_MAX, NULL,                                  \
	    "items in one answer; 50 when not given"}
#define PARAM_NEXT                                                                                 \
	{"next", IN_QUERY, TYPE_TEXT, MAY, 1, OPS_TEXT_MAX, NULL,                                  \
	    "where the last answer ended, as it was given there"}
#define PARAM_ID {"id", IN_PATH, TYPE_ID, MUST, 1, 255, NULL, "STIX identifier"}
#define PARAM_VERSION                                                                              \
	{"version", IN_QUERY, TYPE_TIME, MAY, 20, 40, NULL, "the newest when not given"}

enum { NAME_MAX_BYTES = 64, PASSWORD_MIN = 8, PASSWORD_MAX = 1024 };

static const struct op_param PAGE[] = {PARAM_LIMIT, PARAM_NEXT};

static const struct op_param SESSION_CREATE[] = {
    {"name", IN_BODY, TYPE_TEXT, MUST, 1, NAME_MAX_BYTES, NULL, "account name"},
    {"password", IN_BODY, TYPE_TEXT, MUST, 1, PASSWORD_MAX, NULL, "of the account"},
    {"code", IN_BODY, TYPE_TEXT, MAY, 6, 6, NULL,
        "of its authenticator (RFC 6238), when it has one: asked for with code-needed"},
};

static const struct op_param SIGHTING_LIST[] = {
    PARAM_LIMIT,
    PARAM_NEXT,
    {"since", IN_QUERY, TYPE_TIME, MAY, 20, 40, NULL, "only what was received then or later"},
};

static const struct op_param INDICATOR_LIST[] = {
    PARAM_LIMIT,
    PARAM_NEXT,
    {"q", IN_QUERY, TYPE_TEXT, MAY, 1, OPS_QUERY_MAX, NULL, "words, a value or an id"},
    {"active", IN_QUERY, TYPE_BOOL, MAY, 0, 0, NULL, "only those that are, or are not, matched"},
};

static const struct op_param OBJECT_SEARCH[] = {
    {"q", IN_QUERY, TYPE_TEXT, MAY, 1, OPS_QUERY_MAX, NULL,
        "an id or its beginning, a type, a value (defanged too), or words"},
    {"type", IN_QUERY, TYPE_TEXT, MAY, 1, 250, NULL, "only objects of this STIX type"},
    PARAM_LIMIT,
    PARAM_NEXT,
};

static const struct op_param OBJECT_SHOW[] = {PARAM_ID, PARAM_VERSION};

static const struct op_param OBJECT_WHY[] = {
    PARAM_ID,
    {"reader", IN_QUERY, TYPE_TEXT, MUST, 1, 120, NULL,
        "account:NAME, peer:NAME or community:NAME (any member of it); or the name alone"},
    PARAM_VERSION,
};

/* Parts of another label; what is not given stays as it is. */
#define PARAM_LABEL(place)                                                                         \
	{"tlp", place, TYPE_TEXT, MAY, 1, 20, WORDS_TLP, "its TLP level"},                         \
	    {"releasable_to", place, TYPE_TEXT, MAY, 0, OPS_TEXT_MAX, NULL,                        \
	        "who may have it, names separated by commas; empty: nobody, *: it names none"},    \
	    {"communities", place, TYPE_TEXT, MAY, 0, OPS_TEXT_MAX, NULL,                          \
	        "communities that may have it, likewise"},                                         \
	    {"need_to_know", place, TYPE_TEXT, MAY, 0, OPS_TEXT_MAX, NULL,                         \
	        "tags that who has it must hold, likewise"},                                       \
	    {"max_hops", place, TYPE_INT, MAY, 0, 254, NULL, "how many more nodes may relay it"},  \
	    {"expires", place, TYPE_TIME, MAY, 20, 40, NULL, "after it, only this node keeps it"}

static const struct op_param OBJECT_AUDIENCE[] = {PARAM_ID, PARAM_VERSION, PARAM_LABEL(IN_QUERY)};

static const struct op_param OBJECT_SHARE[] = {
    PARAM_ID,
    {"version", IN_BODY, TYPE_TIME, MAY, 20, 40, NULL,
        "the one seen: refused when there is a newer"},
    PARAM_LABEL(IN_BODY),
};

static const struct op_param OBJECT_WITHDRAW[] = {
    PARAM_ID,
    {"reason", IN_BODY, TYPE_TEXT, MUST, 1, 1000, NULL, "why, for everybody who had it"},
};

static const struct op_param IMPORT[] = {
    {"source", IN_QUERY, TYPE_TEXT, MAY, 1, NAME_MAX_BYTES, NULL, "name of where it comes from"},
    {"label", IN_QUERY, TYPE_TEXT, MAY, 1, 20, WORDS_TLP,
        "for objects without a marking; the most restrictive when not given"},
    {"format", IN_QUERY, TYPE_TEXT, MAY, 1, 10, WORDS_FORMAT, "found out when not given"},
    {"name", IN_QUERY, TYPE_TEXT, MAY, 1, 255, NULL, "of the file, for messages"},
    {"collection", IN_QUERY, TYPE_TEXT, MAY, 1, NAME_MAX_BYTES, NULL,
        "id or alias of the one to put them into; Everything when not given"},
};

static const struct op_param ACCOUNT_ADD[] = {
    {"name", IN_BODY, TYPE_TEXT, MUST, 1, NAME_MAX_BYTES, NULL,
        "letters, digits, dot, underscore, hyphen"},
    {"role", IN_BODY, TYPE_TEXT, MUST, 1, 20, WORDS_ROLE, "what it may do"},
    {"password", IN_BODY, TYPE_TEXT, MUST, PASSWORD_MIN, PASSWORD_MAX, NULL, "kept as scrypt only"},
    {"clearance", IN_BODY, TYPE_TEXT, MAY, 1, 200, NULL,
        "the highest labels it may see: \"TLP:AMBER,EU:R-UE,NATO:NC,CZ:S\"; the role's TLP level "
        "when not given"},
    {"organisation", IN_BODY, TYPE_TEXT, MAY, 1, NAME_MAX_BYTES, NULL,
        "of a guest: its name or identity; \"own\": the node's"},
    {"organisations", IN_BODY, TYPE_TEXT, MAY, 0, OPS_TEXT_MAX, NULL,
        "countries and organisations it belongs to, separated by commas"},
    {"communities", IN_BODY, TYPE_TEXT, MAY, 0, OPS_TEXT_MAX, NULL,
        "those it takes part in, separated by commas; \"all\": those of the node"},
    {"tags", IN_BODY, TYPE_TEXT, MAY, 0, OPS_TEXT_MAX, NULL,
        "need-to-know tags it holds, separated by commas"},
};

#include "ops/agreement_rows.h"
#include "ops/community_params.h"
#include "ops/need_rows.h"

#define PARAM_ACCOUNT {"name", IN_PATH, TYPE_TEXT, MUST, 1, NAME_MAX_BYTES, NULL, "account name"}

static const struct op_param ACCOUNT_PASSWORD[] = {
    PARAM_ACCOUNT,
    {"password", IN_BODY, TYPE_TEXT, MUST, PASSWORD_MIN, PASSWORD_MAX, NULL, "kept as scrypt only"},
};

static const struct op_param ACCOUNT_CERTIFICATE[] = {
    PARAM_ACCOUNT,
    {"sha256", IN_BODY, TYPE_TEXT, MUST, 64, 95, NULL,
        "of the certificate (DER), in hexadecimal, colons between bytes or not"},
};

static const struct op_param ACCOUNT_REMOVE[] = {PARAM_ACCOUNT};
static const struct op_param TOTP[] = {PARAM_ACCOUNT};

static const struct op_param TOKEN_REVOKE[] = {
    {"id", IN_PATH, TYPE_TEXT, MUST, 1, 100, NULL, "first part of the token, as lists show it"},
};

static const struct op_param TOKEN_ADD[] = {
    {"account", IN_BODY, TYPE_TEXT, MUST, 1, NAME_MAX_BYTES, NULL, "whose token it is"},
    {"name", IN_BODY, TYPE_TEXT, MAY, 1, NAME_MAX_BYTES, NULL, "to tell it from others"},
    {"expires", IN_BODY, TYPE_TIME, MAY, 20, 40, NULL, "a year from now when not given"},
    {"role", IN_BODY, TYPE_TEXT, MAY, 1, 20, WORDS_ROLE, "less than the account's; never more"},
};

#define PARAM_REQUEST                                                                              \
	{"id", IN_PATH, TYPE_TEXT, MUST, 1, 64, NULL, "of the request, as lists show it"}

static const struct op_param REQUEST_APPROVE[] = {
    PARAM_REQUEST,
    {"hash", IN_BODY, TYPE_TEXT, MUST, 64, 64, NULL,
        "of what is asked, as lists show it: exactly that is approved"},
};

static const struct op_param REQUEST_REFUSE[] = {
    PARAM_REQUEST,
    {"reason", IN_BODY, TYPE_TEXT, MAY, 1, 1000, NULL, "for who asked"},
};

#define PARAM_TITLE {"title", IN_BODY, TYPE_TEXT, MUST, 1, 250, NULL, "for people"}
#define PARAM_DESCRIPTION {"description", IN_BODY, TYPE_TEXT, MAY, 1, 4096, NULL, "for people"}

static const struct op_param COLLECTION_ADD[] = {
    PARAM_TITLE,
    {"root", IN_BODY, TYPE_TEXT, MAY, 1, NAME_MAX_BYTES, NULL,
        "TAXII API root it is in; the default one when not given"},
    {"alias", IN_BODY, TYPE_TEXT, MAY, 1, NAME_MAX_BYTES, NULL,
        "second name in URLs: letters, digits, - and _"},
    PARAM_DESCRIPTION,
    {"can_read", IN_BODY, TYPE_BOOL, MAY, 0, 0, NULL, "TAXII clients may read; yes when not given"},
    {"can_write", IN_BODY, TYPE_BOOL, MAY, 0, 0, NULL,
        "TAXII clients may write; yes when not given"},
};

static const struct op_param PEER_SHOW[] = {
    {"name", IN_PATH, TYPE_TEXT, MUST, 1, NAME_MAX_BYTES, NULL, "this node's name for the peer"},
};

static const struct op_param EXCHANGE_LIST[] = {
    PARAM_LIMIT,
    PARAM_NEXT,
    {"since", IN_QUERY, TYPE_TIME, MAY, 20, 40, NULL, "only what came into the node then or later"},
};

static const struct op_param WITHDRAWAL_SHOW[] = {PARAM_ID};

static const struct op_param ROOT_ADD[] = {
    {"name", IN_BODY, TYPE_TEXT, MUST, 1, NAME_MAX_BYTES, NULL,
        "first segment of its URLs: letters, digits, - and _"},
    PARAM_TITLE,
    PARAM_DESCRIPTION,
    {"page_limit", IN_BODY, TYPE_INT, MAY, 1, 10000, NULL,
        "objects in one TAXII answer; 1,000 when not given"},
};

const struct op OPS[] = {
    {.name = "session.show",
        .method = OP_GET,
        .path = "/session",
        .open = true,
        .kind = OP_SESSION,
        .result = "Session",
        .answer = ANSWER_ONE,
        .help = "Say who is asking; 401 when nobody"},
    {.name = "session.create",
        .method = OP_POST,
        .path = "/session",
        .open = true,
        .kind = OP_SESSION,
        PARAMS(SESSION_CREATE),
        .result = "Session",
        .answer = ANSWER_ONE,
        .help = "Sign in: check the password and set the session cookie"},
    {.name = "session.delete",
        .method = OP_DELETE,
        .path = "/session",
        .open = true,
        .kind = OP_SESSION,
        .answer = ANSWER_ONE,
        .help = "Sign out: remove the session cookie"},
    {.name = "status.show",
        .method = OP_GET,
        .path = "/status",
        .verb = "status",
        .action = ACTION_READ,
        .kind = OP_READ,
        .result = "Status",
        .answer = ANSWER_ONE,
        .help = "Say how the node is"},
    {.name = "sighting.list",
        .method = OP_GET,
        .path = "/sightings",
        .action = ACTION_READ,
        .kind = OP_READ,
        PARAMS(SIGHTING_LIST),
        .result = "Sighting",
        .answer = ANSWER_PAGE,
        .help = "List sightings, newest first"},
    {.name = "indicator.list",
        .method = OP_GET,
        .path = "/indicators",
        .action = ACTION_READ,
        .kind = OP_READ,
        PARAMS(INDICATOR_LIST),
        .result = "Indicator",
        .answer = ANSWER_PAGE,
        .help = "List indicators, newest first"},
    {.name = "source.list",
        .method = OP_GET,
        .path = "/sources",
        .verb = "source list",
        .action = ACTION_READ,
        .kind = OP_READ,
        PARAMS(PAGE),
        .result = "Source",
        .answer = ANSWER_PAGE,
        .help = "List sources with their health"},
    {.name = "object.search",
        .method = OP_GET,
        .path = "/search",
        .verb = "search",
        .action = ACTION_READ,
        .kind = OP_READ,
        PARAMS(OBJECT_SEARCH),
        .result = "Found",
        .answer = ANSWER_PAGE,
        .help = "Find objects by id, type, value or text"},
    {.name = "object.show",
        .method = OP_GET,
        .path = "/objects/{id}",
        .verb = "show",
        .action = ACTION_READ,
        .kind = OP_READ,
        PARAMS(OBJECT_SHOW),
        .result = "ObjectPage",
        .answer = ANSWER_ONE,
        .help = "Show one object with versions, relations, label and proof"},
    {.name = "object.prove",
        .method = OP_GET,
        .path = "/objects/{id}/proof",
        .action = ACTION_AUDIT,
        .kind = OP_READ,
        PARAMS(OBJECT_SHOW),
        .result = "Proof",
        .answer = ANSWER_ONE,
        .help = "Prove that an object is in the signed ledger"},
    {.name = "object.why",
        .method = OP_GET,
        .path = "/objects/{id}/why",
        .verb = "why",
        .action = ACTION_AUDIT,
        .kind = OP_READ,
        PARAMS(OBJECT_WHY),
        .result = "Why",
        .answer = ANSWER_ONE,
        .help = "Say whether a reader gets an object, by which rule, and each condition"},
    {.name = "object.audience",
        .method = OP_GET,
        .path = "/objects/{id}/audience",
        .verb = "audience",
        .action = ACTION_AUDIT,
        .kind = OP_READ,
        PARAMS(OBJECT_AUDIENCE),
        .result = "Audience",
        .answer = ANSWER_ONE,
        .help = "Say who gets an object and who not, by name, also under another label"},
    {.name = "object.share",
        .method = OP_POST,
        .path = "/objects/{id}/share",
        .action = ACTION_WRITE,
        .kind = OP_WRITE,
        PARAMS(OBJECT_SHARE),
        .result = "Shared",
        .answer = ANSWER_ONE,
        .help = "Give an object another label: a newer version of it, by who may make one"},
    {.name = "object.withdraw",
        .method = OP_POST,
        .path = "/objects/{id}/withdraw",
        .action = ACTION_DELETE,
        .kind = OP_WRITE,
        PARAMS(OBJECT_WITHDRAW),
        .result = "Withdrawn",
        .answer = ANSWER_ONE,
        .help = "Take back an object that this node made, here and at every peer that had it"},
    {.name = "event.stream",
        .method = OP_GET,
        .path = "/events",
        .action = ACTION_READ,
        .kind = OP_READ,
        .result = "LiveEvent",
        .answer = ANSWER_EVENTS,
        .help = "Follow what is new as server-sent events; Last-Event-ID resumes"},
    {.name = "import",
        .method = OP_POST,
        .path = "/import",
        .verb = "import",
        .action = ACTION_WRITE,
        .kind = OP_WRITE,
        PARAMS(IMPORT),
        .file = true,
        .result = "Imported",
        .answer = ANSWER_ONE,
        .help = "Take a file of objects or indicators; the body is the file"},
    {.name = "account.list",
        .method = OP_GET,
        .path = "/accounts",
        .verb = "user list",
        .action = ACTION_ADMINISTER,
        .kind = OP_READ,
        PARAMS(PAGE),
        .result = "Account",
        .answer = ANSWER_PAGE,
        .help = "List accounts"},
    {.name = "account.add",
        .method = OP_POST,
        .path = "/accounts",
        .verb = "user add",
        .action = ACTION_ADMINISTER,
        .kind = OP_WRITE,
        PARAMS(ACCOUNT_ADD),
        .result = "Account",
        .answer = ANSWER_ONE,
        .help = "Make an account, or change one of that name"},
    {.name = "account.password",
        .method = OP_POST,
        .path = "/accounts/{name}/password",
        .verb = "user password",
        .action = ACTION_ADMINISTER,
        .kind = OP_WRITE,
        PARAMS(ACCOUNT_PASSWORD),
        .result = "Account",
        .answer = ANSWER_ONE,
        .help = "Give an account another password"},
    {.name = "account.certificate",
        .method = OP_POST,
        .path = "/accounts/{name}/certificate",
        .verb = "user certificate",
        .action = ACTION_ADMINISTER,
        .kind = OP_WRITE,
        PARAMS(ACCOUNT_CERTIFICATE),
        .result = "Account",
        .answer = ANSWER_ONE,
        .help = "Let an account sign in with a client certificate"},
    {.name = "account.remove",
        .method = OP_DELETE,
        .path = "/accounts/{name}",
        .verb = "user remove",
        .action = ACTION_ADMINISTER,
        .kind = OP_WRITE,
        PARAMS(ACCOUNT_REMOVE),
        .answer = ANSWER_ONE,
        .help = "Remove an account; its tokens end with it"},
    {.name = "totp.add",
        .method = OP_POST,
        .path = "/accounts/{name}/totp",
        .verb = "user totp",
        .action = ACTION_ADMINISTER,
        .kind = OP_WRITE,
        PARAMS(TOTP),
        .secret = true,
        .result = "Totp",
        .answer = ANSWER_ONE,
        .help = "Give an account a second factor; its secret is shown once"},
    {.name = "totp.remove",
        .method = OP_DELETE,
        .path = "/accounts/{name}/totp",
        .action = ACTION_ADMINISTER,
        .kind = OP_WRITE,
        PARAMS(TOTP),
        .answer = ANSWER_ONE,
        .help = "Take the second factor of an account away"},
    {.name = "token.list",
        .method = OP_GET,
        .path = "/tokens",
        .verb = "token list",
        .action = ACTION_ADMINISTER,
        .kind = OP_READ,
        PARAMS(PAGE),
        .result = "TokenRow",
        .answer = ANSWER_PAGE,
        .help = "List tokens, without their secrets"},
    {.name = "token.add",
        .method = OP_POST,
        .path = "/tokens",
        .verb = "token add",
        .action = ACTION_ADMINISTER,
        .kind = OP_WRITE,
        PARAMS(TOKEN_ADD),
        .secret = true,
        .result = "Token",
        .answer = ANSWER_ONE,
        .help = "Make a token for programs; it is shown once"},
    {.name = "token.revoke",
        .method = OP_DELETE,
        .path = "/tokens/{id}",
        .verb = "token revoke",
        .action = ACTION_ADMINISTER,
        .kind = OP_WRITE,
        PARAMS(TOKEN_REVOKE),
        .answer = ANSWER_ONE,
        .help = "Make a token worthless"},
    {.name = "request.list",
        .method = OP_GET,
        .path = "/requests",
        .verb = "request list",
        .action = ACTION_ADMINISTER,
        .kind = OP_READ,
        PARAMS(PAGE),
        .result = "Request",
        .answer = ANSWER_PAGE,
        .help = "List what waits, or waited, for a second person, newest first"},
    {.name = "request.approve",
        .method = OP_POST,
        .path = "/requests/{id}/approve",
        .verb = "request approve",
        .action = ACTION_ADMINISTER,
        .kind = OP_WRITE,
        PARAMS(REQUEST_APPROVE),
        .result = "Requested",
        .answer = ANSWER_ONE,
        .help = "Let run what another administrator asked"},
    {.name = "request.refuse",
        .method = OP_POST,
        .path = "/requests/{id}/refuse",
        .verb = "request refuse",
        .action = ACTION_ADMINISTER,
        .kind = OP_WRITE,
        PARAMS(REQUEST_REFUSE),
        .result = "Requested",
        .answer = ANSWER_ONE,
        .help = "Let a request never run"},
    {.name = "collection.list",
        .method = OP_GET,
        .path = "/collections",
        .action = ACTION_READ,
        .kind = OP_READ,
        PARAMS(PAGE),
        .result = "Collection",
        .answer = ANSWER_PAGE,
        .help = "List the collections that TAXII serves to the asking reader"},
    {.name = "collection.add",
        .method = OP_POST,
        .path = "/collections",
        .verb = "collection add",
        .action = ACTION_ADMINISTER,
        .kind = OP_WRITE,
        PARAMS(COLLECTION_ADD),
        .result = "Collection",
        .answer = ANSWER_ONE,
        .help = "Make a collection"},
    {.name = "community.list",
        .method = OP_GET,
        .path = "/communities",
        .verb = "community list",
        .action = ACTION_ADMINISTER,
        .kind = OP_READ,
        PARAMS(PAGE),
        .result = "Community",
        .answer = ANSWER_PAGE,
        .help = "List communities with their members and terms"},
    {.name = "community.add",
        .method = OP_POST,
        .path = "/communities",
        .verb = "community add",
        .action = ACTION_ADMINISTER,
        .kind = OP_WRITE,
        PARAMS(COMMUNITY_ADD),
        .result = "Community",
        .answer = ANSWER_ONE,
        .help = "Make a community, or change one of that name"},
    {.name = "community.remove",
        .method = OP_DELETE,
        .path = "/communities/{name}",
        .verb = "community remove",
        .action = ACTION_ADMINISTER,
        .kind = OP_WRITE,
        PARAMS(COMMUNITY_REMOVE),
        .answer = ANSWER_ONE,
        .help = "End a community; what was shared through it is no more"},
    {.name = "community.join",
        .method = OP_POST,
        .path = "/communities/{name}/join",
        .verb = "community join",
        .action = ACTION_ADMINISTER,
        .kind = OP_WRITE,
        PARAMS(COMMUNITY_MEMBER),
        .result = "Community",
        .answer = ANSWER_ONE,
        .help = "Let a peer, or this node, take part in a community"},
    {.name = "community.leave",
        .method = OP_POST,
        .path = "/communities/{name}/leave",
        .verb = "community leave",
        .action = ACTION_ADMINISTER,
        .kind = OP_WRITE,
        PARAMS(COMMUNITY_MEMBER),
        .result = "Community",
        .answer = ANSWER_ONE,
        .help = "Let a peer, or this node, leave a community"},
    OPS_AGREEMENTS,
    OPS_NEEDS,
    {.name = "peer.list",
        .method = OP_GET,
        .path = "/peers",
        .verb = "peer list",
        .action = ACTION_AUDIT,
        .kind = OP_READ,
        PARAMS(PAGE),
        .result = "Peer",
        .answer = ANSWER_PAGE,
        .help = "List peers and how their links are"},
    {.name = "originator.list",
        .method = OP_GET,
        .path = "/originators",
        .verb = "originator list",
        .action = ACTION_AUDIT,
        .kind = OP_READ,
        PARAMS(PAGE),
        .result = "Originator",
        .answer = ANSWER_PAGE,
        .help = "List originators that peers introduced, whom nobody here has met"},
    {.name = "peer.show",
        .method = OP_GET,
        .path = "/peers/{name}",
        .verb = "peer show",
        .action = ACTION_AUDIT,
        .kind = OP_READ,
        PARAMS(PEER_SHOW),
        .result = "PeerPage",
        .answer = ANSWER_ONE,
        .help = "Show one peer, its statement and its link"},
    {.name = "peer.evidence",
        .method = OP_GET,
        .path = "/peers/{name}/evidence",
        .verb = "peer evidence",
        .action = ACTION_AUDIT,
        .kind = OP_READ,
        PARAMS(PEER_SHOW),
        .result = "Evidence",
        .answer = ANSWER_ONE,
        .help = "Show the signed heads by which a peer denies what it had signed"},
    {.name = "exchange.list",
        .method = OP_GET,
        .path = "/exchange",
        .verb = "exchange",
        .action = ACTION_AUDIT,
        .kind = OP_READ,
        PARAMS(EXCHANGE_LIST),
        .result = "Exchange",
        .answer = ANSWER_PAGE,
        .help = "Count who gives whom how much, by type, and what is withheld, by rule"},
    {.name = "withdrawal.list",
        .method = OP_GET,
        .path = "/withdrawals",
        .verb = "withdrawal list",
        .action = ACTION_AUDIT,
        .kind = OP_READ,
        PARAMS(PAGE),
        .result = "Withdrawal",
        .answer = ANSWER_PAGE,
        .help = "List objects that were taken back, newest first, and how far peers are"},
    {.name = "withdrawal.show",
        .method = OP_GET,
        .path = "/withdrawals/{id}",
        .verb = "withdrawal show",
        .action = ACTION_AUDIT,
        .kind = OP_READ,
        PARAMS(WITHDRAWAL_SHOW),
        .result = "WithdrawalPage",
        .answer = ANSWER_ONE,
        .help = "Say of each peer that had a withdrawn object whether it has acted"},
    {.name = "root.add",
        .method = OP_POST,
        .path = "/roots",
        .verb = "root add",
        .action = ACTION_ADMINISTER,
        .kind = OP_WRITE,
        PARAMS(ROOT_ADD),
        .answer = ANSWER_ONE,
        .help = "Make a TAXII API root"},
    {.name = "openapi.show",
        .method = OP_GET,
        .path = "/openapi.json",
        .open = true,
        .kind = OP_READ,
        .answer = ANSWER_TEXT,
        .help = "Describe this interface (OpenAPI 3.1)"},
    {.name = "metrics.show",
        .method = OP_GET,
        .path = "/metrics",
        .top = true,
        .action = ACTION_METRICS,
        .kind = OP_READ,
        .answer = ANSWER_TEXT,
        .help = "Give figures in the Prometheus text format"},
    {.name = "health.show",
        .method = OP_GET,
        .path = "/healthz",
        .top = true,
        .open = true,
        .kind = OP_READ,
        .result = "Health",
        .answer = ANSWER_ONE,
        .help = "Say that the node answers"},
};

const size_t OPS_COUNT = COUNT(OPS);

static const char *const METHODS[] = {[OP_GET] = "GET", [OP_POST] = "POST", [OP_DELETE] = "DELETE"};

const char *op_method_name(enum op_method m)
{
	return METHODS[m];
}

const struct op *op_of_name(struct str name)
{
	for (size_t i = 0; i < OPS_COUNT; i++)
		if (str_eq(str_c(OPS[i].name), name))
			return &OPS[i];
	return NULL;
}

bool ops_listed(struct str list, struct str name)
{
	while (list.p)
		if (str_eq(str_trim(str_cut(&list, ',')), name))
			return true;
	return false;
}

enum err ops_list_check(struct str list, struct fault *fault)
{
	while (list.p) {
		struct str name = str_trim(str_cut(&list, ','));
		const struct op *op = op_of_name(name);

		if (!op || op->kind != OP_WRITE || op->file || op->secret ||
		    str_starts(name, S("request.")))
			return fail(fault, ERR_INVALID,
			    "no operation that can wait for a second person is named %.*s",
			    STR_ARG(str_slice(name, 0, 60)));
	}
	return OK;
}

/* Whether the path fits the row's template; takes the values of its {names} on the way. */
static bool path_fits(const struct op *op, struct str path, struct op_route *out)
{
	struct str want = str_c(op->path);

	out->count = 0;
	while (want.p && path.p) {
		struct str expected = str_cut(&want, '/');
		struct str segment = str_cut(&path, '/');

		if (!str_starts(expected, S("{"))) {
			if (!str_eq(expected, segment))
				return false;
		} else if (segment.n == 0 || out->count == OP_SEGMENTS_MAX) {
			return false;
		} else {
			out->values[out->count++] = segment;
		}
	}
	return !want.p && !path.p;
}

enum op_match op_route(struct op_route *out, const char *method, struct str path)
{
	const struct str prefix = S("/api/v1");
	bool versioned = str_starts(path, S("/api/v1/"));
	enum op_match match = OP_NO_PATH;
	struct op_route route = {0};

	for (size_t i = 0; i < OPS_COUNT; i++) {
		const struct op *op = &OPS[i];

		if (op->top == versioned)
			continue;
		if (!path_fits(op, versioned ? str_from(path, prefix.n) : path, &route))
			continue;
		route.op = op;
		*out = route;
		if (str_eq(str_c(method), str_c(METHODS[op->method])))
			return OP_FOUND;
		match = OP_NO_METHOD;
	}
	return match;
}
