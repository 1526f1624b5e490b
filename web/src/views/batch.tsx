// The form for many briefs, and what became of them.
import { useEffect, useRef } from 'preact/hooks';
import { answered, batch, cancel, heed, isUnderWay, kMostBriefs, readBriefs, run, take } from '../batch';
import { type Answered, save, saveAnswersCsv, saveAnswersSdf } from '../exports';
import { colour } from '../odor';
import { nameOf } from '../parts/molecule-card';
import { Structure } from '../parts/structure';
import { inWords } from '../api';
import { hours, percent, plain, several } from '../words';

const kEndings: Record<string, string> = { cancelled: ', cancelled', expired: ', expired' };

function Exports({ answers }: { answers: Answered[] }) {
  return (
    <div class="exports" role="group" aria-label="Export">
      <button type="button" class="quiet" onClick={() => saveAnswersCsv(answers, 'batch.csv')}>
        CSV
      </button>
      <button
        type="button"
        class="quiet"
        onClick={() => saveAnswersSdf(answers, 'batch.sdf').catch((error) => batch.set({ problem: inWords(error) }))}
      >
        SDF
      </button>
      <button
        type="button"
        class="quiet"
        onClick={() => save('batch.json', 'application/json', JSON.stringify({ job: batch.value.job, results: batch.value.results }, null, 1))}
      >
        JSON
      </button>
      <button type="button" class="quiet" onClick={() => print()}>
        Print or PDF
      </button>
    </div>
  );
}

function Answer({ brief, molecules, error }: Answered) {
  return (
    <section class="batch-result">
      <h2>{brief}</h2>
      {error && <p class="problem">{error}</p>}
      <ul class="strip">
        {molecules.map((m) => (
          <li key={m.smiles} style={{ '--lead': colour(m.odor[0]?.name ?? '') }}>
            <Structure smiles={m.smiles} query="width=170&height=110" />
            <b>{nameOf(m)}</b>
            <span class="fine">
              {percent(m.score)} · {m.note}, {hours(m.longevity_hours)}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

export function Batch() {
  const { text, count, job, results, away, problem, fileProblem } = batch.use();
  const input = useRef<HTMLInputElement>(null);
  const running = isUnderWay(job);
  const briefs = readBriefs(text, false).length;
  const answers = results.map(answered);
  useEffect(() => {
    const listen = () => void heed(location.hash);
    listen();
    window.addEventListener('hashchange', listen);
    return () => window.removeEventListener('hashchange', listen);
  }, []);
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
            <button type="button" onClick={() => void cancel()}>
              Cancel
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
        {job && (
          <div class="progress" role="status">
            <progress max={job.total} value={job.done} aria-label="Briefs done" />
            <span>
              {job.done} of {job.total} briefs
              {job.failed > 0 ? `, ${job.failed} without an answer` : ''}
              {running && job.remaining_seconds ? `, about ${plain(job.remaining_seconds, 0)} s to go` : ''}
              {away ? '; the server does not answer, trying again' : (kEndings[job.status] ?? '')}
            </span>
          </div>
        )}
        {answers.length > 0 && !running && <Exports answers={answers} />}
        {results.map((result, at) => (
          <Answer key={result.index} {...answers[at]!} />
        ))}
        {!job && (
          <div class="empty">
            <p>
              Each result comes as soon as it is ready. The server goes on when this page is closed, and the page&rsquo;s address leads
              back to the results.
            </p>
          </div>
        )}
      </section>
    </div>
  );
}
