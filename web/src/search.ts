// A search for molecules and what it has found; it goes on while the reader looks elsewhere in the studio.
import { inWords, post, Problem, stream } from './api';
import { Store } from './store';
import type { AnswerEnd, Molecule, Pace, Understanding } from './types';

export interface Wishes {
  brief: string;
  count: number;
  seed: number;
  safety: number;
  weight: [number, number];
  allowKnown: boolean;
  like?: string; // SMILES to vary
  keep?: string; // SMILES of the part that stands
}

export interface Search {
  wishes: Wishes;
  state: 'idle' | 'running' | 'done' | 'stopped' | 'failed';
  asked?: Wishes; // those that the molecules below answer
  read?: Understanding;
  molecules: Molecule[];
  pace?: Pace;
  end?: AnswerEnd;
  problem?: string;
  fieldProblems: Record<string, string>;
}

export const kFirstWishes: Wishes = { brief: '', count: 6, seed: 0, safety: 0.5, weight: [80, 320], allowKnown: false };

export const search = new Store<Search>({ wishes: kFirstWishes, state: 'idle', molecules: [], fieldProblems: {} });
// All 138 probabilities of the molecules seen so far, for the radars.
export const smells = new Store<{ of: Record<string, Record<string, number>> }>({ of: {} });

let control: AbortController | undefined;

export function wish(change: Partial<Wishes>): void {
  search.set(({ wishes }) => ({ wishes: { ...wishes, ...change }, fieldProblems: {} }));
}

function body(w: Wishes): Record<string, unknown> {
  return {
    brief: w.brief.trim() || undefined,
    count: w.count,
    seed: w.seed,
    safety_threshold: w.safety,
    molecular_weight: { min: w.weight[0], max: w.weight[1] },
    allow_known: w.allowKnown || undefined,
    like: w.like,
    keep: w.keep,
  };
}

let wanting: string[] = [];
let timer: ReturnType<typeof setTimeout> | undefined;

// Asks for the smells of several molecules at once, a moment after the first.
export function wantSmell(smiles: string): void {
  if (smells.value.of[smiles] || wanting.includes(smiles)) return;
  wanting.push(smiles);
  timer ??= setTimeout(async () => {
    const list = wanting.slice(0, 100);
    wanting = wanting.slice(100);
    timer = undefined;
    try {
      const { molecules } = await post<{ molecules: { descriptors?: Record<string, number> }[] }>('/v1/describe', { smiles: list, all: true });
      const found: Record<string, Record<string, number>> = {};
      molecules.forEach((m, i) => (found[list[i]!] = m.descriptors ?? {}));
      smells.set(({ of }) => ({ of: { ...of, ...found } }));
    } catch {
      // The radar draws what the molecule itself says.
    }
  }, 60);
}

// How strongly a molecule smells of each descriptor: of all that are known, or of the eight that came with it.
export function smellOf(m: Molecule, all: Record<string, Record<string, number>>): Record<string, number> {
  return all[m.smiles] ?? Object.fromEntries(m.odor.map(({ name, probability }) => [name, probability]));
}

export async function find(): Promise<void> {
  control?.abort();
  const mine = (control = new AbortController());
  const wishes = search.value.wishes;
  search.set({ state: 'running', asked: wishes, molecules: [], read: undefined, pace: undefined, end: undefined, problem: undefined, fieldProblems: {} });
  try {
    for await (const { event, data } of stream('/v1/generate', body(wishes), mine.signal)) {
      if (mine.signal.aborted) return;
      if (event === 'understood') search.set({ read: data });
      else if (event === 'progress') search.set({ pace: data });
      else if (event === 'answer') search.set({ end: data });
      else if (event === 'molecule') {
        wantSmell(data.smiles);
        search.set(({ molecules }) => ({
          molecules: [...molecules.filter((m) => m.rank !== data.rank), data].sort((a, b) => a.rank! - b.rank!),
        }));
      }
    }
    if (!mine.signal.aborted) search.set({ state: 'done' });
  } catch (error) {
    if (mine.signal.aborted) return;
    const fieldProblems: Record<string, string> = {};
    if (error instanceof Problem) {
      for (const { pointer, detail } of error.errors) fieldProblems[pointer.split('/')[1] ?? ''] = detail;
    }
    search.set({ state: 'failed', problem: inWords(error), fieldProblems });
  }
}

export function stop(): void {
  control?.abort();
  search.set({ state: 'stopped' });
}

// What the reader has laid aside to compare, at most four.
export const kMostCompared = 4;
export const shelf = new Store<{ chosen: Molecule[] }>({ chosen: [] });

export function choose(m: Molecule, on: boolean): void {
  shelf.set(({ chosen }) => {
    const others = chosen.filter((c) => c.smiles !== m.smiles);
    return { chosen: on ? [...others, m].slice(-kMostCompared) : others };
  });
}
