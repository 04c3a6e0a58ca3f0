import type { LoginSettings } from '../../../contracts/connection-logins.js';
import { AppError } from '../../../kernel/app-error.js';

/** Where nothing listens: the person copies the address from the browser. */
const withoutListener = 'http://127.0.0.1/callback';

/**
 * Where the browser is sent at the end: where the client is registered with, else to who logs in, on the own machine.
 * @throws AppError invalid_value for another machine, to which a code would be given away.
 */
export function redirectUriFor({ redirect_uri: registered }: LoginSettings, given: string | undefined): string {
  if (registered !== null) return new URL(registered).href;
  const url = new URL(given ?? withoutListener);
  if (url.protocol === 'http:' && ['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname) && !/[?#]/.test(url.href))
    return url.href;
  throw new AppError('invalid_value', {
    param: 'redirect_uri',
    message: 'The address must be an http address of the own machine (127.0.0.1), without a query.',
  });
}
