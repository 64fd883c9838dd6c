/* SPDX-License-Identifier: Apache-2.0 */
/* The core's commands that administer a node: each part is some state and a table of commands
 * (sys/command.h) that append to the ledger; serve/ registers them. */
#pragma once

#include "sys/command.h"

/* taxii.status, taxii.delete, taxii.restore */
extern const struct command_part ADMIN_TAXII;
/* account.add, account.password, account.certificate, account.remove, account.forget, oidc.add,
 * oidc.remove, totp.add, totp.remove */
extern const struct command_part ADMIN_ACCOUNTS;
/* token.add, token.revoke */
extern const struct command_part ADMIN_TOKENS;
/* withdraw, object.withdraw */
extern const struct command_part ADMIN_WITHDRAW;
/* release, quarantine, indicator.release, indicator.quarantine */
extern const struct command_part ADMIN_GUARD;
/* "guard/ID" of what would hit too much of what was seen of late; no commands. */
extern const struct command_part ADMIN_IMPACT;
/* hunt.save, hunt.mark, hunt.remove */
extern const struct command_part ADMIN_HUNTS;
/* pack.decide: for the operator alone */
extern const struct command_part ADMIN_PACKS;
/* purge, purge.each, object.purge */
extern const struct command_part ADMIN_PURGE;
/* retention.apply; and by itself once a day */
extern const struct command_part ADMIN_RETENTION;
/* community.add, community.remove, community.join, community.leave */
extern const struct command_part ADMIN_COMMUNITIES;
/* member.certificate, member.write, member.sign: for the operator alone */
extern const struct command_part ADMIN_MEMBERS;
/* agreement.propose, agreement.sign, agreement.decline, agreement.leave */
extern const struct command_part ADMIN_AGREEMENTS;
/* need.add, need.close, need.offer, need.decline */
extern const struct command_part ADMIN_NEEDS;
/* read.note: from the front alone */
extern const struct command_part ADMIN_READS;
/* No command: what guests get in place of objects that terms leave members out of */
extern const struct command_part ADMIN_DERIVE;
/* request.approve, request.refuse */
extern const struct command_part ADMIN_REQUESTS;
/* collection.add, root.add */
extern const struct command_part ADMIN_COLLECTIONS;
/* peer.invite, peer.may, peer.met, peer.statement, peer.add, peer.confirm, peer.cut, peer.ceiling;
 * from the link: peer.join */
extern const struct command_part ADMIN_PEERS;
/* key.rotate, key.link, key.compromised, peer.compromised, peer.keys.file; from the link:
 * peer.keys */
extern const struct command_part ADMIN_KEYS;
