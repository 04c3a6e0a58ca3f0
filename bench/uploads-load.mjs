import { performance } from 'node:perf_hooks';
import { Pool } from 'undici';

/** Uploads that are under way at one time. */
export const uploadsAtOnce = 8;
/** Size of each file. */
export const fileBytes = 100 * 1024;

const words = 'Every tenant has agents, keys and datasets of its own; a document is read, cut, embedded and found again. ';
const boundary = 'gt-bench-0123456789';

/**
 * Uploads so many text files of 100 KB, each with a text of its own: each connection sends its next one when it has the
 * answer.
 * @param url where a form goes; `key`, when given, is the bearer.
 * @returns uploads per second, the milliseconds of each request, and how many answers were no success.
 */
export async function uploadFiles({ url, key, files, label }) {
  const { origin, pathname } = new URL(url);
  const pool = new Pool(origin, { connections: uploadsAtOnce });
  const headers = { 'content-type': `multipart/form-data; boundary=${boundary}` };
  if (key !== undefined) headers.authorization = `Bearer ${key}`;
  const forms = Array.from({ length: files }, (_, at) => form(`${label}-${at}`));
  const times = [];
  const statuses = {};
  const sendAll = async () => {
    for (let body = forms.pop(); body !== undefined; body = forms.pop()) {
      const from = performance.now();
      const reply = await pool.request({ method: 'POST', path: pathname, headers, body });
      await reply.body.dump();
      times.push(performance.now() - from);
      statuses[reply.statusCode] = (statuses[reply.statusCode] ?? 0) + 1;
    }
  };
  const begun = performance.now();
  await Promise.all(Array.from({ length: uploadsAtOnce }, sendAll));
  const seconds = (performance.now() - begun) / 1_000;
  await pool.close();
  const accepted = [200, 201, 202].reduce((sum, status) => sum + (statuses[status] ?? 0), 0);
  return { perSecond: accepted / seconds, times, statuses, bad: files - accepted };
}

function form(name) {
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${name}.txt"\r\nContent-Type: text/plain\r\n\r\n`;
  return Buffer.from(`${head}${textOf(name)}\r\n--${boundary}--\r\n`);
}

/** Sentences that differ from file to file, so that no text is cut or embedded twice. */
function textOf(name) {
  let text = '';
  for (let at = 0; text.length < fileBytes; at += 1) text += `${name} paragraph ${at}. ${words}\n`;
  return text.slice(0, fileBytes);
}
