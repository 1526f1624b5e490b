// Molecules side by side.
import { useState } from 'preact/hooks';
import { saveCsv } from '../exports';
import { choose, search, shelf, smellOf, smells } from '../search';
import type { Molecule } from '../types';
import { dollars, hours, makeWord, percent, plain, pressure, safetyWord } from '../words';
import { Dialog } from './dialog';
import { nameOf } from './molecule-card';
import { Radar, radarAxes } from './radar';
import { Structure } from './structure';

const kShades = ['var(--shade-1)', 'var(--shade-2)', 'var(--shade-3)', 'var(--shade-4)'];

const kRows: [string, (m: Molecule) => string][] = [
  ['Agrees with the brief', (m) => (m.match > 0 ? percent(m.match) : '–')],
  ['Note', (m) => m.note],
  ['On the blotter', (m) => hours(m.longevity_hours)],
  ['Vapour pressure', (m) => pressure(m.vapor_pressure_pa)],
  ['Intensity, of 10', (m) => plain(m.intensity)],
  ['Sillage, of 10', (m) => plain(m.sillage)],
  ['Safety', (m) => `${safetyWord(m).word}${m.safety.score === null ? '' : `, ${percent(m.safety.score)}`}`],
  ['Making', (m) => makeWord(m).word],
  ['Cost', (m) => (m.makeability.usd_per_kg ? dollars(...m.makeability.usd_per_kg) : '–')],
  ['Novelty', (m) => percent(m.novelty)],
  ['Molecular weight', (m) => `${plain(m.properties['molecular_weight']!)} g/mol`],
  ['log P', (m) => plain(m.properties['logp']!, 2)],
];

export function CompareShelf() {
  const { chosen } = shelf.use();
  const [open, setOpen] = useState(false);
  if (chosen.length === 0) return null;
  return (
    <>
      <aside class="shelf" aria-label="To compare">
        <ul>
          {chosen.map((m) => (
            <li key={m.smiles}>
              <Structure smiles={m.smiles} query="width=120&height=80" />
              <button type="button" class="quiet" aria-label={`Take ${nameOf(m)} away`} onClick={() => choose(m, false)}>
                ✕
              </button>
            </li>
          ))}
        </ul>
        <button type="button" class="main" disabled={chosen.length < 2} onClick={() => setOpen(true)}>
          Compare {chosen.length}
        </button>
      </aside>
      {open && <Comparison chosen={chosen} onClose={() => setOpen(false)} />}
    </>
  );
}

function Comparison({ chosen, onClose }: { chosen: Molecule[]; onClose: () => void }) {
  const { read } = search.use();
  const { of } = smells.use();
  const axes = radarAxes(read?.weights ?? {}, chosen.flatMap((m) => m.odor.slice(0, 3)), 8);
  return (
    <Dialog title={`${chosen.length} molecules side by side`} label="Comparison" onClose={onClose} wide>
      <div class="comparison">
        <Radar
          axes={axes}
          wished={read?.weights}
          shapes={chosen.map((m, i) => ({ label: nameOf(m), values: smellOf(m, of), fill: kShades[i]! }))}
          label="Smells compared"
        />
        <div class="scroll" tabIndex={0} role="region" aria-label="Figures side by side">
          <table>
            <thead>
              <tr>
                <td />
                {chosen.map((m, i) => (
                  <th scope="col" key={m.smiles} style={{ '--light': kShades[i]! }}>
                    <Structure smiles={m.smiles} query="width=180&height=120" />
                    {nameOf(m)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {kRows.map(([name, value]) => (
                <tr>
                  <th scope="row">{name}</th>
                  {chosen.map((m) => (
                    <td key={m.smiles}>{value(m)}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
        <div class="actions">
          <button type="button" onClick={() => saveCsv(chosen, 'comparison.csv')}>
            CSV
          </button>
          <button type="button" onClick={() => print()}>
            Print or PDF
          </button>
        </div>
      </div>
    </Dialog>
  );
}
