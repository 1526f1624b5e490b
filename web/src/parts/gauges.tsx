// Volatility, safety and makeability at a glance.
import type { Molecule } from '../types';
import { dollars, hours, makeWord, percent, pressure, safetyWord } from '../words';

const kLeast = -3; // log10 Pa at 25 °C: what clings, and what is gone at once
const kMost = 3;

const along = (pa: number): number => Math.min(1, Math.max(0, (kMost - Math.log10(pa)) / (kMost - kLeast)));

export function Volatility({ m }: { m: Molecule }) {
  const at = along(m.vapor_pressure_pa);
  const band = m.intervals['vapor_pressure_pa'];
  const [from, to] = band ? [along(band[1]), along(band[0])] : [at, at];
  return (
    <div class="gauge">
      <dt>Volatility</dt>
      <dd>
        <svg viewBox="0 0 120 16" preserveAspectRatio="xMinYMid" role="img" aria-label={`${m.note} note, ${pressure(m.vapor_pressure_pa)} at 25 degrees`}>
          <line class="gauge-track" x1="2" x2="118" y1="8" y2="8" />
          <rect class="gauge-band" x={2 + 116 * from} width={Math.max(2, 116 * (to - from))} y="5.5" height="5" rx="2.5" />
          <circle class="gauge-dot" cx={2 + 116 * at} cy="8" r="4.5" />
        </svg>
        <span>
          <b>{m.note}</b> · lasts {hours(m.longevity_hours)}
        </span>
      </dd>
    </div>
  );
}

export function Safety({ m }: { m: Molecule }) {
  const { word, tone } = safetyWord(m);
  const first = m.safety.findings[0];
  return (
    <div class="gauge">
      <dt>Safety</dt>
      <dd>
        <span class={`tone ${tone}`}>{word}</span>
        <span>{m.safety.score === null ? (first?.name ?? '') : percent(m.safety.score)}</span>
      </dd>
    </div>
  );
}

export function Making({ m }: { m: Molecule }) {
  const { word, tone } = makeWord(m);
  const cost = m.makeability.usd_per_kg;
  return (
    <div class="gauge">
      <dt>Making</dt>
      <dd>
        <span class={`tone ${tone}`}>{word}</span>
        <span>{cost ? dollars(...cost) : `ease ${percent(m.synthesizability)}`}</span>
      </dd>
    </div>
  );
}

export function Gauges({ m }: { m: Molecule }) {
  return (
    <dl class="gauges">
      <Volatility m={m} />
      <Safety m={m} />
      <Making m={m} />
    </dl>
  );
}
