import { useSyncExternalStore } from 'react';

export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

const place = 'gt-theme';
const system = matchMedia('(prefers-color-scheme: dark)');
const hearers = new Set<() => void>();

const chosen = (): Theme => themes.find((theme) => theme === localStorage.getItem(place)) ?? 'system';

function show(): void {
  const theme = chosen();
  document.documentElement.dataset['theme'] = theme === 'system' ? (system.matches ? 'dark' : 'light') : theme;
  for (const hear of hearers) hear();
}

/** Shows the page as it was chosen, or as the system is set. */
export function beginTheme(): void {
  show();
  system.addEventListener('change', show);
}

export function chooseTheme(theme: Theme): void {
  localStorage.setItem(place, theme);
  show();
}

const subscribe = (hear: () => void) => {
  hearers.add(hear);
  return () => void hearers.delete(hear);
};

/** What was chosen, and how it looks now. */
export function useTheme(): { readonly theme: Theme; readonly isDark: boolean } {
  const theme = useSyncExternalStore(subscribe, chosen);
  const isDark = useSyncExternalStore(subscribe, () => document.documentElement.dataset['theme'] === 'dark');
  return { theme, isDark };
}
