import type { ZodType } from 'zod';
import { routeIds, routeRow, type RouteId } from '../../src/catalog/routes.js';
import { isScope, type Scope } from '../../src/contracts/scopes.js';
import { contractRows, contractScopes, scopesOf, type ContractRow } from './contract-table.js';
import { expectDescribed } from './described.js';
import type { Factory, SeededKey, SeededTenant } from './platform.js';
import { rawCall, requestBytes, type HeaderList, type RawReply } from './raw-http.js';

/** One row of the contract with what a test must know of the product's row. */
export interface MatrixRow {
  readonly id: RouteId;
  readonly contract: ContractRow;
  readonly method: string;
  /** With every parameter filled in by something that nobody has. */
  readonly path: string;
  readonly body: 'none' | 'json' | 'multipart';
  readonly query: ZodType | undefined;
  readonly request: ZodType | undefined;
}

/** A path with its parameters filled in. */
export function filled(path: string, value = 'absent_1'): string {
  return path.replace(/\{[a-z_]+\}/g, value);
}

/** Every row of the contract, found again in the product's table by method and path. @throws Error for one that is not there. */
export const matrixRows: readonly MatrixRow[] = contractRows.map((contract) => {
  const id = routeIds.find(
    (candidate) => routeRow(candidate).method === contract.method && routeRow(candidate).path === contract.path,
  );
  if (id === undefined) throw new Error(`The table has no row ${contract.method} ${contract.path}.`);
  const row = routeRow(id);
  const { body, query, request } = row;
  return { id, contract, method: contract.method, path: filled(contract.path), body, query, request };
});

/** Makes each kind of key once and remembers it. */
export class Keys {
  private readonly made = new Map<string, Promise<SeededKey>>();

  constructor(
    private readonly factory: Factory,
    private readonly tenant: SeededTenant,
  ) {}

  /** A key with every scope of the contract. */
  all(): Promise<string> {
    return this.withScopes(contractScopes);
  }

  /** A key with every scope but those that open the row. */
  without(row: MatrixRow): Promise<string> {
    const opening = scopesOf(row.contract) ?? [];
    return this.withScopes(contractScopes.filter((scope) => !opening.includes(scope)));
  }

  async withScopes(list: readonly string[]): Promise<string> {
    const scopes = list.filter((scope): scope is Scope => isScope(scope));
    return (await this.once(scopes.join(), () => this.factory.key(this.tenant, { scopes }))).secret;
  }

  /** A key of a built-in preset; for conversations with live keys behind its links. */
  async ofPreset(preset: string): Promise<string> {
    return (await this.once(`preset ${preset}`, () => this.make(preset))).secret;
  }

  private async make(preset: string): Promise<SeededKey> {
    if (preset !== 'conversation-app') return this.factory.key(this.tenant, { preset });
    const inference = await this.factory.key(this.tenant, { preset: 'chat-plus-embeddings' });
    const upload = await this.factory.key(this.tenant, { preset: 'dataset-upload' });
    return this.factory.key(this.tenant, { preset, inferenceKeyId: inference.id, uploadKeyId: upload.id });
  }

  private once(name: string, make: () => Promise<SeededKey>): Promise<SeededKey> {
    const known = this.made.get(name) ?? make();
    this.made.set(name, known);
    return known;
  }
}

/** Calls a row with these headers and, where it takes JSON, an empty object. OpenAPI must describe the answer. */
export async function callRow(
  url: string,
  row: MatrixRow,
  headers: HeaderList,
  options: { readonly host?: string; readonly target?: string; readonly body?: string } = {},
): Promise<RawReply> {
  const body = options.body ?? (row.body === 'json' ? '{}' : '');
  const type: HeaderList = row.body === 'json' ? [['Content-Type', 'application/json']] : [];
  const length: HeaderList = row.method === 'POST' ? [['Content-Length', String(Buffer.byteLength(body))]] : [];
  const reply = await rawCall(
    url,
    requestBytes(
      row.method,
      options.target ?? `/api/tenant/v1${row.path}`,
      [['Host', options.host ?? new URL(url).host], ...headers, ...type, ...length],
      row.method === 'POST' ? body : '',
    ),
  );
  expectDescribed(row.id, reply);
  return reply;
}

/** The one header that lets in. */
export function bearer(secret: string): HeaderList {
  return [['Authorization', `Bearer ${secret}`]];
}
