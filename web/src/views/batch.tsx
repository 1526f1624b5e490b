// Many briefs at once, from a list or a table.
import { useRef } from 'preact/hooks';
import { inWords, Problem, stream } from '../api';
import { csv, save } from '../exports';
import { Structure } from '../parts/structure';
import { colour } from '../odor';
import { Store } from '../store';
import type { Pace } from '../types';
import { percent, plain, several } from '../words';

const kMostBriefs = 50;
const kMostBytes = 1 << 20;

interface Found {
  smiles: string;
  confidence: number;
  odor_profile: { primary_notes: string[]; longevity_hours: number; character: string };
  safety_score: number | null;
  synth_score: number;
  estimated_cost: number | null;
}
interface Result {
  prompt: string;
  molecules: Found[];
  error: string | null;
  processing_time: number;
}

const batch = new Store<{
  text: string;
  count: number;
  state: 'idle' | 'running' | 'done' | 'stopped' | 'failed';
  results: Result[];
  total: number;
  pace?: Pace;
  problem?: string;
  fileProblem?: string;
}>({ text: '', count: 3, state: 'idle', results: [], total: 0 });

let control: AbortController | undefined;

// One brief a line; or, in a table, the column "brief" or "prompt", else the first.
export function readBriefs(text: string, table: boolean): string[] {
  if (!table) {
    return text
      .split(/\r?\n/)
      .map((line) => line.trim())
      .filter((line) => line && !line.startsWith('#'));
  }
  const rows = readTable(text);
  const titles = (rows[0] ?? []).map((cell) => cell.trim().toLowerCase());
  const named = titles.findIndex((title) => title === 'brief' || title === 'prompt');
  return rows
    .slice(named >= 0 ? 1 : 0)
    .map((row) => (row[Math.max(0, named)] ?? '').trim())
    .filter(Boolean);
}

// RFC 4180: quotes may hold commas, quotes and line ends.
function readTable(text: string): string[][] {
  const rows: string[][] = [[]];
  let cell = '';
  let quoted = false;
  for (let i = 0; i < text.length; ++i) {
    const c = text[i]!;
    if (quoted) {
      if (c !== '"') cell += c;
      else if (text[i + 1] === '"') cell += text[++i];
      else quoted = false;
    } else if (c === '"' && cell === '') quoted = true;
    else if (c === ',' || c === '\n') {
      rows[rows.length - 1]!.push(cell.replace(/\r$/, ''));
      cell = '';
      if (c === '\n') rows.push([]);
    } else cell += c;
  }
  rows[rows.length - 1]!.push(cell);
  return rows.filter((row) => row.some((value) => value.trim()));
}

async function take(file: File): Promise<void> {
  if (file.size > kMostBytes) {
    batch.set({ fileProblem: `${file.name} has ${plain(file.size / kMostBytes)} MB; a list of briefs has at most 1 MB.` });
    return;
  }
  const table = /\.csv$/i.test(file.name) || file.type === 'text/csv';
  const briefs = readBriefs((await file.text()).replace(/^\uFEFF/, ''), table);
  batch.set(
    briefs.length === 0
      ? { fileProblem: `No brief was found in ${file.name}: write one a line, or in a column called "brief".` }
      : { text: briefs.join('\n'), fileProblem: undefined },
  );
}

async function run(): Promise<void> {
  const { text, count } = batch.value;
  const prompts = readBriefs(text, false);
  if (prompts.length === 0) return batch.set({ problem: 'There is no brief yet: write one a line.' });
  if (prompts.length > kMostBriefs) return batch.set({ problem: `These are ${prompts.length} briefs; at most ${kMostBriefs} go at once.` });
  control?.abort();
  const mine = (control = new AbortController());
  batch.set({ state: 'running', results: [], total: prompts.length, pace: undefined, problem: undefined });
  try {
    for await (const { event, data } of stream('/generate/batch/streaming', { prompts, num_molecules: count, stream_format: 'sse' }, mine.signal)) {
      if (mine.signal.aborted) return;
      if (event === 'progress' || event === 'done') batch.set({ pace: data });
      if (event === 'results') batch.set(({ results }) => ({ results: [...results, ...data.results] }));
    }
    batch.set({ state: 'done' });
  } catch (error) {
    if (mine.signal.aborted) return;
    const first = error instanceof Problem ? error.errors[0] : undefined;
    const at = first && /^\/prompts\/(\d+)/.exec(first.pointer);
    batch.set({ state: 'failed', problem: at ? `Brief ${Number(at[1]) + 1} ${first.detail}.` : inWords(error) });
  }
}

