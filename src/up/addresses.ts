/** Where this machine reaches the parts of the platform, whatever address the API listens on. */
export class Addresses {
  /** `http://host:port` of the API. */
  readonly origin: string;
  readonly baseUrl: string;
  readonly adminUrl: string;
  /** With `/v1`. */
  readonly sandboxUrl: string;

  constructor(
    host: string,
    readonly apiPort: number,
    readonly sandboxPort: number,
  ) {
    const reachable = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
    this.origin = `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${apiPort}`;
    this.baseUrl = `${this.origin}/api/tenant/v1`;
    this.adminUrl = `${this.origin}/api/admin/v1`;
    this.sandboxUrl = `http://127.0.0.1:${sandboxPort}/v1`;
  }
}
