// One molecule of an answer, with all that one wants to see before opening it.
import { useEffect } from 'preact/hooks';
import { colour } from '../odor';
import { choose, shelf, smellOf, smells, wantSmell } from '../search';
import type { Molecule } from '../types';
import { formulaParts, percent } from '../words';
import { Gauges } from './gauges';
import { Radar, radarAxes } from './radar';
import { Structure } from './structure';

export function Formula({ formula }: { formula: string }) {
  return <span class="formula">{formulaParts(formula).map(({ text, below }) => (below ? <sub>{text}</sub> : text))}</span>;
}

export const nameOf = (m: Molecule): string =>
  m.odor
    .slice(0, 3)
    .map(({ name }) => name)
    .join(', ');

export function MoleculeCard(props: { m: Molecule; weights: Record<string, number>; onOpen: () => void; onVary?: () => void }) {
  const { m, weights } = props;
  const { of } = smells.use();
  const { chosen } = shelf.use();
  useEffect(() => wantSmell(m.smiles), [m.smiles]);
  const axes = radarAxes(weights, m.odor);
  const lead = colour(m.odor[0]?.name ?? '');
  const isChosen = chosen.some((c) => c.smiles === m.smiles);
  const name = nameOf(m);
  return (
    <article class="card" style={{ '--lead': lead }} aria-label={`Molecule ${m.rank ?? ''}: ${name}`}>
      <header>
        {m.rank && <span class="rank">{m.rank}</span>}
        <h3>
          <button type="button" class="card-open" onClick={props.onOpen}>
            {name}
          </button>
        </h3>
        <span class="match" title="How well the predicted smell agrees with the brief">
          {m.match > 0 ? percent(m.match) : ''}
        </span>
      </header>
      <div class="card-pictures">
        <Structure smiles={m.smiles} query="width=208&height=152" />
        <Radar
          axes={axes}
          wished={Object.keys(weights).length > 0 ? weights : undefined}
          shapes={[{ label: 'predicted', values: smellOf(m, of), fill: lead }]}
          label="Smell"
        />
      </div>
      <Gauges m={m} />
      <footer>
        <Formula formula={m.formula} />
        <span class="tag">{m.known ? 'known' : `novelty ${percent(m.novelty)}`}</span>
        <span class="grow" />
        {props.onVary && (
          <button type="button" class="quiet" onClick={props.onVary}>
            Vary<span class="visually-hidden"> {name}</span>
          </button>
        )}
        <label class="check">
          <input type="checkbox" checked={isChosen} onChange={(event) => choose(m, event.currentTarget.checked)} />
          Compare<span class="visually-hidden"> {name}</span>
        </label>
      </footer>
    </article>
  );
}
