// SPDX-License-Identifier: Apache-2.0
// The ledger proof of one object version, and its check in this browser, step by step.
import { useState } from "preact/hooks";
import { ApiError, call } from "../api/client";
import { type PathStep, type Step, type Verdict, verify } from "../api/proof";
import type { Proof } from "../api/types.gen";
import { useLoad } from "../state/data";
import { text } from "../text/text";
import { Copy, Failed, Figure, Loading, Mono } from "./bits";

interface Props {
  id: string;
  version: string | undefined;
  given: Proof | undefined;
  content: string;
}

function Path({ steps }: { steps: readonly PathStep[] }) {
  const t = text.value.object;
  return (
    <details>
      <summary>{t.path(steps.length)}</summary>
      <ol class="path">
        {steps.map((s) => (
          <li key={s.result}>
            <span class="dim">{s.side === "left" ? t.left : t.right}</span> <Mono>{s.sibling}</Mono>
            <br />
            <span class="dim">→</span> <Mono>{s.result}</Mono>
          </li>
        ))}
      </ol>
    </details>
  );
}

function why(step: Step): string {
  const t = text.value.object;
  return step.outcome === "unchecked" ? t.uncheckedSignature : "";
}

function StepRow({ step }: { step: Step }) {
  const t = text.value.object;
  return (
    <li class={step.outcome}>
      <span class={`outcome ${step.outcome}`}>{t.outcomes[step.outcome]}</span>
      <div>
        {t.steps[step.name]}
        {why(step) && <div class="dim">{why(step)}</div>}
        {step.got && (
          <div class="dim">
            {step.outcome === "bad" && `${t.stepGot} `}
            <Mono>{step.got}</Mono>
          </div>
        )}
        {step.outcome === "bad" && (
          <div class="dim">
            {t.stepWant} <Mono>{step.want}</Mono>
          </div>
        )}
        {step.path && step.path.length > 0 && <Path steps={step.path} />}
      </div>
    </li>
  );
}

function Check({ proof, content }: { proof: Proof; content: string }) {
  const t = text.value.object;
  const [verdict, setVerdict] = useState<Verdict>();
  const [error, setError] = useState<string>();
  const [busy, setBusy] = useState(false);
  const run = async () => {
    setBusy(true);
    setError(undefined);
    try {
      setVerdict(await verify(proof, content));
    } catch (cause) {
      setVerdict(undefined);
      setError(cause instanceof Error ? cause.message : String(cause));
    }
    setBusy(false);
  };
  return (
    <>
      <button type="button" class="main" onClick={run} disabled={busy}>
        {busy ? t.verifying : t.verify}
      </button>
      <div role="status">
        {error && (
          <p class="notice bad">
            {t.verdicts.bad} ({error})
          </p>
        )}
        {verdict && (
          <>
            <p class={`notice verdict ${verdict.outcome}`}>{t.verdicts[verdict.outcome]}</p>
            <ol class="steps">
              {verdict.steps.map((step) => (
                <StepRow key={step.name} step={step} />
              ))}
            </ol>
            {verdict.keyId && <p class="dim">{t.trust(verdict.keyId)}</p>}
          </>
        )}
      </div>
    </>
  );
}

export function ProofPanel({ id, version, given, content }: Props) {
  const t = text.value.object;
  const [asked, setAsked] = useState(false);
  const load = useLoad(asked && !given ? `${id} ${version}` : null, (signal) =>
    call("object.prove", { id, version }, signal),
  );
  const proof = given ?? load.data;
  const refused = load.error instanceof ApiError && [403, 404, 409].includes(load.error.status);
  return (
    <section aria-labelledby="proof">
      <h2 id="proof">{t.proof}</h2>
      <p class="dim">{t.proofHelp}</p>
      {!proof && !asked && (
        <button type="button" onClick={() => setAsked(true)}>
          {t.proofLoad}
        </button>
      )}
      {load.loading && <Loading />}
      {refused && <p>{t.proofNone}</p>}
      {load.error !== undefined && !refused && <Failed error={load.error} retry={load.reload} />}
      {proof && (
        <>
          <dl class="figures">
            <Figure label={t.seq}>
              {proof.seq.toLocaleString(text.value.locale)}
              <span class="dim"> / {proof.size.toLocaleString(text.value.locale)}</span>
            </Figure>
            <Figure label={t.leaf}>
              <Mono>{proof.leaf}</Mono>
            </Figure>
            <Figure label={t.root}>
              <Mono>{proof.root}</Mono>
            </Figure>
            <Figure label={t.key}>
              <Mono>{proof.public_key}</Mono> <Copy value={proof.public_key} />
            </Figure>
          </dl>
          <details>
            <summary>{t.checkpoint}</summary>
            <pre>{proof.checkpoint}</pre>
          </details>
          <Check proof={proof} content={content} />
        </>
      )}
    </section>
  );
}
