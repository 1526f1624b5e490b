// Files for other programs: a table, and structures with their figures.
import { getText, molecule } from './api';
import type { Molecule } from './types';

export function save(name: string, type: string, text: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

// A cell that begins like a formula would be computed by spreadsheets.
export function csvCell(value: unknown): string {
  let text = value === null || value === undefined ? '' : String(value);
  if (typeof value === 'string' && /^[=+\-@\t\r]/.test(text)) text = `'${text}`;
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export const csv = (rows: unknown[][]): string => rows.map((row) => row.map(csvCell).join(',')).join('\r\n') + '\r\n';

const kColumns: [string, (m: Molecule) => unknown][] = [
  ['rank', (m) => m.rank],
  ['smiles', (m) => m.smiles],
  ['inchikey', (m) => m.inchikey],
  ['formula', (m) => m.formula],
  ['smells_of', (m) => m.odor.map(({ name, probability }) => `${name} ${probability.toFixed(2)}`).join('; ')],
  ['match', (m) => m.match],
  ['score', (m) => m.score],
  ['novelty', (m) => m.novelty],
  ['note', (m) => m.note],
  ['vapor_pressure_pa', (m) => m.vapor_pressure_pa],
  ['boiling_point_c', (m) => m.boiling_point_c],
  ['longevity_hours', (m) => m.longevity_hours],
  ['intensity', (m) => m.intensity],
  ['sillage', (m) => m.sillage],
  ['safety_score', (m) => m.safety.score],
  ['safety_findings', (m) => m.safety.findings.map((f) => f.name).join('; ')],
  ['sa_score', (m) => m.sa_score],
  ['route_steps', (m) => m.makeability.steps],
  ['usd_per_kg_low', (m) => m.makeability.usd_per_kg?.[0]],
  ['usd_per_kg_high', (m) => m.makeability.usd_per_kg?.[1]],
  ['molecular_weight', (m) => m.properties['molecular_weight']],
  ['logp', (m) => m.properties['logp']],
];

const kTitles = kColumns.map(([title]) => title);
const cells = (m: Molecule): unknown[] => kColumns.map(([, value]) => value(m));

export function saveCsv(molecules: Molecule[], name = 'molecules.csv'): void {
  save(name, 'text/csv', csv([kTitles, ...molecules.map(cells)]));
}

async function record(m: Molecule, fields: (readonly [string, unknown])[]): Promise<string> {
  const structure = (await getText(molecule(m.smiles, '.sdf'))).replace(/\$\$\$\$\s*$/, '');
  const text = (value: unknown) => String(value ?? '').replaceAll('\n', ' ');
  return structure + fields.map(([title, value]) => `> <${title}>\n${text(value)}\n\n`).join('') + '$$$$\n';
}

const figures = (m: Molecule) => kColumns.map(([title, value]) => [title, value(m)] as const);

export async function saveSdf(molecules: Molecule[], name = 'molecules.sdf'): Promise<void> {
  save(name, 'chemical/x-mdl-sdfile', (await Promise.all(molecules.map((m) => record(m, figures(m))))).join(''));
}

// What became of one brief of several.
export interface Answered {
  brief: string;
  molecules: Molecule[];
  error: string;
}

// A row for each molecule, and one for each brief without any.
export function saveAnswersCsv(answers: Answered[], name: string): void {
  const rows = answers.flatMap(({ brief, molecules, error }) =>
    molecules.length > 0 ? molecules.map((m) => [brief, ...cells(m), error]) : [[brief, ...kTitles.map(() => ''), error]],
  );
  save(name, 'text/csv', csv([['brief', ...kTitles, 'error'], ...rows]));
}

export async function saveAnswersSdf(answers: Answered[], name: string): Promise<void> {
  const records = answers.flatMap(({ brief, molecules }) => molecules.map((m) => record(m, [['brief', brief], ...figures(m)])));
  save(name, 'chemical/x-mdl-sdfile', (await Promise.all(records)).join(''));
}
