import { z } from 'zod';
import { AdminCallError, callAdmin, type AdminCredential } from '../contracts/admin-call.js';

const callTimeoutMs = 30_000;
const objectSchema = z.looseObject({ id: z.string() });
const listSchema = z.looseObject({ data: z.array(objectSchema) });

/** Any object of the admin plane; its further fields are read where they are needed. */
export type AdminObject = z.infer<typeof objectSchema>;

/** The resources of the admin plane, over HTTP as for any other client. */
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

  /** Uses a member's link: sets the password. The session that it begins ends at once. */
  async acceptLink(link: string, password: string): Promise<void> {
    const cookies: string[] = [];
    const hear = (set: readonly string[]): void => void cookies.push(...set);
    await this.ask('POST', 'sign-in/link/accept', 'nobody', { link, password }, hear);
    for (const cookie of cookies) await this.ask('DELETE', 'session', { cookie });
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
    const place = `${path}${search.size === 0 ? '' : `?${search.toString()}`}`;
    return this.ask(method, place, { token: this.token }, body);
  }

  private async ask(
    method: string,
    path: string,
    credential: AdminCredential,
    body?: object,
    onCookies?: (cookies: readonly string[]) => void,
  ): Promise<unknown> {
    try {
      const url = `${this.adminUrl}/${path}`;
      return await callAdmin({ method, url, credential, body, onCookies, limitMs: callTimeoutMs });
    } catch (error) {
      if (!(error instanceof AdminCallError)) throw error;
      throw new AdminCallError(error.status, error.refusal, `${method} /${path.replace(/\?.*/, '')}: ${error.message}`);
    }
  }
}

/** The secret that a creation or rotation shows once. */
export function secretOf(object: AdminObject): string {
  return z.string().parse(object['secret']);
}
