// The page /molecules/{smiles}/visualize.
import { render } from 'preact';
import './styles';
import { KeyWanted } from './parts/key-wanted';
import { Space } from './parts/space';
import { Structure } from './parts/structure';
import { ThemeSwitch } from './parts/theme';

const smiles = decodeURIComponent(location.pathname.split('/').at(-2) ?? '');
document.title = `${smiles} in space · OdorDiff`;

render(
  <>
    <header class="masthead">
      <a class="wordmark" href="/" aria-label="OdorDiff studio">
        Odor<span>Diff</span>
      </a>
      <span class="grow" />
      <ThemeSwitch />
    </header>
    <main class="molecule-page">
      <h1>A molecule in space</h1>
      <code>{smiles}</code>
      <div class="molecule-page-parts">
        <Space smiles={smiles} />
        <Structure smiles={smiles} query="width=360&height=260" />
      </div>
    </main>
    <KeyWanted />
  </>,
  document.getElementById('molecule')!,
);
