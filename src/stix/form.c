/* SPDX-License-Identifier: Apache-2.0 */
/* Forms of names and texts that validation asks for. */
#include "stix/check_context.h"

static bool lower(char c)
{
	return c >= 'a' && c <= 'z';
}

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool letter(char c)
{
	return lower(c) || (c >= 'A' && c <= 'Z');
}

enum { NAME_LEAST = 3, NAME_MOST = 250 };

bool form_property_name(struct str name, bool v21)
{
	if (str_eq(name, S("id")))
		return true;
	if (name.n < NAME_LEAST || name.n > NAME_MOST || (v21 && !lower(name.p[0])))
		return false;
	for (size_t i = 0; i < name.n; i++)
		if (!lower(name.p[i]) && !digit(name.p[i]) && name.p[i] != '_')
			return false;
	return true;
}

bool form_type_name(struct str name)
{
	if (name.n < NAME_LEAST || name.n > NAME_MOST || !lower(name.p[0]) ||
	    name.p[name.n - 1] == '-')
		return false;
	for (size_t i = 0; i < name.n; i++) {
		if (!lower(name.p[i]) && !digit(name.p[i]) && name.p[i] != '-')
			return false;
		if (name.p[i] == '-' && name.p[i - 1] == '-')
			return false;
	}
	return true;
}

/* A language tag's form (RFC 5646): subtags of 1 to 8 letters and digits, the first one letters
 * only, of 2 or 3 of them (or 4 to 8 registered, or "x" and "i" for private and old tags). */
bool form_language(struct str tag)
{
	struct str rest = tag;
	struct str first = str_cut(&rest, '-');

	if (first.n == 0 || first.n > 8)
		return false;
	for (size_t i = 0; i < first.n; i++)
		if (!letter(first.p[i]))
			return false;
	if (first.n == 1 && (!rest.p || (first.p[0] != 'x' && first.p[0] != 'i')))
		return false;
	while (rest.p) {
		struct str part = str_cut(&rest, '-');

		if (part.n == 0 || part.n > 8)
			return false;
		for (size_t i = 0; i < part.n; i++)
			if (!letter(part.p[i]) && !digit(part.p[i]))
				return false;
	}
	return true;
}

static bool scheme(struct str s)
{
	const struct str marks = S("+-.");

	for (size_t i = 0; i < s.n; i++)
		if (!letter(s.p[i]) && !digit(s.p[i]) && str_find(marks, s.p[i]) == marks.n)
			return false;
	return s.n > 0 && letter(s.p[0]);
}

bool form_link(struct str text)
{
	struct str rest = text;

	return scheme(str_cut(&rest, ':')) && rest.p && rest.n > 0;
}

bool form_uri(struct str text)
{
	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];

		if (c <= 0x20 || c == 0x7f || c == '<' || c == '>' || c == '"')
			return false;
	}
	return form_link(text);
}

bool form_mime(struct str text)
{
	static const char *const TOP[] = {"application", "audio", "font", "haptics", "image",
	    "message", "model", "multipart", "text", "video"};
	struct str rest = text;
	struct str top = str_cut(&rest, '/');
	bool known = false;

	for (size_t i = 0; i < sizeof(TOP) / sizeof(TOP[0]); i++)
		known = known || str_eq_nocase(top, str_c(TOP[i]));
	if (!known || !rest.p || rest.n == 0)
		return false;
	for (size_t i = 0; i < rest.n; i++)
		if ((unsigned char)rest.p[i] <= 0x20 || (unsigned char)rest.p[i] >= 0x7f)
			return false;
	return true;
}

bool form_charset(struct str text)
{
	const struct str marks = S("_-():+");
	struct str s = str_starts(text, S("ANSI_X3.")) ? str_from(text, 8) : text;

	for (size_t i = 0; i < s.n; i++)
		if (!letter(s.p[i]) && !digit(s.p[i]) && str_find(marks, s.p[i]) == marks.n)
			return false;
	return s.n > 0;
}
