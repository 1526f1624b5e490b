// A fragrance of top, heart and base, and how it goes through the hours.
import { useState } from 'preact/hooks';
import { inWords, post, Problem } from '../api';
import { csv, save } from '../exports';
import { BriefField, useUnderstanding } from '../parts/brief-field';
import { Detail } from '../parts/detail';
import { Evaporation, type Drydown } from '../parts/evaporation';
import { nameOf } from '../parts/molecule-card';
import { Structure } from '../parts/structure';
import { wish } from '../search';
import { Store } from '../store';
import type { Molecule } from '../types';
import { plain } from '../words';

interface Ingredient {
  note: 'top' | 'heart' | 'base';
  parts_per_thousand: number;
  limit_parts_per_thousand: number | null;
  limited_by: string;
  molecule: Molecule;
}

interface Design {
  product: { name: string; ifra_category: string; dosage_percent: number };
  formula: Ingredient[];
  evaporation: Drydown;
  remarks: string[];
}

const kProducts: [string, string][] = [
  ['fine-fragrance', 'Fine fragrance'],
  ['eau-de-toilette', 'Eau de toilette'],
  ['body-lotion', 'Body lotion'],
  ['face-cream', 'Face cream'],
  ['hand-cream', 'Hand cream'],
  ['deodorant', 'Deodorant'],
  ['hair-leave-on', 'Hair product'],
  ['soap', 'Soap, shampoo or shower gel'],
  ['household-cleaner', 'Household cleaner'],
  ['air-spray', 'Air spray'],
  ['candle', 'Candle or diffuser'],
];
const kNotes = ['top', 'heart', 'base'] as const;
const kHints = { top: 'bergamot, pink pepper', heart: 'dewy rose, a little tea', base: 'creamy sandalwood, musk' };

const plan = new Store<{
  top: string;
  heart: string;
  base: string;
  style: string;
  category: string;
  state: 'idle' | 'running' | 'done' | 'failed';
  design?: Design;
  problem?: string;
  fieldProblems: Record<string, string>;
}>({ top: '', heart: '', base: '', style: '', category: 'fine-fragrance', state: 'idle', fieldProblems: {} });

async function compose(): Promise<void> {
  const { top, heart, base, style, category } = plan.value;
  plan.set({ state: 'running', problem: undefined, fieldProblems: {} });
  try {
    plan.set({ state: 'done', design: await post<Design>('/v1/design', { top, heart, base, style, category }) });
  } catch (error) {
    const fieldProblems: Record<string, string> = {};
    if (error instanceof Problem) for (const { pointer, detail } of error.errors) fieldProblems[pointer.slice(1)] = detail;
    plan.set({ state: 'failed', problem: inWords(error), fieldProblems });
  }
}

function NoteField({ note }: { note: (typeof kNotes)[number] }) {
  const state = plan.use();
  const reading = useUnderstanding(state[note]);
  return (
    <BriefField
      id={`note-${note}`}
      label={`${note.charAt(0).toUpperCase()}${note.slice(1)}`}
      value={state[note]}
      onInput={(text) => plan.set({ [note]: text })}
      onSubmit={() => void compose()}
      placeholder={kHints[note]}
      read={reading.read}
      problem={state.fieldProblems[note] && `This note ${state.fieldProblems[note]}.`}
      small
    />
  );
}

export function DesignView() {
  const state = plan.use();
  const [open, setOpen] = useState<Molecule>();
  const { design } = state;
  return (
    <div class="design">
      <form
        class="brief-side"
        onSubmit={(event) => {
          event.preventDefault();
          void compose();
        }}
      >
        <h1>A fragrance in three notes</h1>
        {kNotes.map((note) => (
          <NoteField key={note} note={note} />
        ))}
        <label class="option">
          <span>Style</span>
          <input type="text" maxLength={500} value={state.style} placeholder="airy, modern" onInput={(e) => plan.set({ style: e.currentTarget.value })} />
        </label>
        <label class="option">
          <span>Goes into</span>
          <select value={state.category} onChange={(e) => plan.set({ category: e.currentTarget.value })}>
            {kProducts.map(([key, name]) => (
              <option value={key}>{name}</option>
            ))}
          </select>
        </label>
        <div class="actions">
          <button type="submit" class="main" disabled={state.state === 'running'}>
            Design it
          </button>
        </div>
        {state.problem && (
          <p class="problem" role="alert">
            {state.problem}
          </p>
        )}
      </form>
      <section class="results" aria-label="The fragrance" aria-busy={state.state === 'running'}>
        <p class="visually-hidden" role="status">
          {state.state === 'done' ? 'The fragrance is ready' : ''}
        </p>
        {state.state === 'running' && (
          <p class="waiting" role="status">
            Looking for molecules for each note, and watching them evaporate…
          </p>
        )}
        {!design && state.state === 'idle' && (
          <div class="empty">
            <p>Say how it opens, what it turns into and what stays on the skin. You get a formula, and how its smell changes over hours.</p>
          </div>
        )}
        {design && (
          <>
            <header class="results-head">
              <h2>
                {design.product.name}, {plain(design.product.dosage_percent)} % of concentrate
              </h2>
              <div class="exports" role="group" aria-label="Export">
                <button type="button" class="quiet" onClick={() => saveFormula(design)}>
                  CSV
                </button>
                <button type="button" class="quiet" onClick={() => print()}>
                  Print or PDF
                </button>
              </div>
            </header>
            <Evaporation drydown={design.evaporation} notes={design.formula.map((i) => i.note)} />
            <Formula design={design} onOpen={setOpen} />
            {design.remarks.map((remark) => (
              <p class="hint">{remark}</p>
            ))}
          </>
        )}
      </section>
      {open && (
        <Detail
          m={open}
          weights={{}}
          onClose={() => setOpen(undefined)}
          onVary={(change) => {
            setOpen(undefined);
            wish({ like: undefined, keep: undefined, ...change });
            location.hash = '#/';
          }}
        />
      )}
    </div>
  );
}

function Formula({ design, onOpen }: { design: Design; onOpen: (m: Molecule) => void }) {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Formula">
      <table class="formula-table">
        <thead>
          <tr>
            <th scope="col">Note</th>
            <th scope="col">Molecule</th>
            <th scope="col">Smells of</th>
            <th scope="col" class="number">
              Parts per thousand
            </th>
            <th scope="col">Limit</th>
          </tr>
        </thead>
        <tbody>
          {design.formula.map((i) => (
            <tr class={`note-${i.note}`}>
              <td>{i.note}</td>
              <td>
                <Structure smiles={i.molecule.smiles} query="width=120&height=72" />
              </td>
              <td>
                <button type="button" class="card-open" onClick={() => onOpen(i.molecule)}>
                  {nameOf(i.molecule)}
                </button>
              </td>
              <td class="number">
                <b>{plain(i.parts_per_thousand)}</b>
              </td>
              <td class="fine">
                {i.limit_parts_per_thousand === null ? 'none' : `${plain(i.limit_parts_per_thousand)}, ${i.limited_by}`}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function saveFormula(design: Design): void {
  save(
    'fragrance.csv',
    'text/csv',
    csv([
      ['note', 'smiles', 'smells_of', 'parts_per_thousand', 'limit_parts_per_thousand', 'limited_by'],
      ...design.formula.map((i) => [i.note, i.molecule.smiles, nameOf(i.molecule), i.parts_per_thousand, i.limit_parts_per_thousand, i.limited_by]),
    ]),
  );
}
