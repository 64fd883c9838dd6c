// SPDX-License-Identifier: Apache-2.0
import { useEffect, useRef, useState } from "preact/hooks";
import { ApiError } from "../api/client";
import { errorText } from "../parts/bits";
import { sessionEnded, signIn } from "../state/session";
import { text } from "../text/text";

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
    if (error instanceof ApiError && error.status === 401) return t.wrong;
    if (error instanceof ApiError && error.status === 429) return t.limited;
    return errorText(error, text.value.errors);
  };
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
