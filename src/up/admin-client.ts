import { z } from 'zod';

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
  /** @param adminUrl with `/api/admin/v1`. */
  constructor(
    private readonly adminUrl: string,
    private readonly token: string,
  ) {}

  /** The first object of a list that has these values, or null. */
  async find(resource: string, values: Readonly<Record<string, string>>): Promise<AdminObject | null> {
    const { data } = listSchema.parse(await this.call('GET', `/${resource}?${new URLSearchParams({ ...values, limit: '1' }).toString()}`));
    return data[0] ?? null;
  }

  async create(resource: string, body: object): Promise<AdminObject> {
    return objectSchema.parse(await this.call('POST', `/${resource}`, body));
  }

  async change(path: string, body: object): Promise<AdminObject> {
    return objectSchema.parse(await this.call('PATCH', `/${path}`, body));
  }

  /** @throws AdminCallError with the status and the sentence of any answer that is not 2xx. */
  async call(method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: object): Promise<unknown> {
    const response = await fetch(`${this.adminUrl}${path}`, {
      method,
      headers: { authorization: `Bearer ${this.token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      body: body === undefined ? null : JSON.stringify(body),
      signal: AbortSignal.timeout(30_000),
    });
    const answer: unknown = await response.json().catch(() => null);
    if (response.ok) return answer;
    const told = errorSchema.safeParse(answer);
    throw new AdminCallError(response.status, `${method} ${path}: ${told.success ? told.data.error.message : `status ${response.status}`}`);
  }
}

/** The secret that a creation or rotation shows once. */
export function secretOf(object: AdminObject): string {
  return z.string().parse(object['secret']);
}
