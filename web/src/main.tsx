// The studio: a header, and one of four views, chosen by what stands behind the # of the address.
import { render } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import './styles';
import { CompareShelf } from './parts/compare';
import { KeyWanted } from './parts/key-wanted';
import { ThemeSwitch } from './parts/theme';
import { Batch } from './views/batch';
import { Compose } from './views/compose';
import { DesignView } from './views/design';
import { Operations } from './views/operations';

const kViews = [
  { path: '#/', name: 'Compose', view: Compose },
  { path: '#/design', name: 'Design', view: DesignView },
  { path: '#/batch', name: 'Batch', view: Batch },
  { path: '#/operations', name: 'Operations', view: Operations },
];

const viewAt = (hash: string) => kViews.find(({ path }) => hash === path || hash.startsWith(`${path}/`)) ?? kViews[0]!;

function Studio() {
  const [view, setView] = useState(viewAt(location.hash));
  const main = useRef<HTMLElement>(null);
  useEffect(() => {
    const turn = () => {
      setView(viewAt(location.hash));
      window.scrollTo({ top: 0 });
      main.current?.focus();
    };
    window.addEventListener('hashchange', turn);
    return () => window.removeEventListener('hashchange', turn);
  }, []);
  useEffect(() => void (document.title = `${view.name} · OdorDiff studio`), [view]);
  const View = view.view;
  return (
    <>
      <a
        class="skip"
        href="#main"
        onClick={(event) => {
          event.preventDefault();
          main.current?.focus();
        }}
      >
        To the content
      </a>
      <header class="masthead">
        <a class="wordmark" href="#/" aria-label="OdorDiff studio">
          Odor<span>Diff</span>
        </a>
        <nav aria-label="Views">
          {kViews.map(({ path, name }) => (
            <a href={path} aria-current={path === view.path ? 'page' : undefined}>
              {name}
            </a>
          ))}
        </nav>
        <ThemeSwitch />
      </header>
      <main id="main" ref={main} tabIndex={-1}>
        <View key={view.path} />
      </main>
      <CompareShelf />
      <KeyWanted />
      <footer class="colophon">
        <p>New molecules from words. What is shown are predictions of models, not promises of noses.</p>
        <p>
          <a href="/docs">API</a> <a href="/redoc">Reference</a> <a href={vendored.licences}>Licences</a>
        </p>
      </footer>
    </>
  );
}

render(<Studio />, document.getElementById('studio')!);
