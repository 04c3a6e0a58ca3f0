import { z } from 'zod';

const callTimeoutMs = 30_000;
const objectSchema = z.looseObject({ id: z.string() });
const listSchema = z.looseObject({ data: z.array(objectSchema) });
const errorSchema = z.looseObject({ error: z.looseObject({ message: z.string() }) });

/** Any object of the admin plane; its further fields are read where they are needed. */
export type AdminObject = z.infer<typeof objectSchema>;

/** The admin plane refused a call. The message holds its own sentence. */
export class AdminCallError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
    this.name = 'AdminCallError';
  }
}

/** Calls the admin plane (contract sections 2 and 10) over HTTP, as any other client does. */
export class AdminClient {
  /**
   * @param adminUrl with `/api/admin/v1`.
   * @param tenant the slug of the tenant that an operator's calls are about; absent for calls about the platform.
   */
  constructor(
    private readonly adminUrl: string,
    private readonly token: string,
    private readonly tenant?: string,
  ) {}

  /** The same credential, for calls about one tenant. */
  inTenant(slug: string): AdminClient {
    return new AdminClient(this.adminUrl, this.token, slug);
  }

  /** The first object of a list that has these values, or null. */
  async find(resource: string, values: Readonly<Record<string, string>>): Promise<AdminObject | null> {
    const { data } = listSchema.parse(await this.call('GET', resource, undefined, { ...values, limit: '1' }));
    return data[0] ?? null;
  }

  async create(resource: string, body: object): Promise<AdminObject> {
    return objectSchema.parse(await this.call('POST', resource, body));
  }

  async change(path: string, body: object): Promise<AdminObject> {
    return objectSchema.parse(await this.call('PATCH', path, body));
  }

  async delete(path: string): Promise<void> {
    await this.call('DELETE', path);
  }

  /** Reads a list of the provider's or any other answer as it is. */
  get(path: string): Promise<unknown> {
    return this.call('GET', path);
  }

  /** @throws AdminCallError with the status and the sentence of any answer that is not 2xx. */
  private async call(
    method: string,
    path: string,
    body?: object,
    query: Readonly<Record<string, string>> = {},
  ): Promise<unknown> {
    const search = new URLSearchParams({ ...query, ...(this.tenant === undefined ? {} : { tenant: this.tenant }) });
    const response = await fetch(`${this.adminUrl}/${path}${search.size === 0 ? '' : `?${search.toString()}`}`, {
      method,
      headers: { authorization: `Bearer ${this.token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      body: body === undefined ? null : JSON.stringify(body),
      signal: AbortSignal.timeout(callTimeoutMs),
    });
    const answer: unknown = await response.json().catch(() => null);
    if (response.ok) return answer;
    const told = errorSchema.safeParse(answer);
    const sentence = told.success ? told.data.error.message : `status ${response.status}`;
    throw new AdminCallError(response.status, `${method} /${path}: ${sentence}`);
  }
}

/** The secret that a creation or rotation shows once. */
export function secretOf(object: AdminObject): string {
  return z.string().parse(object['secret']);
}
