// SPDX-License-Identifier: Apache-2.0
// How an indicator ages: its score over time, the threshold below which it is not matched, the scores
// of interest and now, over the same time as its life line. The same figures stand in a table below.
import type { Life as Decay } from "../api/types.gen";
import { stamp } from "../state/time";
import { text } from "../text/text";

const WIDTH = 600;
const HEIGHT = 120;
const TOP = 8;
const BOTTOM = 112;
const STEPS = 64;
const DAY = 86_400_000;

/** The score at a moment, as the node computes it. */
export function scoreAt(d: Decay, ms: number): number {
  const age = (ms - Date.parse(d.begins)) / (d.days * DAY);
  return age <= 0 ? d.start : age >= 1 ? 0 : d.start * (1 - age ** (1 / d.speed));
}

/** The curve as points: in even steps of the score, so that it is exact where it is steep. */
export function curveOf(d: Decay): [ms: number, score: number][] {
  const begins = Date.parse(d.begins);
  return Array.from({ length: STEPS + 1 }, (_, i) => {
    const fallen = i / STEPS;
    return [begins + d.days * DAY * fallen ** d.speed, d.start * (1 - fallen)];
  });
}

/** When something of it happens: what a picture of it must reach. */
export function momentsOf(d: Decay): number[] {
  return [d.begins, d.ends, ...d.points.map((p) => p.at)]
    .filter((t) => t !== undefined)
    .map(Date.parse);
}

export function DecayCurve({ d, now, frame }: { d: Decay; now: number; frame: [number, number] }) {
  const t = text.value.decay;
  const [begin, end] = frame;
  const x = (ms: number) => ((ms - begin) / (end - begin)) * WIDTH;
  const y = (score: number) => BOTTOM - (score / 100) * (BOTTOM - TOP);
  const at = x(now);
  const curve = curveOf(d);
  const line = curve.map(([ms, score]) => `${x(ms).toFixed(1)},${y(score).toFixed(1)}`).join(" ");
  const words = t.curve(d.score, d.start, d.threshold);
  return (
    <svg class="decay" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={words}>
      <title>{words}</title>
      <rect class="below" x="0" y={y(d.threshold)} width={WIDTH} height={BOTTOM - y(d.threshold)} />
      <line class="base" x1="0" x2={WIDTH} y1={BOTTOM} y2={BOTTOM} />
      {d.points.map((p) => (
        <g key={p.score} class={p.passed ? "point passed" : "point"}>
          <line x1="0" x2={WIDTH} y1={y(p.score)} y2={y(p.score)} />
          {p.at && <circle cx={x(Date.parse(p.at))} cy={y(p.score)} r="3" />}
          {p.score !== d.threshold && (
            <text x={WIDTH - 4} y={y(p.score) - 2} text-anchor="end">
              {p.score}
            </text>
          )}
        </g>
      ))}
      <line class="threshold" x1="0" x2={WIDTH} y1={y(d.threshold)} y2={y(d.threshold)} />
      <text class="threshold" x="4" y={y(d.threshold) + 10}>
        {t.threshold(d.threshold)}
      </text>
      <polyline class="curve" points={line} />
      <line class="now" x1={at} x2={at} y1="0" y2={HEIGHT} />
      <circle class="here" cx={at} cy={y(scoreAt(d, now))} r="4" />
    </svg>
  );
}

/** A moment of the curve with the score that it has then, for the table. */
export interface Step {
  key: string;
  what: string;
  score: number;
  at: string | undefined; // undefined: it was so from the beginning
  past: boolean;
}

export function stepsOf(d: Decay, now: number): Step[] {
  const t = text.value.decay;
  const points = d.points.map((p) => ({
    key: `${p.score}`,
    what: t.point,
    score: p.score,
    at: p.at,
    past: p.passed,
  }));
  const ends = {
    key: "ends",
    what: t.ends,
    score: d.threshold,
    at: d.ends,
    past: d.ends === undefined || Date.parse(d.ends) <= now,
  };
  // At one score the point comes first: the threshold is the last word.
  return [...points, ends].toSorted((a, b) => b.score - a.score);
}

export function Steps({ d, now }: { d: Decay; now: number }) {
  const t = text.value.decay;
  const steps = stepsOf(d, now);
  const next = steps.find((s) => !s.past);
  return (
    <div class="table">
      <table>
        <caption>{t.steps}</caption>
        <thead>
          <tr>
            <th scope="col">{t.what}</th>
            <th scope="col" class="num">
              {t.score}
            </th>
            <th scope="col">{t.when}</th>
          </tr>
        </thead>
        <tbody>
          {steps.map((s) => (
            <tr key={s.key} class={s.past ? "dim" : undefined}>
              <td>
                {s.what}
                {s === next && <strong> ({t.next})</strong>}
                {s.past && ` (${t.passed})`}
              </td>
              <td class="num">{s.score}</td>
              <td>
                {s.at ? (
                  <time dateTime={s.at}>{stamp(Date.parse(s.at), now)}</time>
                ) : (
                  t.fromTheBeginning
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
