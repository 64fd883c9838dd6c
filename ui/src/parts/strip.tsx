// SPDX-License-Identifier: Apache-2.0
// A strip of bars, one a minute, with the same figures as a table.
import type { Minute } from "../state/sightings";
import { clockOf } from "../state/time";
import { text } from "../text/text";

const HEIGHT = 36;
const STEP = 6;

function minute(ms: number): string {
  return `${clockOf(ms).slice(0, 5)}Z`;
}

export function Strip({ minutes }: { minutes: readonly Minute[] }) {
  const t = text.value.sightings;
  const top = Math.max(4, ...minutes.map((m) => m.count));
  const total = minutes.reduce((sum, m) => sum + m.count, 0);
  const unknown = minutes.filter((m) => !m.known).length;
  const first = minutes[0];
  const last = minutes[minutes.length - 1];
  if (!first || !last) return null;
  return (
    <figure class="strip">
      <svg
        viewBox={`0 0 ${minutes.length * STEP} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${t.rate}: ${t.rateShort(total)}`}
      >
        <rect class="gap" x="0" y="0" width={unknown * STEP} height={HEIGHT} />
        <line class="base" x1="0" x2={minutes.length * STEP} y1={HEIGHT - 0.5} y2={HEIGHT - 0.5} />
        {minutes.map((m, i) => {
          const height = m.count === 0 ? 0 : Math.max(2, (m.count / top) * (HEIGHT - 2));
          return (
            <rect
              key={m.start}
              class="bar"
              x={i * STEP + 1}
              y={HEIGHT - height}
              width={STEP - 2}
              height={height}
            >
              <title>{`${minute(m.start)}: ${m.count}`}</title>
            </rect>
          );
        })}
      </svg>
      <figcaption>
        <span>{minute(first.start)}</span>
        <span class="grow">
          {t.rateShort(total)}
          {unknown > 0 && `; ${t.rateGap}`}
        </span>
        <details class="twin">
          <summary>{t.rateTable}</summary>
          <div class="table">
            <table>
              <caption>{t.rate}</caption>
              <thead>
                <tr>
                  <th scope="col">{t.rateMinute}</th>
                  <th scope="col" class="num">
                    {t.rateCount}
                  </th>
                </tr>
              </thead>
              <tbody>
                {minutes
                  .filter((m) => m.known && m.count > 0)
                  .reverse()
                  .map((m) => (
                    <tr key={m.start}>
                      <td>{minute(m.start)}</td>
                      <td class="num">{m.count}</td>
                    </tr>
                  ))}
              </tbody>
            </table>
            {total === 0 && <p class="dim">{t.rateQuiet}</p>}
          </div>
        </details>
        <span>{minute(last.start)}</span>
      </figcaption>
    </figure>
  );
}
