// A brief, and the molecules that answer it.
import { useEffect, useRef, useState } from 'preact/hooks';
import { inWords, post } from '../api';
import { saveCsv, saveSdf } from '../exports';
import { BriefField, useUnderstanding } from '../parts/brief-field';
import { Detail } from '../parts/detail';
import { MoleculeCard } from '../parts/molecule-card';
import { Structure } from '../parts/structure';
import { find, kFirstWishes, search, stop, wish } from '../search';
import type { Material, Molecule } from '../types';
import { plain, several } from '../words';

const kIdeas = [
  'fresh-cut grass after rain, a little ozone',
  'a rose garden at dusk, honeyed, not sweet',
  'old library: leather, vanilla, dry wood',
  'green mango and sea breeze',
];

export function Compose() {
  const { wishes, state, molecules, read, asked, end, problem, fieldProblems, pace } = search.use();
  const [open, setOpen] = useState<Molecule>();
  const reading = useUnderstanding(wishes.brief);
  const weights = (read ?? reading.read)?.weights ?? {};
  const shownWeights = asked?.brief.trim() ? weights : {};
  const running = state === 'running';
  const results = useRef<HTMLElement>(null);
  const submit = () => {
    void find();
    // On a phone the answers begin below the fold.
    if (results.current && results.current.offsetTop > innerHeight * 0.8) results.current.scrollIntoView();
  };
  const vary = (change: { like?: string; keep?: string }) => {
    wish({ like: undefined, keep: undefined, ...change });
    setOpen(undefined);
    window.scrollTo({ top: 0 });
    setTimeout(() => document.getElementById('find')?.focus());
  };
  return (
    <div class="compose">
      <form
        class="brief-side"
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <h1>What should it smell of?</h1>
        <BriefField
          id="brief"
          label="Your brief"
          value={wishes.brief}
          onInput={(brief) => wish({ brief })}
          onSubmit={submit}
          placeholder="Fresh-cut grass after rain, a little ozone, not sweet…"
          read={reading.read}
          problem={fieldProblems['brief'] ? `The brief ${fieldProblems['brief']}.` : reading.problem}
        />
        {!wishes.brief && state === 'idle' && (
          <div class="ideas">
            <p>Or begin with one of these</p>
            {kIdeas.map((idea) => (
              <button type="button" class="idea" onClick={() => wish({ brief: idea })}>
                {idea}
              </button>
            ))}
          </div>
        )}
        <Pinned wishes={wishes} problems={fieldProblems} />
        <Options problems={fieldProblems} />
        <div class="actions">
          <button type="submit" class="main" id="find" disabled={running}>
            {wishes.like ? 'Find variations' : 'Find molecules'}
          </button>
          {running && (
            <button type="button" onClick={stop}>
              Stop
            </button>
          )}
          <span class="keys" aria-hidden="true">
            Ctrl ↵
          </span>
        </div>
        <Nearby brief={wishes.brief} understood={reading.read?.understood ?? false} />
      </form>
      <section class="results" ref={results} aria-label="Answers" aria-busy={running}>
        <p class="visually-hidden" role="status" aria-live="polite">
          {running ? `${molecules.length} of ${wishes.count} molecules found` : state === 'done' ? `${molecules.length} molecules found` : ''}
        </p>
        {problem && (
          <p class="problem" role="alert">
            {problem}
          </p>
        )}
        {running && (
          <div class="progress">
            <progress max={pace?.total ?? wishes.count} value={Math.max(molecules.length, 0)} aria-label="Molecules found" />
            <span>
              {molecules.length} of {pace?.total ?? wishes.count}
            </span>
          </div>
        )}
        {molecules.length > 0 && (
          <header class="results-head">
            <h2>
              {several(molecules.length, 'molecule')}
              {asked?.brief && <q>{asked.brief}</q>}
            </h2>
            {!running && <Exports molecules={molecules} />}
          </header>
        )}
        {end?.note && <p class="hint">{end.note}</p>}
        {state === 'stopped' && <p class="hint">Stopped.</p>}
        <div class="cards">
          {molecules.map((m) => (
            <MoleculeCard key={m.smiles} m={m} weights={shownWeights} onOpen={() => setOpen(m)} onVary={() => vary({ like: m.smiles })} />
          ))}
        </div>
        {end && (
          <p class="fine">
            {plain(end.tally['sampled'] ?? 0)} molecules drawn by {end.model.name} {end.model.version}, seed {end.seed}. Smells, volatility and safety are
            predictions.
          </p>
        )}
        {state === 'idle' && molecules.length === 0 && <Empty />}
      </section>
      {open && <Detail m={open} weights={shownWeights} onClose={() => setOpen(undefined)} onVary={vary} />}
    </div>
  );
}

