import type { ConnectionSecrets } from '../../../modules/connections/connection-secrets.js';
import type { ConnectionWays } from '../../../modules/connections/connection-ways.js';
import type { LoginSecrets } from '../../../modules/connections/login/login-secrets.js';
import type { ConnectionPool } from '../../../platform/database/connection-pool.js';
import type { PlatformDatabase } from '../../../platform/database/platform-database.js';
import type { EgressPolicy } from '../../../platform/upstream/egress-policy.js';
import { found, skipped, well, type Check, type ServerDiagnosisId } from '../check.js';
import type { PlatformPlaces } from './platform.js';

const check = 'connections';
const pageRows = 500;
/** So many are named in a sentence. */
const mostNamed = 5;
/** What a process wrote of a connection counts for so long. */
const freshMs = 5 * 60_000;

type Rows = Awaited<ReturnType<typeof page>>;
type Row = Rows[number];

/** Looks at all connections as they are stored: no provider is called. */
export async function checkConnections(
  places: PlatformPlaces,
  pool: ConnectionPool,
  database: PlatformDatabase,
): Promise<Check[]> {
  const tools = await judges(places, pool);
  const faults = new Map<ServerDiagnosisId, string[]>();
  let count = 0;
  for (let rows = await page(database); rows.length > 0; rows = rows.length < pageRows ? [] : await page(database, rows.at(-1))) {
    count += rows.length;
    for (const row of rows) for (const id of await faultsOf(row, tools)) note(faults, id, `${row.name} (${row.tenant.slug})`);
  }
  const findings = [...faults].map(([id, names]) => found(check, id, told(names)));
  if (findings.length > 0) return findings;
  if (tools.secrets === null) return [skipped(check, 'GT_SECRET_KEYS is not set here, so their secrets cannot be tried.')];
  if (count === 0) return [well(check, 'there are none yet.')];
  const counted = count === 1 ? 'one, whose secret opens and whose' : `${count}, whose secrets open and whose`;
  const few = count === 1 ? 'address is' : 'addresses are';
  return [well(check, `${counted} ${few} allowed. No provider was called: "gt connection test" does that.`)];
}

function note(faults: Map<ServerDiagnosisId, string[]>, id: ServerDiagnosisId, name: string): void {
  const names = faults.get(id) ?? [];
  names.push(name);
  faults.set(id, names);
}

/** What opens the secrets of a connection, as calls open them. */
interface Openers {
  readonly own: ConnectionSecrets;
  readonly logins: LoginSecrets;
  readonly ways: ConnectionWays;
}

interface Judges {
  /** Null where the keys are not to be found. */
  readonly secrets: Openers | null;
  readonly policy: EgressPolicy;
  /** Origins that were judged already: many connections have the same. */
  readonly known: Map<string, boolean>;
}

async function judges({ secretKeys, privateUpstreams }: PlatformPlaces, pool: ConnectionPool): Promise<Judges> {
  const { EgressPolicy: Policy } = await import('../../../platform/upstream/egress-policy.js');
  const secrets = secretKeys === null ? null : await openers(secretKeys, pool);
  return { secrets, policy: new Policy(privateUpstreams), known: new Map() };
}

async function openers(secretKeys: string, pool: ConnectionPool): Promise<Openers> {
  const { ConnectionSecrets: Secrets } = await import('../../../modules/connections/connection-secrets.js');
  const { ConnectionWays: Ways } = await import('../../../modules/connections/connection-ways.js');
  const { LoginSecrets: Logins } = await import('../../../modules/connections/login/login-secrets.js');
  const { TenantDatabase } = await import('../../../platform/database/tenant-database.js');
  const { KeyRing } = await import('../../../platform/secrets/key-ring.js');
  const ring = new KeyRing(secretKeys.split(',').map((part) => part.trim()));
  return { own: new Secrets(ring), logins: new Logins(ring), ways: new Ways(ring, new TenantDatabase(pool)) };
}

/** What belongs to the connections is asked for in turn: a transaction has one connection to the database. */
function page(database: PlatformDatabase, after?: { readonly tenantId: string; readonly id: string }) {
  return database.run(async (tx) => {
    const rows = await tx.connection.findMany({
      orderBy: [{ tenantId: 'asc' }, { id: 'asc' }],
      take: pageRows,
      ...(after === undefined ? {} : { cursor: { tenantId_id: { tenantId: after.tenantId, id: after.id } }, skip: 1 }),
      include: { tenant: { select: { slug: true } } },
    });
    const id = { in: rows.map((row) => row.id) };
    const logins = await tx.connectionLogin.findMany({
      where: { id },
      select: { tenantId: true, id: true, state: true, clientSecret: true, tokens: true },
    });
    const states = await tx.connectionHealth.findMany({ where: { id } });
    const isOf = (row: { readonly tenantId: string; readonly id: string }) => (part: typeof row) =>
      part.tenantId === row.tenantId && part.id === row.id;
    return rows.map((row) => ({ ...row, login: logins.find(isOf(row)) ?? null, health: states.filter(isOf(row)) }));
  });
}

async function faultsOf(row: Row, { secrets, policy, known }: Judges): Promise<ServerDiagnosisId[]> {
  const ids: ServerDiagnosisId[] = [];
  if (secrets !== null && !opens(row, secrets)) ids.push('connection-sealed');
  if (row.authMode === 'oauth' && row.login?.state !== 'in') ids.push('connection-login-lost');
  if (!(await isAllowed(row.baseUrl, policy, known))) ids.push('connection-address-refused');
  if (isResting(row, Date.now())) ids.push('connection-failing');
  return ids;
}

function opens(row: Row, { own, logins, ways }: Openers): boolean {
  try {
    own.signingTokens(row);
    own.openHeaders(row);
    ways.openLogin(row);
    logins.openSecret(row, row.login?.clientSecret ?? null);
    logins.openTokens(row, row.login?.tokens ?? null);
    return true;
  } catch {
    return false;
  }
}

/** A process that has ended says nothing any more, so old words do not count. */
function isResting({ health }: Row, nowMs: number): boolean {
  return health.some(({ state, writtenAt }) => state === 'open' && nowMs - writtenAt.getTime() < freshMs);
}

async function isAllowed(baseUrl: string, policy: EgressPolicy, known: Map<string, boolean>): Promise<boolean> {
  const { origin } = new URL(baseUrl);
  const standing = known.get(origin);
  if (standing !== undefined) return standing;
  const judged = await policy.judgeUrl(origin).then(
    () => true,
    () => false,
  );
  known.set(origin, judged);
  return judged;
}

function told(names: readonly string[]): string {
  const more = names.length > mostNamed ? ` and ${names.length - mostNamed} more` : '';
  return `They are ${names.slice(0, mostNamed).join(', ')}${more}.`;
}
