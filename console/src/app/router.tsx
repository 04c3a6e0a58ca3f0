import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Link,
  Outlet,
  redirect,
  useRouter,
  type ErrorComponentProps,
} from '@tanstack/react-router';
import { Compass } from 'lucide-react';
import { ApiFault } from '../api/fault.js';
import { buttonClasses } from '../ui/button.js';
import { Loading } from '../ui/loading.js';
import { Empty, Page } from '../ui/panel.js';
import { Trouble } from '../ui/trouble.js';
import { readSession } from './session.js';
import { Shell } from './shell.js';

const root = createRootRoute({ component: Outlet, notFoundComponent: NotFound });

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  component: lazyRouteComponent(() => import('../pages/sign-in/sign-in-page.js'), 'SignInPage'),
});

const welcome = createRoute({
  getParentRoute: () => root,
  path: '/welcome',
  component: lazyRouteComponent(() => import('../pages/sign-in/welcome-page.js'), 'WelcomePage'),
});

const approvalLink = createRoute({
  getParentRoute: () => root,
  path: '/approval-link',
  component: lazyRouteComponent(() => import('../pages/approvals/approval-link-page.js'), 'ApprovalLinkPage'),
});

/** All pages that need somebody who is signed in. Whoever is not comes back to where they wanted to be. */
const inside = createRoute({
  getParentRoute: () => root,
  id: 'inside',
  beforeLoad: async ({ location }) => {
    if ((await readSession()) === null) throw redirect({ to: '/sign-in', search: { to: location.href } });
  },
  component: Shell,
  errorComponent: Failed,
});

const page = (path: string, component: ReturnType<typeof lazyRouteComponent>) =>
  createRoute({ getParentRoute: () => inside, path, component });

/** The pages, each a file of its own that is loaded when it is opened. */
const pages = [
  page(
    '/usage',
    lazyRouteComponent(() => import('../pages/usage/usage-page.js'), 'UsagePage'),
  ),
  page(
    '/',
    lazyRouteComponent(() => import('../pages/overview/overview-page.js'), 'OverviewPage'),
  ),
  page(
    '/requests',
    lazyRouteComponent(() => import('../pages/requests/requests-page.js'), 'RequestsPage'),
  ),
  page(
    '/requests/$id',
    lazyRouteComponent(() => import('../pages/requests/request-page.js'), 'RequestPage'),
  ),
  page(
    '/operator/platform',
    lazyRouteComponent(() => import('../pages/operator/platform-page.js'), 'PlatformPage'),
  ),
  page(
    '/operator/tenants',
    lazyRouteComponent(() => import('../pages/operator/tenants-page.js'), 'TenantsPage'),
  ),
  page(
    '/settings',
    lazyRouteComponent(() => import('../pages/settings/settings-page.js'), 'SettingsPage'),
  ),
  page(
    '/webhooks/$id',
    lazyRouteComponent(() => import('../pages/webhooks/webhook-page.js'), 'WebhookPage'),
  ),
  page(
    '/webhooks',
    lazyRouteComponent(() => import('../pages/webhooks/webhooks-page.js'), 'WebhooksPage'),
  ),
  page(
    '/audit',
    lazyRouteComponent(() => import('../pages/audit/audit-page.js'), 'AuditPage'),
  ),
  page(
    '/account',
    lazyRouteComponent(() => import('../pages/account/account-page.js'), 'AccountPage'),
  ),
  page(
    '/members',
    lazyRouteComponent(() => import('../pages/members/members-page.js'), 'MembersPage'),
  ),
  page(
    '/approvals',
    lazyRouteComponent(() => import('../pages/approvals/approvals-page.js'), 'ApprovalsPage'),
  ),
  page(
    '/runbooks',
    lazyRouteComponent(() => import('../pages/runbooks/runbooks-page.js'), 'RunbooksPage'),
  ),
  page(
    '/runbooks/$id',
    lazyRouteComponent(() => import('../pages/runbooks/runbook-page.js'), 'RunbookPage'),
  ),
  page(
    '/keys',
    lazyRouteComponent(() => import('../pages/keys/keys-page.js'), 'KeysPage'),
  ),
  page(
    '/keys/new',
    lazyRouteComponent(() => import('../pages/keys/new-key-page.js'), 'NewKeyPage'),
  ),
  page(
    '/keys/$id',
    lazyRouteComponent(() => import('../pages/keys/key-page.js'), 'KeyPage'),
  ),
  page(
    '/datasets',
    lazyRouteComponent(() => import('../pages/datasets/datasets-page.js'), 'DatasetsPage'),
  ),
  page(
    '/datasets/$id',
    lazyRouteComponent(() => import('../pages/datasets/dataset-page.js'), 'DatasetPage'),
  ),
  page(
    '/connections',
    lazyRouteComponent(() => import('../pages/connections/connections-page.js'), 'ConnectionsPage'),
  ),
  page(
    '/connections/new',
    lazyRouteComponent(() => import('../pages/connections/new-connection-page.js'), 'NewConnectionPage'),
  ),
  page(
    '/connections/$id',
    lazyRouteComponent(() => import('../pages/connections/connection-page.js'), 'ConnectionPage'),
  ),
  page(
    '/agents',
    lazyRouteComponent(() => import('../pages/agents/agents-page.js'), 'AgentsPage'),
  ),
  page(
    '/agents/new',
    lazyRouteComponent(() => import('../pages/agents/new-agent-page.js'), 'NewAgentPage'),
  ),
  page(
    '/agents/$id',
    lazyRouteComponent(() => import('../pages/agents/agent-page.js'), 'AgentPage'),
  ),
];

export const router = createRouter({
  routeTree: root.addChildren([signIn, welcome, approvalLink, inside.addChildren(pages)]),
  basepath: '/console',
  defaultPreload: 'intent',
  defaultPendingComponent: () => <Loading />,
  defaultErrorComponent: Failed,
  scrollRestoration: true,
});

function NotFound() {
  return (
    <Page title="Not found">
      <Empty
        icon={Compass}
        title="There is no page at this address."
        action={
          <Link to="/" className={buttonClasses()}>
            Go to the overview
          </Link>
        }
      />
    </Page>
  );
}

function Failed({ error, reset }: ErrorComponentProps) {
  const own = useRouter();
  if (error instanceof ApiFault && error.status === 401)
    void own.navigate({ to: '/sign-in', search: { to: own.state.location.href } });
  const retry = () => {
    reset();
    void own.invalidate();
  };
  return (
    <Page title="This page cannot be shown">
      <Trouble error={error} onRetry={retry} />
    </Page>
  );
}
