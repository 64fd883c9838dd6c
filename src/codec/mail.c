/* SPDX-License-Identifier: Apache-2.0 */
/* The writing half of codec/mime.h: nothing but US-ASCII, in lines that every relay lets through.
 */
#include "base/base64.h"
#include "codec/mime.h"
#include "codec/time.h"

enum { LINE_BYTES = 57 /* 76 characters */, ADDRESS_MAX = 254 };

#define EOL "\r\n"

bool mail_address_valid(struct str address)
{
	size_t at = str_find(address, '@');

	if (at == 0 || at + 1 >= address.n || address.n > ADDRESS_MAX ||
	    str_find(str_from(address, at + 1), '@') < address.n - at - 1)
		return false;
	for (size_t i = 0; i < address.n; i++)
		if (address.p[i] <= ' ' || address.p[i] >= 0x7f ||
		    str_find(S("()<>,;:\\\"[]"), address.p[i]) < 11)
			return false;
	return true;
}

/* "Sat, 28 Nov 2026 07:04:16 +0000" from its RFC 3339 form. */
static void put_date(struct buf *out, usec date)
{
	static const char *const DAYS[] = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};
	static const char *const MONTHS[] = {
	    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	usec day = date / (24 * 3600 * USEC_PER_SEC);
	char text[TIME_TEXT + 1];
	uint64_t month = 1;

	time_format(text, date);
	if (str_u64((struct str){text + 5, 2}, &month) != OK || month < 1 || month > 12)
		month = 1;
	buf_printf(out, "Date: %s, %.2s %s %.4s %.8s +0000" EOL,
	    DAYS[date >= 0 ? (size_t)(day % 7) : 0], text + 8, MONTHS[month - 1], text, text + 11);
}

void mail_put_head(struct buf *out, const struct mail *m)
{
	buf_printf(out, "From: <%.*s>" EOL "To: <%.*s>" EOL "Subject: %.*s" EOL, STR_ARG(m->from),
	    STR_ARG(m->to), STR_ARG(m->subject));
	put_date(out, m->date);
	buf_printf(out, "Message-ID: <%.*s>" EOL "MIME-Version: 1.0" EOL, STR_ARG(m->id));
}

static void put_lines(struct buf *out, struct str bytes)
{
	for (size_t at = 0; at < bytes.n; at += LINE_BYTES) {
		base64_put(out, str_slice(bytes, at, at + LINE_BYTES));
		buf_put(out, S(EOL));
	}
}

void mail_put_file(struct buf *out, struct str type, struct str name, struct str bytes)
{
	buf_printf(out,
	    "Content-Type: %.*s; name=\"%.*s\"" EOL "Content-Transfer-Encoding: base64" EOL
	    "Content-Disposition: attachment; filename=\"%.*s\"" EOL EOL,
	    STR_ARG(type), STR_ARG(name), STR_ARG(name));
	put_lines(out, bytes);
}

void mail_put_mixed(struct buf *out, struct str boundary, struct str first, struct str second)
{
	buf_printf(out, "Content-Type: multipart/mixed; boundary=\"%.*s\"" EOL EOL "--%.*s" EOL,
	    STR_ARG(boundary), STR_ARG(boundary));
	buf_put(out, first);
	buf_printf(out, EOL "--%.*s" EOL, STR_ARG(boundary));
	buf_put(out, second);
	buf_printf(out, EOL "--%.*s--" EOL, STR_ARG(boundary));
}

void mail_put_signed(struct buf *out, struct str boundary, struct str entity, struct str signature)
{
	buf_printf(out,
	    "Content-Type: multipart/signed; protocol=\"application/pkcs7-signature\";" EOL
	    " micalg=sha-256; boundary=\"%.*s\"" EOL EOL "--%.*s" EOL,
	    STR_ARG(boundary), STR_ARG(boundary));
	buf_put(out, entity);
	buf_printf(out, EOL "--%.*s" EOL, STR_ARG(boundary));
	mail_put_file(out, S("application/pkcs7-signature"), S("smime.p7s"), signature);
	buf_printf(out, EOL "--%.*s--" EOL, STR_ARG(boundary));
}

void mail_put_encrypted(struct buf *out, struct str enveloped)
{
	buf_put(out, S("Content-Type: application/pkcs7-mime; smime-type=authEnveloped-data;" EOL
	               " name=\"smime.p7m\"" EOL "Content-Transfer-Encoding: base64" EOL
	               "Content-Disposition: attachment; filename=\"smime.p7m\"" EOL EOL));
	put_lines(out, enveloped);
}

void mail_put_lines(struct buf *out, struct str message)
{
	while (message.p && message.n) {
		struct str line = str_cut(&message, '\n');

		if (line.n && line.p[line.n - 1] == '\r')
			line.n--;
		buf_put(out, line);
		if (message.p)
			buf_byte(out, '\n');
	}
}
