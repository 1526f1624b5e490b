// Figures as a perfumer says them.
import type { Interval, Molecule, Range } from './types';

const number = (digits: number) => new Intl.NumberFormat('en', { maximumFractionDigits: digits });

export const percent = (share: number): string => `${Math.round(share * 100)} %`;
export const plain = (value: number, digits = 1): string => number(digits).format(value);

export function hours(value: number): string {
  if (value < 1) return `${Math.max(1, Math.round(value * 60))} min`;
  return value < 48 ? `${plain(value, value < 10 ? 1 : 0)} h` : `${plain(value / 24, 0)} days`;
}

export function pressure(pa: number): string {
  const [value, unit] = pa >= 1 ? [pa, 'Pa'] : pa >= 1e-3 ? [pa * 1e3, 'mPa'] : [pa * 1e6, 'µPa'];
  return `${plain(value, value < 10 ? 1 : 0)} ${unit}`;
}

export function dollars(low: number, high: number): string {
  const one = (usd: number) => number(usd < 10 ? 1 : 0).format(usd);
  return `$${one(low)}–${one(high)}/kg`;
}
export const yieldOf = (range: Range): string => `yield ${Math.round(100 * range.low)}–${percent(range.high)}`;
export const several = (count: number, one: string): string => `${plain(count, 0)} ${one}${count === 1 ? '' : 's'}`;
export const dollarsOf = (range: Range): string => dollars(range.low, range.high);
export const span = (range: Interval, digits = 0): string => `${plain(range[0], digits)}–${plain(range[1], digits)}`;

export function safetyWord(m: Molecule): { word: string; tone: 'good' | 'fair' | 'poor' } {
  if (m.safety.forbidden) return { word: 'forbidden', tone: 'poor' };
  if (m.safety.score === null) return { word: 'cannot be judged', tone: 'poor' };
  if (m.safety.score >= 0.85) return { word: 'few concerns', tone: 'good' };
  return m.safety.score >= 0.6 ? { word: 'some concerns', tone: 'fair' } : { word: 'concerns', tone: 'poor' };
}

export function makeWord(m: Molecule): { word: string; tone: 'good' | 'fair' | 'poor' } {
  const { route_found, steps, search_complete } = m.makeability;
  if (route_found) return { word: several(steps ?? 0, 'step'), tone: steps === 1 ? 'good' : 'fair' };
  return { word: search_complete ? 'no short route' : 'no route yet', tone: 'poor' };
}

// "C10H18O" with the numbers below the line.
export function formulaParts(formula: string): { text: string; below: boolean }[] {
  return (formula.match(/\d+|\D+/g) ?? []).map((text) => ({ text, below: /\d/.test(text) }));
}
