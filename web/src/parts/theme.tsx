// Light or dark: as the system says, until somebody chooses.
import { useLayoutEffect, useState } from 'preact/hooks';

const kName = 'odordiff-theme';
const system = matchMedia('(prefers-color-scheme: dark)');

export function ThemeSwitch() {
  const [chosen, choose] = useState(localStorage.getItem(kName));
  const [systemDark, follow] = useState(system.matches);
  useLayoutEffect(() => {
    const change = () => follow(system.matches);
    change();
    system.addEventListener('change', change);
    return () => system.removeEventListener('change', change);
  }, []);
  const dark = chosen ? chosen === 'dark' : systemDark;
  // Before the next paint, so that no frame is shown in the other colours.
  useLayoutEffect(() => {
    document.documentElement.dataset['theme'] = dark ? 'dark' : 'light';
  }, [dark]);
  return (
    <button
      type="button"
      class="quiet theme"
      aria-pressed={dark}
      aria-label="Dark"
      onClick={() => {
        const next = dark ? 'light' : 'dark';
        localStorage.setItem(kName, next);
        choose(next);
      }}
    >
      <svg viewBox="0 0 24 24" aria-hidden="true">
        <circle cx="12" cy="12" r="8" fill="none" stroke="currentColor" stroke-width="1.6" />
        <path d="M12 4a8 8 0 0 1 0 16z" fill="currentColor" />
      </svg>
    </button>
  );
}
