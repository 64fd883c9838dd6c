// SPDX-License-Identifier: Apache-2.0
// Bars over time, with the same figures as a table for those who do not see them.
import type { ComponentChildren } from "preact";
import type { Bar } from "../state/hits";
import { text } from "../text/text";

const HEIGHT = 36;
const STEP = 6;
const TOP_MIN = 4; // one event does not fill the height

export function Bars({
  bars,
  name,
  heads,
  when,
  says,
  quiet,
}: {
  bars: readonly Bar[];
  name: string; // what they are, for the table and for screen readers
  heads: readonly [string, string];
  when: (ms: number) => string;
  says: ComponentChildren; // the sum in words
  quiet: string;
}) {
  const t = text.value;
  const top = Math.max(TOP_MIN, ...bars.map((bar) => bar.count));
  const unknown = bars.filter((bar) => !bar.known).length;
  const first = bars[0];
  const last = bars[bars.length - 1];
  if (!first || !last) return null;
  const some = bars.filter((bar) => bar.known && bar.count > 0).reverse();
  return (
    <figure class="strip">
      <svg
        viewBox={`0 0 ${bars.length * STEP} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={name}
      >
        <rect class="gap" x="0" y="0" width={unknown * STEP} height={HEIGHT} />
        <line class="base" x1="0" x2={bars.length * STEP} y1={HEIGHT - 0.5} y2={HEIGHT - 0.5} />
        {bars.map((bar, i) => {
          const height = bar.count === 0 ? 0 : Math.max(2, (bar.count / top) * (HEIGHT - 2));
          return (
            <rect
              key={bar.start}
              class="bar"
              x={i * STEP + 1}
              y={HEIGHT - height}
              width={STEP - 2}
              height={height}
            >
              <title>{`${when(bar.start)}: ${bar.count}`}</title>
            </rect>
          );
        })}
      </svg>
      <figcaption>
        <span>{when(first.start)}</span>
        <span class="grow">{says}</span>
        <details class="twin">
          <summary>{t.common.asTable}</summary>
          <div class="table">
            <table>
              <caption>{name}</caption>
              <thead>
                <tr>
                  <th scope="col">{heads[0]}</th>
                  <th scope="col" class="num">
                    {heads[1]}
                  </th>
                </tr>
              </thead>
              <tbody>
                {some.map((bar) => (
                  <tr key={bar.start}>
                    <td>{when(bar.start)}</td>
                    <td class="num">{bar.count.toLocaleString(t.locale)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
            {some.length === 0 && <p class="dim">{quiet}</p>}
          </div>
        </details>
        <span>{when(last.start)}</span>
      </figcaption>
    </figure>
  );
}
