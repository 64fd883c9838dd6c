/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/role.h"

#define MAY(action) (1u << (action))

static const struct {
	const char *name;
	unsigned may; /* bits of enum action */
} ROLE_ROWS[ROLES] = {
    [ROLE_NONE] = {"none", 0},
    [ROLE_READER] = {"reader", MAY(ACTION_READ)},
    [ROLE_CONTRIBUTOR] = {"contributor", MAY(ACTION_READ) | MAY(ACTION_WRITE)},
    [ROLE_ANALYST] = {"analyst", MAY(ACTION_READ) | MAY(ACTION_WRITE) | MAY(ACTION_DELETE) |
                                     MAY(ACTION_METRICS) | MAY(ACTION_AUDIT)},
    [ROLE_AUDITOR] = {"auditor", MAY(ACTION_READ) | MAY(ACTION_METRICS) | MAY(ACTION_AUDIT)},
    [ROLE_ADMIN] = {"admin", MAY(ACTION_READ) | MAY(ACTION_WRITE) | MAY(ACTION_DELETE) |
                                 MAY(ACTION_METRICS) | MAY(ACTION_AUDIT) | MAY(ACTION_ADMINISTER)},
};

bool role_may(enum role role, enum action action)
{
	return (unsigned)role < ROLES && (unsigned)action < ACTIONS &&
	       (ROLE_ROWS[role].may & MAY(action)) != 0;
}

const char *role_name(enum role role)
{
	return (unsigned)role < ROLES ? ROLE_ROWS[role].name : ROLE_ROWS[ROLE_NONE].name;
}

enum role role_of_name(struct str name)
{
	for (int r = ROLE_NONE + 1; r < ROLES; r++)
		if (str_eq(name, str_c(ROLE_ROWS[r].name)))
			return (enum role)r;
	return ROLE_NONE;
}

bool role_covers(enum role role, enum role other)
{
	if ((unsigned)role >= ROLES || (unsigned)other >= ROLES)
		return false;
	return (ROLE_ROWS[other].may & ~ROLE_ROWS[role].may) == 0;
}

enum err role_list(unsigned *out, struct str list, struct fault *fault)
{
	unsigned bits = 0;

	while (list.p) {
		struct str name = str_trim(str_cut(&list, ','));
		enum role role = role_of_name(name);

		if (role == ROLE_NONE)
			return fail(fault, ERR_INVALID, "no role is named %.*s",
			    STR_ARG(str_slice(name, 0, 40)));
		bits |= MAY(role);
	}
	*out = bits;
	return OK;
}

static bool is_alphanumeric(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool account_name_valid(struct str name)
{
	if (name.n == 0 || name.n > ACCOUNT_NAME_MAX || !is_alphanumeric(name.p[0]))
		return false;
	for (size_t i = 0; i < name.n; i++)
		if (!is_alphanumeric(name.p[i]) && str_find(S("._@-"), name.p[i]) == 4)
			return false;
	return !str_eq(name, S("local"));
}
