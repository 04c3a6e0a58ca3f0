import {
  Activity,
  BookOpen,
  Bot,
  Boxes,
  Building2,
  Cable,
  ChartColumn,
  CircleCheckBig,
  Database,
  History,
  KeyRound,
  LayoutDashboard,
  Settings,
  Users,
  Webhook,
  type LucideIcon,
} from 'lucide-react';
import type { AdminRouteId } from '../api/call.js';

export interface NavEntry {
  readonly path: string;
  readonly label: string;
  readonly icon: LucideIcon;
  /** The route without which the page has nothing to show: whoever may not call it does not see the page. */
  readonly needs: AdminRouteId;
  /** Further words by which it is found. */
  readonly words?: string;
}

interface NavGroup {
  readonly label: string;
  readonly entries: readonly NavEntry[];
}

/** The pages of the console, in the order of the menu. */
export const navigation: readonly NavGroup[] = [
  {
    label: 'Operate',
    entries: [
      { path: '/', label: 'Overview', icon: LayoutDashboard, needs: 'usage.groups', words: 'home start dashboard' },
      { path: '/requests', label: 'Requests', icon: Activity, needs: 'requests.list', words: 'log calls tail errors' },
      {
        path: '/usage',
        label: 'Usage and budgets',
        icon: ChartColumn,
        needs: 'usage.groups',
        words: 'cost money tokens statement prices',
      },
      { path: '/approvals', label: 'Approvals', icon: CircleCheckBig, needs: 'approvals.list', words: 'held waiting' },
    ],
  },
  {
    label: 'Build',
    entries: [
      { path: '/keys', label: 'Keys', icon: KeyRound, needs: 'keys.list', words: 'secret gtak scopes' },
      { path: '/agents', label: 'Agents', icon: Bot, needs: 'agents.list', words: 'alias endpoint publish model' },
      { path: '/connections', label: 'Connections', icon: Cable, needs: 'connections.list', words: 'provider upstream' },
      { path: '/datasets', label: 'Datasets', icon: Database, needs: 'datasets.list', words: 'files documents' },
      { path: '/runbooks', label: 'Runbooks', icon: BookOpen, needs: 'runbooks.list', words: 'products integrations' },
    ],
  },
  {
    label: 'Manage',
    entries: [
      { path: '/members', label: 'Members', icon: Users, needs: 'members.list', words: 'people roles invite sessions' },
      { path: '/audit', label: 'Audit', icon: History, needs: 'audit.list', words: 'changes history' },
      { path: '/webhooks', label: 'Webhooks', icon: Webhook, needs: 'webhooks.list', words: 'events deliveries' },
      { path: '/settings', label: 'Settings', icon: Settings, needs: 'tenants.get', words: 'limits retention tenant' },
    ],
  },
  {
    label: 'Platform',
    entries: [
      { path: '/operator/tenants', label: 'Tenants', icon: Building2, needs: 'tenants.list', words: 'operator suspend' },
      { path: '/operator/platform', label: 'Platform', icon: Boxes, needs: 'jobs.list', words: 'operator queue workers sealing' },
    ],
  },
];
