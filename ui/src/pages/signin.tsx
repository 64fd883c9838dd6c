// SPDX-License-Identifier: Apache-2.0
import { useEffect, useRef, useState } from "preact/hooks";
import { ApiError } from "../api/client";
import { errorText } from "../parts/bits";
import {
  findProvider,
  leaveForProvider,
  sessionEnded,
  signIn,
  signInProblem,
} from "../state/session";
import { text } from "../text/text";

/** What an end of a sign-in with the provider means to people. */
function explainProvider(error: unknown): string | undefined {
  const t = text.value.signIn;
  if (!(error instanceof ApiError)) return undefined;
  switch (error.code) {
    case "oidc-over":
    case "oidc-state":
    case "oidc-used":
      return t.oidcAgain;
    case "oidc-there":
      return t.oidcThere;
    case "oidc-refused":
      return t.oidcRefused(error.message);
    case "oidc-unreachable":
      return t.oidcUnreachable(error.message);
    case "oidc-unlinked":
      return t.oidcUnlinked(error.message);
    default:
      return undefined;
  }
}

/** The other way in, above account and password. */
function WithProvider({ fail }: { fail: (error: unknown) => void }) {
  const t = text.value.signIn;
  const [name, setName] = useState<string>();
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    // Who cannot be told of it signs in with an account.
    findProvider().then(setName, () => {});
  }, []);
  const leave = async () => {
    setBusy(true);
    try {
      await leaveForProvider();
    } catch (error) {
      setBusy(false);
      fail(error);
    }
  };
  if (!name) return null;
  return (
    <>
      <button type="button" class="main" disabled={busy} onClick={() => void leave()}>
        {busy ? t.busy : t.with(name)}
      </button>
      <p class="dim small">{t.or}</p>
    </>
  );
}

export function SignIn() {
  const t = text.value.signIn;
  const name = useRef<HTMLInputElement>(null);
  const password = useRef<HTMLInputElement>(null);
  const code = useRef<HTMLInputElement>(null);
  const [asked, setAsked] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();

  const explain = (error: unknown): string => {
    if (error instanceof ApiError && error.code === "code-wrong") return t.codeWrong;
    if (error instanceof ApiError && error.code === "code-required") return t.codeRequired;
    const provider = explainProvider(error);
    if (provider) return provider;
    if (error instanceof ApiError && error.status === 401) return t.wrong;
    if (error instanceof ApiError && error.status === 429) return t.limited;
    return errorText(error, text.value.errors);
  };
  useEffect(() => {
    if (signInProblem.value !== undefined) setProblem(explain(signInProblem.value));
  }, []);
  useEffect(() => {
    if (asked) code.current?.focus();
  }, [asked]);
  const submit = async (event: Event) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setProblem(undefined);
    try {
      await signIn(
        name.current?.value.trim() ?? "",
        password.current?.value ?? "",
        code.current?.value,
      );
    } catch (error) {
      setBusy(false);
      if (error instanceof ApiError && error.code === "code-needed") {
        setAsked(true);
        return;
      }
      setProblem(explain(error));
      const field = error instanceof ApiError && error.code === "code-wrong" ? code : password;
      field.current?.select();
    }
  };
  return (
    <main class="sign-in">
      <form onSubmit={submit}>
        <h1>{t.title}</h1>
        <p class="dim">{t.lead}</p>
        {sessionEnded.value && (
          <p class="notice" role="status">
            {t.ended}
          </p>
        )}
        <WithProvider fail={(error) => setProblem(explain(error))} />
        <label>
          {t.name}
          <input
            ref={name}
            name="username"
            autocomplete="username"
            autocapitalize="none"
            spellcheck={false}
            required
          />
        </label>
        <label>
          {t.password}
          <input
            ref={password}
            name="password"
            type="password"
            autocomplete="current-password"
            required
            aria-describedby={problem ? "sign-in-problem" : undefined}
          />
        </label>
        {asked && (
          <label>
            {t.code}
            <input
              ref={code}
              name="code"
              inputMode="numeric"
              autocomplete="one-time-code"
              maxLength={7}
              required
              aria-describedby={problem ? "sign-in-problem" : undefined}
            />
          </label>
        )}
        {problem && (
          <p class="notice bad" role="alert" id="sign-in-problem">
            {problem}
          </p>
        )}
        <button type="submit" class="main" disabled={busy}>
          {busy ? t.busy : t.submit}
        </button>
        <p class="dim small">{t.help}</p>
      </form>
    </main>
  );
}
