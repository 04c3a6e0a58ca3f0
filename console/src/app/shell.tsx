import { Link, Outlet, useNavigate, useRouterState } from '@tanstack/react-router';
import { LogOut, Menu as MenuIcon, Monitor, Moon, Search, ShieldUser, Sun, UserRound, X } from 'lucide-react';
import { lazy, Suspense, useEffect, useState } from 'react';
import { actIn, actingTenant } from '../api/tenant.js';
import { call } from '../api/call.js';
import { queryClient } from '../api/queries.js';
import { Button, IconButton } from '../ui/button.js';
import { classes } from '../ui/classes.js';
import { Menu, MenuItem } from '../ui/menu.js';
import { navigation } from './nav.js';
import { forgetSession, useMay, useSession } from './session.js';
import { chooseTheme, useTheme } from './theme.js';

const Palette = lazy(async () => ({ default: (await import('./palette.js')).Palette }));

const themeIcons = { system: Monitor, light: Sun, dark: Moon } as const;
const nextTheme = { system: 'light', light: 'dark', dark: 'system' } as const;

/** What stands around every page: the menu, the search, and who is signed in. */
export function Shell() {
  const [isMenuOpen, openMenu] = useState(false);
  const [isPaletteOpen, openPalette] = useState(false);
  const { pathname } = useRouterState({ select: (state) => state.location });
  useEffect(() => openMenu(false), [pathname]);
  useEffect(() => {
    const hear = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() === 'k' && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        openPalette((open) => !open);
      } else if (event.key === '/' && !event.ctrlKey && !event.metaKey && !isTyping(event.target)) {
        const field = document.querySelector<HTMLInputElement>('[data-search]');
        event.preventDefault();
        if (field === null) openPalette(true);
        else field.focus();
      }
    };
    addEventListener('keydown', hear);
    return () => removeEventListener('keydown', hear);
  }, []);
  return (
    <div className="flex min-h-dvh flex-col md:flex-row">
      <a
        href="#main"
        className="sr-only focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-50 focus:bg-surface focus:px-3 focus:py-2"
      >
        Skip to the content
      </a>
      <header className="sticky top-0 z-30 flex h-13 items-center gap-1 border-b border-line bg-surface px-3 md:hidden">
        <IconButton
          icon={isMenuOpen ? X : MenuIcon}
          label={isMenuOpen ? 'Close the menu' : 'Open the menu'}
          onClick={() => openMenu(!isMenuOpen)}
        />
        <Brand />
        <IconButton icon={Search} label="Search" className="ml-auto" onClick={() => openPalette(true)} />
      </header>
      <aside
        className={classes(
          'z-20 w-full shrink-0 flex-col border-line bg-surface md:sticky md:top-0 md:flex md:h-dvh md:w-58 md:border-r',
          isMenuOpen ? 'fixed inset-x-0 top-13 bottom-0 flex' : 'hidden',
        )}
      >
        <div className="hidden h-14 items-center px-4 md:flex">
          <Brand />
        </div>
        <div className="hidden px-3 pb-2 md:block">
          <button
            type="button"
            onClick={() => openPalette(true)}
            className="flex h-9 w-full items-center gap-2 rounded-md border border-line-strong bg-canvas px-2.5 text-sm text-muted hover:text-ink"
          >
            <Search className="size-4" aria-hidden />
            <span className="flex-1 text-left">Search</span>
            <kbd className="font-sans text-xs">Ctrl K</kbd>
          </button>
        </div>
        <Navigation />
        <Account />
      </aside>
      <div className="flex min-w-0 flex-1 flex-col">
        <ActingBanner />
        <main id="main" tabIndex={-1} className="min-w-0 flex-1 outline-none">
          <Outlet />
        </main>
      </div>
      {isPaletteOpen && (
        <Suspense>
          <Palette open onOpenChange={openPalette} />
        </Suspense>
      )}
    </div>
  );
}

const isTyping = (target: EventTarget | null) =>
  target instanceof Element && target.closest('input,textarea,select,[contenteditable]') !== null;

const Brand = () => (
  <Link to="/" className="flex items-center gap-2 rounded font-semibold tracking-tight">
    <img src="/console/icon.svg" alt="" className="size-6" />
    GT console
  </Link>
);

function Navigation() {
  const may = useMay();
  const session = useSession();
  const isOutside = session.tenant === null && actingTenant() === undefined;
  return (
    <nav aria-label="Pages" className="min-h-0 flex-1 overflow-y-auto px-3 pb-4">
      {navigation.map(({ label, entries }) => {
        const shown = entries.filter(({ needs }) => may(needs) && !(isOutside && label !== 'Platform'));
        return shown.length === 0 ? null : (
          <div key={label} className="mt-3">
            <h2 className="px-2 pb-1 text-xs font-medium text-muted">{label}</h2>
            <ul>
              {shown.map(({ path, label: name, icon: Icon }) => (
                <li key={path}>
                  <Link
                    to={path}
                    activeOptions={{ exact: path === '/' }}
                    className="flex h-8 items-center gap-2.5 rounded-md px-2 text-sm text-muted hover:bg-sunken hover:text-ink aria-[current=page]:bg-accent-soft aria-[current=page]:font-medium aria-[current=page]:text-accent-text"
                  >
                    <Icon className="size-4 shrink-0" aria-hidden />
                    {name}
                  </Link>
                </li>
              ))}
            </ul>
          </div>
        );
      })}
    </nav>
  );
}

function Account() {
  const { name, role, tenant } = useSession();
  const { theme } = useTheme();
  const navigate = useNavigate();
  const signOut = async () => {
    await call('session.end').catch(() => undefined);
    // First away from here: a page without its session has nothing to show.
    await navigate({ to: '/sign-in' });
    actIn(undefined);
    forgetSession();
  };
  return (
    <div className="flex items-center gap-1 border-t border-line px-3 py-2">
      <div className="min-w-0 flex-1 px-1">
        <p className="truncate text-sm font-medium" title={name}>
          {name}
        </p>
        <p className="truncate text-xs text-muted">{[role, tenant ?? 'platform'].join(' · ')}</p>
      </div>
      <IconButton icon={themeIcons[theme]} label={`Theme: ${theme}`} onClick={() => chooseTheme(nextTheme[theme])} />
      <Menu label="Your account">
        <MenuItem icon={UserRound} onSelect={() => void navigate({ to: '/account' })}>
          Your account
        </MenuItem>
        <MenuItem icon={LogOut} onSelect={() => void signOut()}>
          Sign out
        </MenuItem>
      </Menu>
    </div>
  );
}

/** An operator who acts in a tenant sees it on every page. */
function ActingBanner() {
  const session = useSession();
  const tenant = actingTenant();
  const navigate = useNavigate();
  if (session.tenant !== null || tenant === undefined) return null;
  const leave = async () => {
    actIn(undefined);
    queryClient.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'session.get' });
    await navigate({ to: '/operator/tenants' });
  };
  return (
    <div className="flex flex-wrap items-center gap-2 border-b border-line bg-warn-soft px-4 py-1.5 text-sm text-warn">
      <ShieldUser className="size-4" aria-hidden />
      <span className="flex-1">
        You act as an operator in the tenant <strong>{tenant}</strong>. What you change stands in its audit under your name.
      </span>
      <Button className="h-7" onClick={() => void leave()}>
        Leave
      </Button>
    </div>
  );
}
