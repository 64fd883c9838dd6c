// SPDX-License-Identifier: Apache-2.0
// The life of an indicator on one line: since when it counts, now, and when it ends. What it shows
// stands below it in words.
import { text } from "../text/text";

const WIDTH = 600;
const HEIGHT = 30;
const MID = 16;
const DAY = 86_400_000;

export interface Life {
  from: number;
  until: number | undefined; // undefined: no end is set
  now: number;
  over?: number | undefined; // when it ended before that: too low a score, or taken back
  marks?: readonly number[]; // what else the picture must reach
  hits: readonly number[]; // when it met something
  matched: boolean; // false: it would count by its time, and does not
}

/** The time that the picture covers: all of its life, and a little more than now. */
export function frameOf({ from, until, over, marks = [], now, hits }: Life): [number, number] {
  const begin = Math.min(from, now, ...marks, ...hits);
  const end = Math.max(until ?? 0, over ?? 0, now, from, ...marks);
  const margin = Math.max(DAY / 24, (end - begin) * 0.06);
  return [begin - margin / 4, end + margin];
}

export function LifeLine({ life }: { life: Life }) {
  const t = text.value.indicator;
  const [begin, end] = frameOf(life);
  const x = (ms: number) => ((ms - begin) / (end - begin)) * WIDTH;
  const from = x(life.from);
  const until = life.until === undefined ? WIDTH : x(life.until);
  const over = life.over === undefined ? until : Math.min(until, Math.max(from, x(life.over)));
  const now = x(life.now);
  const past = Math.max(0, Math.min(now, over) - from);
  const ahead = Math.max(0, over - Math.max(now, from));
  return (
    <figure class={life.matched ? "lifeline" : "lifeline off"}>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={t.life}
      >
        <line class="base" x1="0" x2={WIDTH} y1={MID} y2={MID} />
        <rect class="past" x={from} y={MID - 4} width={past} height="8" />
        <rect class="ahead" x={Math.max(now, from)} y={MID - 4} width={ahead} height="8" />
        {life.hits.map((ms) => (
          <line key={ms} class="hit" x1={x(ms)} x2={x(ms)} y1={MID - 12} y2={MID - 5} />
        ))}
        <line class="edge" x1={from} x2={from} y1={MID - 9} y2={MID + 9} />
        {life.until !== undefined && (
          <line class="edge" x1={until} x2={until} y1={MID - 9} y2={MID + 9} />
        )}
        {life.over !== undefined && (
          <line class="over" x1={over} x2={over} y1={MID - 9} y2={MID + 9} />
        )}
        <line class="now" x1={now} x2={now} y1="0" y2={HEIGHT} />
      </svg>
    </figure>
  );
}
