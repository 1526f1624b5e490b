// A molecule in space, to turn and zoom. The viewer is large, so it is fetched only when somebody looks.
import { useEffect, useRef, useState } from 'preact/hooks';
import { getText, inWords, molecule } from '../api';
import { save } from '../exports';
import { load } from '../load';

const kStyles = {
  sticks: { stick: { radius: 0.13 }, sphere: { scale: 0.24 } },
  spheres: { sphere: {} },
  lines: { line: { linewidth: 2 } },
};
type Style = keyof typeof kStyles;
type Viewers = typeof import('3dmol');
type Viewer = ReturnType<Viewers['createViewer']>;

export function Space({ smiles }: { smiles: string }) {
  const holder = useRef<HTMLDivElement>(null);
  const viewer = useRef<Viewer>();
  const [state, setState] = useState<'loading' | 'ready' | 'failed'>('loading');
  const [record, setRecord] = useState('');
  const [problem, setProblem] = useState('');
  const [style, setStyle] = useState<Style>('sticks');
  const [spinning, spin] = useState(false);

  useEffect(() => {
    let current = true;
    setState('loading');
    setRecord('');
    (async () => {
      const [found] = await Promise.all([getText(molecule(smiles, '.sdf?dimensions=3')), load(vendored.viewer3d)]);
      if (!current || !holder.current) return;
      const made = (window as unknown as { $3Dmol: Viewers }).$3Dmol.createViewer(holder.current, { backgroundAlpha: 0, antialias: true });
      if (!made) throw new Error('this browser cannot draw in three dimensions (WebGL is off)');
      made.addModel(found, 'sdf');
      setRecord(found);
      made.setStyle({}, kStyles.sticks);
      made.zoomTo();
      made.render();
      viewer.current = made;
      setState('ready');
    })().catch((error) => {
      if (!current) return;
      setProblem(inWords(error));
      setState('failed');
    });
    return () => {
      current = false;
      viewer.current?.spin(false);
      viewer.current?.removeAllModels();
      viewer.current = undefined;
    };
  }, [smiles]);

  useEffect(() => {
    viewer.current?.setStyle({}, kStyles[style]);
    viewer.current?.render();
  }, [style, state]);
  useEffect(() => void viewer.current?.spin(spinning ? 'y' : false, 0.6), [spinning, state]);

  const turn = (x: number, y: number) => {
    viewer.current?.rotate(x, 'x');
    viewer.current?.rotate(y, 'y');
  };
  const keys: Record<string, () => void> = {
    ArrowLeft: () => turn(0, -15),
    ArrowRight: () => turn(0, 15),
    ArrowUp: () => turn(-15, 0),
    ArrowDown: () => turn(15, 0),
    '+': () => viewer.current?.zoom(1.2),
    '-': () => viewer.current?.zoom(1 / 1.2),
  };
  return (
    <div class="space" data-state={state}>
      <div
        class="space-view"
        ref={holder}
        tabIndex={0}
        role="application"
        aria-label={`Shape of ${smiles}. Arrows turn it, plus and minus zoom.`}
        onKeyDown={(event) => {
          const act = keys[event.key];
          if (act) {
            event.preventDefault();
            act();
          }
        }}
      />
      {state === 'loading' && (
        <p class="waiting" role="status">
          Finding its shape…
        </p>
      )}
      {state === 'failed' && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      <div class="space-tools" role="group" aria-label="View">
        {(Object.keys(kStyles) as Style[]).map((name) => (
          <button type="button" class="quiet" aria-pressed={style === name} onClick={() => setStyle(name)}>
            {name}
          </button>
        ))}
        <button type="button" class="quiet" aria-pressed={spinning} onClick={() => spin(!spinning)}>
          turn
        </button>
        <button type="button" class="quiet" disabled={!record} onClick={() => save('molecule-3d.sdf', 'chemical/x-mdl-sdfile', record)}>
          SDF
        </button>
      </div>
      <p class="fine">One of many shapes that it takes, by RDKit's ETKDG and the MMFF94 force field.</p>
    </div>
  );
}