function Exports({ molecules }: { molecules: Molecule[] }) {
  const [problem, setProblem] = useState('');
  return (
    <div class="exports" role="group" aria-label="Export">
      <button type="button" class="quiet" onClick={() => saveSdf(molecules).catch((error) => setProblem(inWords(error)))}>
        SDF
      </button>
      <button type="button" class="quiet" onClick={() => saveCsv(molecules)}>
        CSV
      </button>
      <button type="button" class="quiet" onClick={() => print()}>
        Print or PDF
      </button>
      {problem && <p class="problem">{problem}</p>}
    </div>
  );
}

function Pinned({ wishes, problems }: { wishes: typeof kFirstWishes; problems: Record<string, string> }) {
  const kind = wishes.like ? 'like' : wishes.keep ? 'keep' : undefined;
  if (!kind) return null;
  const smiles = wishes[kind]!;
  return (
    <div class="pinned">
      <Structure smiles={smiles} query="width=160&height=110" />
      <div>
        <b>{kind === 'like' ? 'Variations of this molecule' : 'This part stands'}</b>
        <code>{smiles}</code>
        {problems[kind] && <p class="problem">It {problems[kind]}.</p>}
        <button type="button" class="quiet" onClick={() => wish({ [kind]: undefined })}>
          Let go
        </button>
      </div>
    </div>
  );
}

function Options({ problems }: { problems: Record<string, string> }) {
  const { wishes } = search.use();
  const field = (name: string, label: string, input: preact.JSX.Element) => (
    <label class="option">
      <span>{label}</span>
      {input}
      {problems[name] && <span class="problem">{problems[name]}</span>}
    </label>
  );
  const numbered = (value: number, set: (n: number) => void, min: number, max: number, step = 1) => (
    <input
      type="number"
      value={value}
      min={min}
      max={max}
      step={step}
      onInput={(event) => event.currentTarget.value !== '' && set(Number(event.currentTarget.value))}
    />
  );
  return (
    <details class="options">
      <summary>
        {several(wishes.count, 'molecule')}, {wishes.weight[0]}–{wishes.weight[1]} g/mol, seed {wishes.seed}
      </summary>
      <div>
        {field('count', 'Molecules', numbered(wishes.count, (count) => wish({ count }), 1, 100))}
        {field('seed', 'Seed', numbered(wishes.seed, (seed) => wish({ seed }), 0, 2 ** 53 - 1))}
        {field('molecular_weight', 'Lightest, g/mol', numbered(wishes.weight[0], (low) => wish({ weight: [low, wishes.weight[1]] }), 80, 320, 10))}
        {field('', 'Heaviest, g/mol', numbered(wishes.weight[1], (high) => wish({ weight: [wishes.weight[0], high] }), 80, 320, 10))}
        {field(
          'safety_threshold',
          `Least safety, ${Math.round(wishes.safety * 100)} %`,
          <input type="range" min="0" max="1" step="0.05" value={wishes.safety} onInput={(e) => wish({ safety: Number(e.currentTarget.value) })} />,
        )}
        <label class="check">
          <input type="checkbox" checked={wishes.allowKnown} onChange={(e) => wish({ allowKnown: e.currentTarget.checked })} />
          Known molecules too
        </label>
      </div>
    </details>
  );
}

// Something to smell while the new molecule does not exist yet.
function Nearby({ brief, understood }: { brief: string; understood: boolean }) {
  const [materials, set] = useState<Material[]>([]);
  useEffect(() => {
    if (!understood || !brief.trim()) {
      set([]);
      return undefined;
    }
    const control = new AbortController();
    const timer = setTimeout(() => {
      post<{ materials: Material[] }>('/v1/nearest', { brief, count: 4 }, control.signal).then(
        (answer) => set(answer.materials),
        () => undefined, // an aside: the brief itself says what is wrong
      );
    }, 600);
    return () => {
      clearTimeout(timer);
      control.abort();
    };
  }, [brief, understood]);
  if (materials.length === 0) return null;
  return (
    <aside class="nearby" aria-label="Known materials near this brief">
      <h2>To smell meanwhile</h2>
      <ul>
        {materials.map((m) => (
          <li key={m.smiles}>
            {m.name}
            <span>{Object.keys(m.odor).slice(0, 3).join(', ')}</span>
          </li>
        ))}
      </ul>
    </aside>
  );
}

function Empty() {
  return (
    <div class="empty">
      <svg viewBox="0 0 200 220" aria-hidden="true">
        {[-16, -5, 6, 17].map((angle, i) => (
          <g transform={`rotate(${angle} 100 260)`}>
            <path class="blotter" d="M92 20 h16 v130 c0 12 -4 22 -8 22 s-8 -10 -8 -22z" />
            <path class={`blotter-dip dip-${i}`} d="M92 128 h16 v22 c0 12 -4 22 -8 22 s-8 -10 -8 -22z" />
          </g>
        ))}
      </svg>
      <p>Molecules appear here as they are found, each with how it should smell, how long it lasts, and how it could be made.</p>
    </div>
  );
}
