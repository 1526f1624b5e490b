// Tabs as the ARIA authoring practices describe them: arrows move, Home and End jump.
import type { ComponentChildren } from 'preact';
import { useId, useRef, useState } from 'preact/hooks';

export interface Tab {
  name: string;
  panel: () => ComponentChildren;
}

export function Tabs(props: { label: string; tabs: Tab[] }) {
  const [chosen, choose] = useState(0);
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const go = (index: number) => {
    const next = (index + props.tabs.length) % props.tabs.length;
    choose(next);
    (list.current?.children[next] as HTMLElement | undefined)?.focus();
  };
  const keys: Record<string, () => void> = {
    ArrowRight: () => go(chosen + 1),
    ArrowLeft: () => go(chosen - 1),
    Home: () => go(0),
    End: () => go(props.tabs.length - 1),
  };
  return (
    <>
      <div
        class="tabs"
        role="tablist"
        aria-label={props.label}
        ref={list}
        onKeyDown={(event) => {
          const act = keys[event.key];
          if (act) {
            event.preventDefault();
            act();
          }
        }}
      >
        {props.tabs.map((tab, i) => (
          <button
            type="button"
            role="tab"
            id={`${id}-tab-${i}`}
            aria-controls={`${id}-panel`}
            aria-selected={i === chosen}
            tabIndex={i === chosen ? 0 : -1}
            onClick={() => choose(i)}
          >
            {tab.name}
          </button>
        ))}
      </div>
      <div class="tab-panel" role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-tab-${chosen}`} tabIndex={0} key={chosen}>
        {props.tabs[chosen]!.panel()}
      </div>
    </>
  );
}
