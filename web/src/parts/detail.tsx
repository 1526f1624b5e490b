// One molecule, opened: smell atom by atom, its shape, its neighbours, how it is made, what speaks for and against its safety.
import { useEffect, useState } from 'preact/hooks';
import { get, molecule, post } from '../api';
import { colour } from '../odor';
import { smellOf, smells, wantSmell } from '../search';
import type { Assessment, Material, Molecule, Plan } from '../types';
import { hours, percent, plain, pressure, span } from '../words';
import { Dialog } from './dialog';
import { Gauges } from './gauges';
import { Loaded } from './loaded';
import { Formula, nameOf } from './molecule-card';
import { Radar, radarAxes } from './radar';
import { RouteTree } from './route-tree';
import { SafetyEvidence } from './safety-evidence';
import { Space } from './space';
import { Structure } from './structure';
import { Tabs } from './tabs';

interface Props {
  m: Molecule;
  weights: Record<string, number>;
  onClose: () => void;
  onVary: (change: { like?: string; keep?: string }) => void;
}

export function Detail({ m, weights, onClose, onVary }: Props) {
  return (
    <Dialog title={nameOf(m)} label={`Molecule: ${nameOf(m)}`} onClose={onClose} wide>
      <div class="detail-head">
        <div>
          <Formula formula={m.formula} /> <code>{m.smiles}</code>
          <Gauges m={m} />
          {m.warnings.map((warning) => (
            <p class="hint">{warning}</p>
          ))}
        </div>
        <div class="actions">
          <button type="button" onClick={() => onVary({ like: m.smiles })}>
            Ask for variations
          </button>
          <a class="button" href={`/molecules/${encodeURIComponent(m.smiles)}/visualize`} target="_blank">
            Own page
          </a>
        </div>
      </div>
      <Tabs
        label="About this molecule"
        tabs={[
          { name: 'Smell', panel: () => <Smell m={m} weights={weights} /> },
          { name: 'In space', panel: () => <Space smiles={m.smiles} /> },
          { name: 'Neighbours', panel: () => <Neighbours m={m} /> },
          { name: 'Making', panel: () => <Making m={m} /> },
          { name: 'Safety', panel: () => <Evidence m={m} /> },
          { name: 'Keep a part', panel: () => <Fragments m={m} onKeep={(keep) => onVary({ keep })} /> },
          { name: 'Figures', panel: () => <Figures m={m} /> },
        ]}
      />
    </Dialog>
  );
}

function Smell({ m, weights }: { m: Molecule; weights: Record<string, number> }) {
  const { of } = smells.use();
  const [descriptor, choose] = useState(m.odor[0]?.name ?? 'fruity');
  useEffect(() => wantSmell(m.smiles), [m.smiles]);
  const values = smellOf(m, of);
  const strongest = Object.entries(values)
    .sort(([, a], [, b]) => b - a)
    .slice(0, 12);
  return (
    <div class="smell" style={{ '--lead': colour(m.odor[0]?.name ?? '') }}>
      <div>
        <Radar
          axes={radarAxes(weights, m.odor, 8)}
          wished={Object.keys(weights).length > 0 ? weights : undefined}
          shapes={[{ label: 'predicted', values, fill: colour(m.odor[0]?.name ?? '') }]}
          label="Smell"
        />
        <p class="legend">
          {Object.keys(weights).length > 0 && <span class="legend-wish">the brief</span>}
          <span class="legend-shape">predicted</span>
        </p>
      </div>
      <ol class="bars" aria-label="Most probable descriptors">
        {strongest.map(([name, p]) => (
          <li key={name}>
            <button
              type="button"
              class="quiet"
              aria-pressed={name === descriptor}
              onClick={() => choose(name)}
              style={{ '--light': colour(name), '--share': p }}
            >
              <span>{name}</span>
              <span class="bar" />
              <span>{percent(p)}</span>
            </button>
          </li>
        ))}
      </ol>
      <figure class="attribution">
        <Structure
          smiles={m.smiles}
          query={`width=360&height=260&attribute=${encodeURIComponent(descriptor)}`}
          label={`Which atoms speak for ${descriptor}, in green, and which against it, in violet`}
        />
        <figcaption>
          Atoms that speak <span class="for">for</span> and <span class="against">against</span> <b>{descriptor}</b>, as the model
          sees it.
        </figcaption>
      </figure>
    </div>
  );
}

