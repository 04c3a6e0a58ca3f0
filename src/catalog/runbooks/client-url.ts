import type { Join } from './client-habits.js';

/**
 * The address that a client calls. @param configured what it was given as its base URL; of `host_and_path` the two settings
 * put together. @param path the route's, such as `/chat/completions`.
 */
export function clientUrl(join: Join, configured: string, path: string): string {
  const base = configured.replace(/\/+$/, '');
  switch (join) {
    case 'append':
      return base + path;
    case 'append_v1':
      return `${base}/v1${path}`;
    case 'add_v1_if_missing':
      return `${base.endsWith('/v1') ? base : `${base}/v1`}${path}`;
    case 'resolve':
      return configured.slice(0, configured.lastIndexOf('/')) + path;
    case 'as_is':
    case 'host_and_path':
      return configured;
  }
}
