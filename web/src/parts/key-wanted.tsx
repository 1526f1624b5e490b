// Asks for an API key when the server wants one. It is kept until the tab is closed.
import { useEffect, useState } from 'preact/hooks';
import { onKeyWanted, setApiKey } from '../api';
import { Dialog } from './dialog';

export function KeyWanted() {
  const [wanted, setWanted] = useState<{ refused: boolean; done: ((given: boolean) => void)[] }>();
  const [key, setKey] = useState('');
  useEffect(() => {
    onKeyWanted(
      (refused) =>
        new Promise<void>((resolve, reject) => {
          const done = (given: boolean) => (given ? resolve() : reject(new Error('the server wants an API key')));
          setWanted((before) => ({ refused, done: [...(before?.done ?? []), done] }));
        }),
    );
  }, []);
  if (!wanted) return null;
  const finish = (given: boolean) => {
    setWanted(undefined);
    for (const done of wanted.done) done(given);
  };
  return (
    <Dialog title="This server wants a key" label="API key" onClose={() => finish(false)}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          setApiKey(key.trim());
          finish(true);
        }}
      >
        <label class="option">
          <span>API key</span>
          <input
            type="password"
            autocomplete="off"
            required
            value={key}
            aria-invalid={wanted.refused ? true : undefined}
            aria-describedby="key-note"
            onInput={(event) => setKey(event.currentTarget.value)}
          />
        </label>
        <p id="key-note" class={wanted.refused ? 'problem' : 'fine'}>
          {wanted.refused ? 'The server did not take that key.' : 'It stays in this tab and goes to this server only.'}
        </p>
        <div class="actions">
          <button type="submit" class="main">
            Use it
          </button>
        </div>
      </form>
    </Dialog>
  );
}