function Neighbours({ m }: { m: Molecule }) {
  return (
    <Loaded
      load={(signal) => post<{ materials: Material[]; compared: number }>('/v1/nearest', { smiles: m.smiles, count: 8 }, signal)}
      on={[m.smiles]}
      waiting="Comparing with known materials…"
    >
      {({ materials, compared }) => (
        <>
          {m.descends_from && (
            <p class="hint">
              Varied from the known odorant <code>{m.descends_from.smiles}</code>, which it is {percent(m.descends_from.similarity)}{' '}
              similar to.
            </p>
          )}
          <p class="hint">The nearest in predicted smell of {compared} materials that one can order.</p>
          <ul class="neighbours">
            {materials.map((material) => (
              <li key={material.smiles}>
                <Structure smiles={material.smiles} query="width=180&height=120" label={`Structure of ${material.name}`} />
                <b>{material.name}</b>
                <span>{Object.keys(material.odor).slice(0, 4).join(', ')}</span>
                <span class="tag">distance {material.distance.toFixed(2)}</span>
              </li>
            ))}
          </ul>
        </>
      )}
    </Loaded>
  );
}

function Making({ m }: { m: Molecule }) {
  return (
    <Loaded load={(signal) => get<Plan>(molecule(m.smiles, '/routes?count=3'), signal)} on={[m.smiles]} waiting="Looking for routes…">
      {(plan) => (
        <>
          {plan.note && <p class="hint">{plan.note}</p>}
          {plan.routes.map((route) => (
            <RouteTree key={route.rank} route={route} />
          ))}
          {plan.routes.length > 0 && (
            <p class="fine">
              Costs are estimates from price classes and kinds of conditions, yields typical ranges: proposals for a chemist to
              judge, not instructions.
            </p>
          )}
        </>
      )}
    </Loaded>
  );
}

function Evidence({ m }: { m: Molecule }) {
  return (
    <Loaded
      load={async (signal) => (await post<{ molecules: Assessment[] }>('/v1/assess', { smiles: [m.smiles] }, signal)).molecules[0]!}
      on={[m.smiles]}
      waiting="Gathering the evidence…"
    >
      {(assessment) => <SafetyEvidence assessment={assessment} smiles={m.smiles} />}
    </Loaded>
  );
}

function Fragments({ m, onKeep }: { m: Molecule; onKeep: (smiles: string) => void }) {
  return (
    <Loaded
      load={(signal) => get<{ fragments: { smiles: string; atoms: number[] }[] }>(molecule(m.smiles, '/fragments'), signal)}
      on={[m.smiles]}
      waiting="Taking it apart…"
    >
      {({ fragments }) =>
        fragments.length === 0 ? (
          <p class="hint">This molecule has no part that could stand alone.</p>
        ) : (
          <>
            <p class="hint">Choose what should stand; the rest is designed anew.</p>
            <ul class="fragments">
              {fragments.map((fragment) => (
                <li key={fragment.smiles}>
                  <button type="button" onClick={() => onKeep(fragment.smiles)} aria-label={`Keep ${fragment.smiles}`}>
                    <Structure smiles={m.smiles} query={`width=220&height=150&highlight=${fragment.atoms.join(',')}`} />
                    <code>{fragment.smiles}</code>
                  </button>
                </li>
              ))}
            </ul>
          </>
        )
      }
    </Loaded>
  );
}

function Figures({ m }: { m: Molecule }) {
  const between = (name: string, digits = 0) => (m.intervals[name] ? ` (${span(m.intervals[name], digits)})` : '');
  const pressures = m.intervals['vapor_pressure_pa'];
  const rows: [string, string][] = [
    ['InChIKey', m.inchikey],
    ['Molecular weight', `${plain(m.properties['molecular_weight']!, 2)} g/mol`],
    ['Boiling point', `${plain(m.boiling_point_c)} °C${between('boiling_point_c')}`],
    ['Vapour pressure, 25 °C', `${pressure(m.vapor_pressure_pa)}${pressures ? ` (${pressure(pressures[0])}–${pressure(pressures[1])})` : ''}`],
    ['On the blotter', `${hours(m.longevity_hours)}${between('longevity_hours')}`],
    ['Intensity, of 10', `${plain(m.intensity)}${between('intensity', 1)}`],
    ['Sillage, of 10', `${plain(m.sillage)}${between('sillage', 1)}`],
    ['log P', plain(m.properties['logp']!, 2)],
    ['Polar surface', `${plain(m.properties['tpsa']!)} Å²`],
    ['Odorous', percent(m.odorous)],
    ['Synthetic accessibility', `${plain(m.sa_score)} (1 easy, 10 hard)`],
    ['Score', plain(m.score, 3)],
  ];
  return (
    <table class="figures">
      <tbody>
        {rows.map(([name, value]) => (
          <tr>
            <th scope="row">{name}</th>
            <td>{value}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
