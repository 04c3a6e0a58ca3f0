import { request } from 'undici';
import type { ApiReply } from './app.js';

/** Calls the admin plane as a page of the platform does: with the cookie that it was given, and saying where it comes from. */
export class Browser {
  /** `name=value` of the session; undefined while nobody is signed in. */
  cookie: string | undefined;
  /** The whole `Set-Cookie` of the last answer that had one. */
  lastSetCookie = '';

  /** @param adminUrl with `/api/admin/v1`. */
  constructor(
    private readonly adminUrl: string,
    private readonly headers: Readonly<Record<string, string>> = { 'sec-fetch-site': 'same-origin' },
  ) {}

  /** The same browser somewhere else: another page, which has the cookie too. */
  from(headers: Readonly<Record<string, string>>): Browser {
    const other = new Browser(this.adminUrl, headers);
    other.cookie = this.cookie;
    return other;
  }

  async call(method: string, path: string, body?: unknown): Promise<ApiReply> {
    // A browser's own request names the host that it was led to, wherever that is: `fetch` would not let it.
    const response = await request(this.adminUrl + path, {
      method: method as 'GET',
      headers: {
        ...this.headers,
        ...(this.cookie === undefined ? {} : { cookie: this.cookie }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      body: body === undefined ? null : JSON.stringify(body),
    });
    const headers = new Headers();
    for (const [name, values = []] of Object.entries(response.headers))
      for (const value of [values].flat()) headers.append(name, value);
    for (const set of headers.getSetCookie()) {
      this.lastSetCookie = set;
      const [pair = ''] = set.split(';');
      this.cookie = pair.endsWith('=') ? undefined : pair;
    }
    const text = await response.body.text();
    return { status: response.statusCode, headers, body: text === '' ? undefined : JSON.parse(text) };
  }
}
