// A drawn structure. RDKit's drawing comes with colours written into it; they are turned into the page's own, so that it reads
// on light and dark paper alike.
import { useEffect, useRef, useState } from 'preact/hooks';
import { getText, inWords, molecule } from '../api';

const kAtomColours: Record<string, string> = {
  '#000000': 'currentColor',
  '#FF0000': 'var(--atom-o)',
  '#0000FF': 'var(--atom-n)',
  '#CCCC00': 'var(--atom-s)',
  '#33CCCC': 'var(--atom-halogen)',
  '#00CC00': 'var(--atom-halogen)',
};
const kKept = ['fill', 'fill-rule', 'fill-opacity', 'stroke', 'stroke-width', 'stroke-linecap', 'stroke-linejoin', 'stroke-opacity'];

const inked = (colour: string): string => kAtomColours[colour.toUpperCase()] ?? colour;

// The page's policy forbids style attributes, so each declaration becomes an attribute of the same name, before anything is
// parsed.
function unstyled(text: string): string {
  return text
    .replace(/\sstyle='([^']*)'/g, (_, style: string) =>
      style
        .split(';')
        .map((declaration) => declaration.split(':').map((part) => part.trim()))
        .filter(([name, value]) => value && kKept.includes(name!))
        .map(([name, value]) => ` ${name}='${inked(value!)}'`)
        .join(''),
    )
    .replace(/\sfill='(#[0-9A-Fa-f]{6})'/g, (_, colour: string) => ` fill='${inked(colour)}'`);
}

function redrawn(text: string): SVGSVGElement {
  const svg = new DOMParser().parseFromString(unstyled(text), 'image/svg+xml').documentElement as unknown as SVGSVGElement;
  svg.removeAttribute('width');
  svg.removeAttribute('height');
  svg.setAttribute('aria-hidden', 'true');
  svg.setAttribute('focusable', 'false');
  return document.importNode(svg, true);
}

const drawings = new Map<string, Promise<string>>();

function drawing(path: string): Promise<string> {
  let found = drawings.get(path);
  if (!found) {
    found = getText(path);
    found.catch(() => drawings.delete(path));
    drawings.set(path, found);
    if (drawings.size > 500) drawings.delete(drawings.keys().next().value!);
  }
  return found;
}

export function Structure(props: { smiles: string; query?: string; label?: string }) {
  const holder = useRef<HTMLDivElement>(null);
  const [problem, setProblem] = useState('');
  const path = molecule(props.smiles, `.svg${props.query ? `?${props.query}` : ''}`);
  useEffect(() => {
    let current = true;
    setProblem('');
    drawing(path).then(
      (text) => current && holder.current?.replaceChildren(redrawn(text)),
      (error) => current && setProblem(inWords(error)),
    );
    return () => void (current = false);
  }, [path]);
  if (problem) return <p class="problem">{problem}</p>;
  return <div class="structure" ref={holder} role="img" aria-label={props.label ?? `Structure of ${props.smiles}`} />;
}
