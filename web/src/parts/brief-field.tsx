// The field for a brief. Behind the words lies the same text once more, where what is understood lights up in the colour of its
// family, and what is refused is struck through.
import { useEffect, useRef, useState } from 'preact/hooks';
import { inWords, post } from '../api';
import { colour } from '../odor';
import type { Term, Understanding } from '../types';

const kPause_ms = 180; // of typing, before the server is asked

// The server counts bytes of UTF-8, the page counts UTF-16.
function pieces(text: string, terms: Term[]): { text: string; term?: Term }[] {
  const bytes = new TextEncoder().encode(text);
  const decoder = new TextDecoder();
  const slice = (from: number, to: number) => decoder.decode(bytes.subarray(from, to));
  const out: { text: string; term?: Term }[] = [];
  let at = 0;
  for (const term of terms) {
    if (term.begin < at || term.descriptors.length === 0) continue;
    if (term.begin > at) out.push({ text: slice(at, term.begin) });
    out.push({ text: slice(term.begin, term.end), term });
    at = term.end;
  }
  out.push({ text: slice(at, bytes.length) });
  return out;
}

export function useUnderstanding(brief: string): { read?: Understanding; problem?: string } {
  const [state, set] = useState<{ read?: Understanding; problem?: string }>({});
  useEffect(() => {
    if (!brief.trim()) {
      set({});
      return undefined;
    }
    const control = new AbortController();
    const timer = setTimeout(() => {
      post<Understanding>('/v1/understand', { brief }, control.signal).then(
        (read) => set({ read }),
        (error) => !control.signal.aborted && set({ problem: inWords(error) }),
      );
    }, kPause_ms);
    return () => {
      clearTimeout(timer);
      control.abort();
    };
  }, [brief]);
  return state;
}

export function BriefField(props: {
  id: string;
  label: string;
  value: string;
  onInput: (text: string) => void;
  onSubmit?: () => void;
  placeholder: string;
  read?: Understanding;
  problem?: string;
  small?: boolean;
}) {
  const mirror = useRef<HTMLDivElement>(null);
  const terms = props.read && props.read.brief === props.value ? props.read.terms : [];
  // While the answer is on its way the lights of the words that did not change stay on.
  const lit = terms.length > 0 ? terms : (props.read?.terms ?? []).filter((t) => t.end <= commonBytes(props.read!.brief, props.value));
  return (
    <div class={`brief-field ${props.small ? 'small' : ''}`}>
      <label for={props.id}>{props.label}</label>
      <div class="brief-paper">
        <div class="brief-mirror" aria-hidden="true" ref={mirror}>
          {pieces(props.value, lit).map((piece) =>
            piece.term ? (
              <mark class={piece.term.negated ? 'refused' : ''} style={{ '--light': colour(piece.term.descriptors[0]!.name) }}>
                {piece.text}
              </mark>
            ) : (
              piece.text
            ),
          )}{' '}
        </div>
        <textarea
          id={props.id}
          value={props.value}
          placeholder={props.placeholder}
          rows={props.small ? 2 : 4}
          maxLength={1000}
          spellcheck
          aria-describedby={`${props.id}-read`}
          aria-invalid={props.problem ? true : undefined}
          aria-errormessage={props.problem ? `${props.id}-problem` : undefined}
          onInput={(event) => props.onInput(event.currentTarget.value)}
          onScroll={(event) => mirror.current && (mirror.current.scrollTop = event.currentTarget.scrollTop)}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
              event.preventDefault();
              props.onSubmit?.();
            }
          }}
        />
      </div>
      {props.problem && (
        <p class="problem" id={`${props.id}-problem`} role="alert">
          {props.problem}
        </p>
      )}
      <Reading id={`${props.id}-read`} read={props.value.trim() ? props.read : undefined} />
    </div>
  );
}

function commonBytes(a: string, b: string): number {
  let n = 0;
  while (n < a.length && n < b.length && a[n] === b[n]) ++n;
  return new TextEncoder().encode(a.slice(0, n)).length;
}

function Reading({ id, read }: { id: string; read?: Understanding }) {
  const weights = Object.entries(read?.weights ?? {});
  const wanted = weights.filter(([, w]) => w > 0).slice(0, 9);
  const refused = weights.filter(([, w]) => w < 0);
  return (
    <div id={id} class="reading" role="status" aria-live="polite">
      {read && !read.understood && <p class="hint">{read.note}</p>}
      {wanted.length > 0 && (
        <ul class="notes" aria-label="Understood as">
          {wanted.map(([name, weight]) => (
            <li key={name} style={{ '--light': colour(name), '--share': weight }}>
              {name}
            </li>
          ))}
        </ul>
      )}
      {refused.length > 0 && (
        <ul class="notes refused" aria-label="Not wanted">
          {refused.map(([name]) => (
            <li key={name} style={{ '--light': colour(name) }}>
              <span class="visually-hidden">without </span>
              {name}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
