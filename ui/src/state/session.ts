// SPDX-License-Identifier: Apache-2.0
// Who is signed in. The credential itself is a cookie that scripts cannot read.
import { signal } from "@preact/signals";
import { ApiError, call, whenUnauthorised } from "../api/client";
import type { Session } from "../api/types.gen";

/** undefined: not known yet; null: nobody. */
export const session = signal<Session | null | undefined>(undefined);
export const sessionEnded = signal(false);
/** Why the identity provider did not sign in. */
export const signInProblem = signal<unknown>(undefined);
/** Why we could not find out who is signed in. */
export const sessionError = signal<unknown>(undefined);

const AUDITING: readonly Session["role"][] = ["analyst", "auditor", "admin"];
const SHARING: readonly Session["role"][] = ["analyst", "admin"];

/** Who may audit sees peers, and who gets what. */
export const mayAudit = () => AUDITING.includes(session.value?.role ?? "reader");
/** Who may, by role, give objects another label and take own ones back; the node decides on each. */
export const mayShare = () => SHARING.includes(session.value?.role ?? "reader");

/** Who may sign for the node. */
export const mayAdminister = () => session.value?.role === "admin";

export async function findSession(): Promise<void> {
  sessionError.value = undefined;
  try {
    session.value = await call("session.show", {});
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) session.value = null;
    else sessionError.value = error;
  }
}

/** `code`: of the account's authenticator; empty when none was asked for. */
export async function signIn(name: string, password: string, code = ""): Promise<void> {
  const given = code.replace(/\s/g, "");
  session.value = await call(
    "session.create",
    given ? { name, password, code: given } : { name, password },
  );
  sessionEnded.value = false;
  signInProblem.value = undefined;
}

/** Name of the identity provider, where there is one; asked for where people sign in. */
export async function findProvider(): Promise<string | undefined> {
  return (await call("session.ways", {})).oidc;
}

/** Leaves for the identity provider, which sends back here. */
export async function leaveForProvider(): Promise<void> {
  location.assign((await call("session.begin", {})).url);
}

/** What the identity provider sent back with: it stays in no history and in no link. */
function backFromProvider(): URLSearchParams | undefined {
  const query = new URLSearchParams(location.search);
  if (!query.has("state") || !(query.has("code") || query.has("error"))) return undefined;
  history.replaceState(null, "", location.pathname + location.hash);
  return query;
}

async function finishWithProvider(query: URLSearchParams): Promise<void> {
  const part = (name: string) => query.get(name) ?? undefined;
  try {
    session.value = await call("session.finish", {
      state: part("state") ?? "",
      code: part("code"),
      error: part("error"),
    });
  } catch (error) {
    signInProblem.value = error;
    session.value = null;
  }
}

export async function signOut(): Promise<void> {
  await call("session.delete", {});
  session.value = null;
}

export function loseSession(): void {
  if (!session.value) return;
  sessionEnded.value = true;
  session.value = null;
}

export function startSession(): void {
  whenUnauthorised(loseSession);
  const back = backFromProvider();
  void (back ? finishWithProvider(back) : findSession());
}
