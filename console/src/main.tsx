import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { Tooltip } from 'radix-ui';
import { StrictMode, type CSSProperties } from 'react';
import { createRoot } from 'react-dom/client';
import { Toaster } from 'sonner';
import { ApiFault } from './api/fault.js';
import { queryClient } from './api/queries.js';
import { router } from './app/router.js';
import { beginTheme, useTheme } from './app/theme.js';
import './styles.css';

const reloaded = 'gt-reloaded';

// An update of the platform takes the files of the build before it away: the page is loaded again, once.
addEventListener('vite:preloadError', (event) => {
  if (sessionStorage.getItem(reloaded) === location.href) return;
  event.preventDefault();
  sessionStorage.setItem(reloaded, location.href);
  location.reload();
});

// A session that has ended: whoever signs in again comes back to the same place.
const leave = (error: unknown) => {
  const { pathname, href } = router.state.location;
  if (error instanceof ApiFault && error.status === 401 && pathname !== '/sign-in' && pathname !== '/welcome') {
    queryClient.clear();
    void router.navigate({ to: '/sign-in', search: { to: href } });
  }
};
queryClient.getQueryCache().subscribe(({ type, query }) => {
  if (type === 'updated' && query.state.status === 'error') leave(query.state.error);
});
queryClient.getMutationCache().subscribe(({ mutation }) => {
  if (mutation?.state.status === 'error') leave(mutation.state.error);
});

/** Those of the pages: the library's own green is too pale to be read on its ground. */
const toastColours = {
  '--success-bg': 'var(--good-soft)',
  '--success-border': 'var(--line-strong)',
  '--success-text': 'var(--good)',
  '--error-bg': 'var(--bad-soft)',
  '--error-border': 'var(--line-strong)',
  '--error-text': 'var(--bad)',
} as CSSProperties;

function Console() {
  const { isDark } = useTheme();
  return (
    <QueryClientProvider client={queryClient}>
      <Tooltip.Provider delayDuration={300}>
        <RouterProvider router={router} />
        <Toaster theme={isDark ? 'dark' : 'light'} position="bottom-right" richColors closeButton style={toastColours} />
      </Tooltip.Provider>
    </QueryClientProvider>
  );
}

beginTheme();
const place = document.getElementById('root');
if (place !== null)
  createRoot(place).render(
    <StrictMode>
      <Console />
    </StrictMode>,
  );
