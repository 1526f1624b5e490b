// How a fragrance goes through the hours: which of its smells is how strong in the air, and what is left of each note.
import { colour, family } from '../odor';
import { hours as inHours, percent, plain } from '../words';

export interface Drydown {
  hours: number[];
  remaining: number[][]; // [time][ingredient], shares
  descriptors: string[];
  strength: number[][]; // [time][descriptor], percent of the strongest
  film_grams_per_m2: number;
  air_speed_m_s: number;
  temperature_c: number;
}

const kWidth = 640;
const kHeight = 210;
const kLeft = 8;

// Minutes matter at first, hours later: time runs by its logarithm from three minutes on.
function across(h: number, last: number): number {
  const scale = (t: number) => Math.log1p(t / 0.05);
  return kLeft + ((kWidth - 2 * kLeft) * scale(h)) / scale(last);
}

export function Evaporation({ drydown, notes }: { drydown: Drydown; notes: string[] }) {
  const { hours, strength, descriptors, remaining } = drydown;
  const last = hours[hours.length - 1] ?? 1;
  const top = Math.max(...strength.flat(), 1e-9);
  // Stream of what is smelled: the descriptors stacked, all of them together as high as they are strong.
  const sums = strength.map((row) => row.reduce((a, b) => a + b, 0));
  const most = Math.max(...sums, top);
  const band = (d: number): string => {
    const edge = (upper: boolean) =>
      hours.map((h, t) => {
        const below = strength[t]!.slice(0, upper ? d + 1 : d).reduce((a, b) => a + b, 0);
        return `${across(h, last).toFixed(1)},${(kHeight - (kHeight * below) / most).toFixed(1)}`;
      });
    return [...edge(true), ...edge(false).reverse()].join(' ');
  };
  const ticks = [0, 0.25, 1, 2, 4, 8, 16, 24, 48, 96, 192].filter((h) => h <= last);
  // Smells of one family share a hue, so each further one is lighter.
  const shades = descriptors.map((name, d) => {
    const earlier = descriptors.slice(0, d).filter((other) => family(other) === family(name)).length;
    return `color-mix(in oklab, ${colour(name)} ${Math.max(30, 100 - 30 * earlier)}%, var(--sheet))`;
  });
  const strongestAt = (h: number): string => {
    const t = hours.findIndex((x) => x >= h);
    const row = strength[t < 0 ? hours.length - 1 : t]!;
    return descriptors[row.indexOf(Math.max(...row))]!;
  };
  const left = (note: string, t: number): number => {
    const of = notes.map((n, i) => [n, remaining[t]![i]!] as const).filter(([n]) => n === note);
    return of.reduce((sum, [, share]) => sum + share, 0) / Math.max(1, of.length);
  };
  return (
    <figure class="evaporation">
      <svg
        viewBox={`0 0 ${kWidth} ${kHeight + 26}`}
        role="img"
        aria-label={`What is smelled over ${inHours(last)}: ${ticks.map((h) => `at ${inHours(h)} mostly ${strongestAt(h)}`).join(', ')}`}
      >
        {descriptors.map((name, d) => (
          <polygon key={name} points={band(d)} class="evaporation-band" style={{ fill: shades[d] }} />
        ))}
        <line class="axis" x1={kLeft} x2={kWidth - kLeft} y1={kHeight} y2={kHeight} />
        {ticks.map((h) => (
          <g>
            <line class="axis" x1={across(h, last)} x2={across(h, last)} y1={kHeight} y2={kHeight + 5} />
            <text x={across(h, last)} y={kHeight + 20} text-anchor={h === 0 ? 'start' : 'middle'}>
              {h === 0 ? 'now' : inHours(h)}
            </text>
          </g>
        ))}
      </svg>
      <ul class="legend">
        {descriptors.map((name, d) => (
          <li style={{ '--light': shades[d] }}>{name}</li>
        ))}
      </ul>
      <div class="notes-left">
        {(['top', 'heart', 'base'] as const)
          .filter((note) => notes.includes(note))
          .map((note) => (
            <div>
              <b>{note}</b>
              <svg viewBox="0 0 200 40" role="img" aria-label={`${note} note: ${percent(left(note, hours.length - 1))} left at the end`}>
                <polyline
                  class="left-line"
                  points={hours.map((h, t) => `${((across(h, last) * 200) / kWidth).toFixed(1)},${(38 - 36 * left(note, t)).toFixed(1)}`).join(' ')}
                />
              </svg>
              <span>
                half gone after {inHours(hours[hours.findIndex((_, t) => left(note, t) <= 0.5)] ?? last)}
                {left(note, hours.length - 1) > 0.5 ? ' or more' : ''}
              </span>
            </div>
          ))}
      </div>
      <figcaption class="fine">
        A film of {plain(drydown.film_grams_per_m2)} g/m² at {drydown.temperature_c} °C in slow air; computed from estimated vapour
        pressures.
      </figcaption>
    </figure>
  );
}
