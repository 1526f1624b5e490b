// Many briefs at once: a job of the server's, which goes on whether or not this page is open. The address names it.
import { ask, follow, get, inWords, post, Problem } from './api';
import type { Answered } from './exports';
import { Store } from './store';
import type { Molecule } from './types';
import { plain } from './words';

export const kMostBriefs = 200;
const kMostBytes = 1 << 20;
const kTryAgain_ms = 2000;

interface Job {
  id: string;
  status: 'queued' | 'running' | 'finished' | 'cancelled' | 'expired';
  total: number;
  done: number;
  failed: number;
  remaining_seconds: number | null;
}

export interface Result {
  index: number;
  failed: boolean;
  answer?: { brief: string; note: string; molecules: Molecule[] };
  brief?: string; // of one that failed
  error?: { kind: string; detail: string };
}

export const batch = new Store<{
  text: string;
  count: number;
  job?: Job;
  results: Result[]; // in the order of the briefs
  away: boolean; // the server is; we try again
  problem?: string;
  fileProblem?: string;
}>({ text: '', count: 3, results: [], away: false });

let control: AbortController | undefined;

export const isUnderWay = (job?: Job): boolean => job?.status === 'queued' || job?.status === 'running';

export function answered({ answer, brief, error }: Result): Answered {
  return answer
    ? { brief: answer.brief, molecules: answer.molecules, error: answer.note }
    : { brief: brief ?? '', molecules: [], error: error?.detail ?? '' };
}

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

export async function take(file: File): Promise<void> {
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

export async function run(): Promise<void> {
  const { text, count } = batch.value;
  const briefs = readBriefs(text, false);
  if (briefs.length === 0) return batch.set({ problem: 'There is no brief yet: write one a line.' });
  if (briefs.length > kMostBriefs) return batch.set({ problem: `These are ${briefs.length} briefs; at most ${kMostBriefs} go at once.` });
  try {
    await attend(await post<Job>('/v1/batches', { briefs, count }));
  } catch (error) {
    const first = error instanceof Problem ? error.errors[0] : undefined;
    const at = first && /^\/briefs\/(\d+)/.exec(first.pointer);
    batch.set({ problem: at ? `Brief ${Number(at[1]) + 1} ${first.detail}.` : inWords(error) });
  }
}

export async function cancel(): Promise<void> {
  try {
    await ask(`/v1/jobs/${batch.value.job!.id}`, { method: 'DELETE' }); // the stream tells how that ended
  } catch (error) {
    batch.set({ problem: inWords(error) });
  }
}

// Takes up the job that the address names, or lets the address name the one that is shown.
export async function heed(address: string): Promise<void> {
  const id = /^#\/batch\/([0-9a-f]{32})$/.exec(address)?.[1];
  const { job } = batch.value;
  if (!id && job) return nameInAddress(job.id);
  if (!id || id === job?.id) return;
  try {
    await attend(await get<Job>(`/v1/jobs/${id}`));
  } catch (error) {
    batch.set({ problem: error instanceof Problem && error.status === 404 ? 'The server keeps no such batch any more.' : inWords(error) });
  }
}

function nameInAddress(id: string): void {
  if (location.hash.startsWith('#/batch')) history.replaceState(null, '', `#/batch/${id}`);
}

// Follows a job to its end, over whatever interruptions.
async function attend(job: Job): Promise<void> {
  control?.abort();
  const mine = (control = new AbortController());
  nameInAddress(job.id);
  batch.set({ job, results: [], away: false, problem: undefined });
  let last = '';
  for (;;) {
    try {
      for await (const { id, event, data } of follow(`/v1/jobs/${job.id}/results`, last, mine.signal)) {
        if (mine.signal.aborted) return;
        if (event === 'result') {
          last = id!;
          batch.set(({ results }) => ({ results: [...results, data as Result].sort((a, b) => a.index - b.index) }));
        }
        if (event === 'progress' || event === 'done') batch.set(({ job: known }) => ({ job: { ...known!, ...data }, away: false }));
        if (event === 'done') return;
      }
    } catch (error) {
      if (mine.signal.aborted) return;
      if (!(error instanceof Problem) || (error.status !== 0 && error.status !== 503)) return batch.set({ problem: inWords(error) });
    }
    batch.set({ away: true });
    await new Promise((again) => setTimeout(again, kTryAgain_ms));
  }
}
