// A route as a tree: the target on top, what it is made from below, down to what can be bought.
import type { Plan, Substance } from '../types';
import { dollarsOf, several, yieldOf } from '../words';
import { Structure } from './structure';

export function RouteTree({ route }: { route: Plan['routes'][number] }) {
  return (
    <section class="route">
      <h3>
        Route {route.rank}: {several(route.steps, 'step')}
        <span>
          {yieldOf(route.yield)}, {dollarsOf(route.usd_per_kg)}
        </span>
      </h3>
      <ul class="tree">
        <Node substance={route.target} />
      </ul>
    </section>
  );
}

function Node({ substance }: { substance: Substance }) {
  const made = substance.made_by;
  return (
    <li>
      <div class={`substance ${substance.buyable ? 'buyable' : ''}`}>
        <Structure smiles={substance.smiles} query="width=150&height=100" label={`Structure of ${substance.name ?? substance.smiles}`} />
        <div>
          {substance.name ? <b>{substance.name}</b> : <code>{substance.smiles}</code>}
          <span>
            {substance.buyable ? `${substance.price_class}, ${substance.feedstock}` : 'made'} · {dollarsOf(substance.usd_per_kg)}
          </span>
        </div>
      </div>
      {made && (
        <>
          <p class="reaction">
            <b>{made.reaction}</b> {made.conditions_meaning}; {yieldOf(made.yield)}
          </p>
          <ul>
            {made.reactants.map((reactant) => (
              <Node key={reactant.smiles} substance={reactant} />
            ))}
          </ul>
        </>
      )}
    </li>
  );
}
