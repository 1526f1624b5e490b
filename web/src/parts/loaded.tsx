// What comes from the server later: a line while it is on its way, the problem in words when it fails.
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { inWords } from '../api';

export function Loaded<T>(props: {
  load: (signal: AbortSignal) => Promise<T>;
  on: unknown[];
  waiting: string;
  children: (value: T) => ComponentChildren;
}) {
  const [state, set] = useState<{ value?: T; problem?: string }>({});
  useEffect(() => {
    const control = new AbortController();
    set({});
    props.load(control.signal).then(
      (value) => !control.signal.aborted && set({ value }),
      (error) => !control.signal.aborted && set({ problem: inWords(error) }),
    );
    return () => control.abort();
  }, props.on);
  if (state.problem) return <p class="problem" role="alert">{state.problem}</p>;
  if (state.value === undefined) return <p class="waiting" role="status">{props.waiting}</p>;
  return <>{props.children(state.value)}</>;
}
