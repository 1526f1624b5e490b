import { render } from 'preact';
render(<h1>OdorDiff studio</h1>, document.getElementById('studio')!);