function saveResults(results: Result[]): void {
  save(
    'batch.csv',
    'text/csv',
    csv([
      ['brief', 'smiles', 'smells_of', 'confidence', 'safety_score', 'synth_score', 'usd_per_kg', 'longevity_hours', 'error'],
      ...results.flatMap((r) =>
        r.molecules.length > 0
          ? r.molecules.map((m) => [
              r.prompt,
              m.smiles,
              m.odor_profile.primary_notes.join('; '),
              m.confidence,
              m.safety_score,
              m.synth_score,
              m.estimated_cost,
              m.odor_profile.longevity_hours,
              '',
            ])
          : [[r.prompt, '', '', '', '', '', '', '', r.error ?? '']],
      ),
    ]),
  );
}

export function Batch() {
  const { text, count, state, results, total, pace, problem, fileProblem } = batch.use();
  const input = useRef<HTMLInputElement>(null);
  const running = state === 'running';
  const briefs = readBriefs(text, false).length;
  return (
    <div class="batch">
      <form
        class="brief-side"
        onSubmit={(event) => {
          event.preventDefault();
          void run();
        }}
        onDragOver={(event) => event.preventDefault()}
        onDrop={(event) => {
          event.preventDefault();
          const file = event.dataTransfer?.files[0];
          if (file) void take(file);
        }}
      >
        <h1>Many briefs at once</h1>
        <div class="brief-field">
          <label for="briefs">One brief a line, at most {kMostBriefs}</label>
          <div class="brief-paper">
            <textarea
              id="briefs"
              rows={9}
              class="plain"
              value={text}
              placeholder={'dewy rose\nsmoked tea, a little honey\nclean linen'}
              aria-invalid={problem ? true : undefined}
              onInput={(event) => batch.set({ text: event.currentTarget.value, problem: undefined })}
            />
          </div>
        </div>
        <div class="upload">
          <input
            ref={input}
            id="file"
            type="file"
            accept=".txt,.csv,text/plain,text/csv"
            class="visually-hidden"
            onChange={(event) => {
              const file = event.currentTarget.files?.[0];
              if (file) void take(file);
              event.currentTarget.value = '';
            }}
          />
          <label for="file" class="button">
            Open a list or CSV
          </label>
          <span class="fine">or drop it here</span>
        </div>
        {fileProblem && (
          <p class="problem" role="alert">
            {fileProblem}
          </p>
        )}
        <label class="option">
          <span>Molecules for each</span>
          <input type="number" min="1" max="100" value={count} onInput={(e) => e.currentTarget.value !== '' && batch.set({ count: Number(e.currentTarget.value) })} />
        </label>
        <div class="actions">
          <button type="submit" class="main" disabled={running}>
            {briefs > 0 ? `Work through ${several(briefs, 'brief')}` : 'Work through them'}
          </button>
          {running && (
            <button
              type="button"
              onClick={() => {
                control?.abort();
                batch.set({ state: 'stopped' });
              }}
            >
              Stop
            </button>
          )}
        </div>
        {problem && (
          <p class="problem" role="alert">
            {problem}
          </p>
        )}
      </form>
      <section class="results" aria-label="Results" aria-busy={running}>
        {(running || results.length > 0) && (
          <div class="progress" role="status">
            <progress max={total} value={results.length} aria-label="Briefs done" />
            <span>
              {results.length} of {total} briefs
              {running && pace?.remaining_seconds ? `, about ${plain(pace.remaining_seconds, 0)} s to go` : ''}
              {state === 'stopped' ? ', stopped' : ''}
            </span>
          </div>
        )}
        {results.length > 0 && !running && (
          <div class="exports" role="group" aria-label="Export">
            <button type="button" class="quiet" onClick={() => saveResults(results)}>
              CSV
            </button>
            <button type="button" class="quiet" onClick={() => print()}>
              Print or PDF
            </button>
          </div>
        )}
        {results.map((result) => (
          <section class="batch-result">
            <h2>{result.prompt}</h2>
            {result.error && <p class="problem">{result.error}</p>}
            <ul class="strip">
              {result.molecules.map((m) => (
                <li key={m.smiles} style={{ '--lead': colour(m.odor_profile.primary_notes[0] ?? '') }}>
                  <Structure smiles={m.smiles} query="width=170&height=110" />
                  <b>{m.odor_profile.primary_notes.join(', ')}</b>
                  <span class="fine">
                    {percent(m.confidence)} · {m.odor_profile.character.split(',')[0]}
                  </span>
                </li>
              ))}
            </ul>
          </section>
        ))}
        {state === 'idle' && results.length === 0 && (
          <div class="empty">
            <p>Results come in the order of the briefs, each as soon as it is ready.</p>
          </div>
        )}
      </section>
    </div>
  );
}
