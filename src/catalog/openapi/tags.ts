import { adminRouteIds, adminRouteRow } from '../admin-routes.js';
import { routeGroups, type RouteGroup } from '../route-row.js';
import type { Json } from './json.js';

/** What the routes of a group are for. */
const groups: Readonly<Record<RouteGroup, string>> = {
  models: 'The names that a key may put into `model`.',
  chat: 'Chat completions and legacy completions, and the stored ones.',
  responses: 'The Responses API: over HTTP, as a stream, over a WebSocket and in the background.',
  embeddings: 'Vectors of texts.',
  moderations: 'Judges texts and images.',
  images: 'Makes and edits images.',
  audio: 'Speech from text and text from speech.',
  conversations: 'Conversations of the key, their items and their files.',
  datasets: "The tenant's collections of documents: what a key may search and fill.",
  files: 'Files, their contents and how far their processing is.',
  uploads: 'Large files in parts.',
  batches: 'Many requests in one file, run by the platform.',
  vector_stores: "OpenAI's vector stores over files of `POST /files`.",
  fine_tuning: 'Fine-tuning jobs and the models that they make.',
  harbor: 'The manifest from which Harbor makes its actions.',
  approvals: 'Calls that are held until somebody approves them.',
  account: 'The key itself: its rights and its usage.',
};

/** What the resources of the admin plane are, by the first word of their paths. */
const resources: Readonly<Record<string, string>> = {
  tenants: 'Customers. Each owns everything else.',
  erasures: 'Tenants of which nothing is to be left.',
  'sign-in': 'How people come in: passwords and links.',
  oidc: "A tenant's own sign-in.",
  session: 'Who is signed in: the own session, password and second factor.',
  sessions: 'Who is signed in to a tenant.',
  members: "A tenant's people and their roles.",
  'admin-tokens': 'Tokens of members for this plane.',
  'operator-tokens': 'Tokens of operators.',
  connections: "A tenant's links to providers, their tests and their logins.",
  providers: 'The providers that a new connection can name.',
  datasets: 'Collections of documents: their settings and what fills them.',
  files: 'Files of a tenant.',
  jobs: 'Work that waits for the workers.',
  usage: 'Recorded calls to providers.',
  audit: 'Who changed what in a tenant.',
  'operator-audit': 'What operators changed outside of all tenants.',
  agents: 'Instructions with models. Publishing makes a revision.',
  endpoints: 'The names that clients may put into `model`.',
  keys: 'Keys of the data plane: their rights, their life and why they may or may not make a call.',
  'approval-links': 'Links by which members decide on held calls.',
  'key-report': 'What should be looked after at keys.',
  'key-activity': 'How busy keys are.',
  presets: 'What keys are made from: a purpose and scopes.',
  prices: 'What providers take for their models.',
  'tenant-prices': 'What differs for a tenant, and what is put on a cost.',
  budgets: "What a tenant's calls may take, and what is left of it.",
  ledger: 'What budgets reserved for calls and what those took, and the proof that it adds up.',
  runbooks: 'How third-party products are set up, filled in for the tenant.',
  'runbook-runs': 'Verifications of runbooks by workers, step by step.',
  apply: 'Makes tenants match a file.',
  export: 'Shows tenants as a file.',
  'sealing-keys': 'The keys that seal what is secret.',
  webhooks: 'Where a tenant is told of events.',
};

/** The tag of a route of the admin plane: its resource. */
export function adminTag(path: string): string {
  return `admin: ${resourceOf(path)}`;
}

/** The tag of what belongs to no plane. */
export const systemTag = 'system';

/** Every tag with its description, in the order in which a reader shows them. */
export function tags(): Json[] {
  const used = [...new Set(adminRouteIds.map((id) => resourceOf(adminRouteRow(id).path)))];
  return [
    ...routeGroups.map((name) => ({ name, description: groups[name] })),
    ...used.map((name) => ({
      name: `admin: ${name}`,
      description: resources[name] ?? `What stands below /api/admin/v1/${name}.`,
    })),
    { name: systemTag, description: 'Health, metrics and this description. They belong to no plane.' },
  ];
}

function resourceOf(path: string): string {
  return path.split('/')[1] ?? '';
}
