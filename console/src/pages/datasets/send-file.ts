import { addressOf, type AdminRouteId } from '../../api/call.js';
import { ApiFault } from '../../api/fault.js';

interface Sending {
  readonly signal: AbortSignal;
  /** How often the same was sent before. */
  readonly retries: number;
  /** Hears how many bytes of the request have left the browser. */
  readonly onSent: (bytes: number, total: number) => void;
}

/**
 * Sends a file to a route that takes one, and says how far it has come: only XMLHttpRequest tells that.
 * @throws ApiFault for an answer that is not 2xx, and where none comes.
 */
export function sendFile(
  route: Extract<AdminRouteId, 'datasets.upload' | 'datasets.import'>,
  id: string,
  file: File,
  { signal, retries, onSent }: Sending,
): Promise<unknown> {
  const form = new FormData();
  form.append('file', file, file.name);
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', addressOf(route, { id }));
    request.setRequestHeader('accept', 'application/json');
    if (retries > 0) request.setRequestHeader('x-stainless-retry-count', String(retries));
    request.upload.onprogress = ({ loaded, total }) => onSent(loaded, total);
    request.onerror = () => reject(ApiFault.unreachable());
    request.onabort = () => reject(new DOMException('The upload was stopped.', 'AbortError'));
    request.onload = () => {
      if (request.status < 200 || request.status > 299) void refusal(request).then(reject);
      else resolve(JSON.parse(request.responseText));
    };
    signal.addEventListener('abort', () => request.abort());
    request.send(form);
  });
}

const refusal = (request: XMLHttpRequest): Promise<ApiFault> => {
  const headers = new Headers();
  for (const name of ['x-request-id', 'retry-after']) {
    const value = request.getResponseHeader(name);
    if (value !== null) headers.set(name, value);
  }
  return ApiFault.of(new Response(request.responseText, { status: request.status, headers }));
};
