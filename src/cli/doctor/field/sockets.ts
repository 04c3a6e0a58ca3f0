import type { IncomingMessage } from 'node:http';
import { errorTable } from '../../../kernel/error-codes.js';
import { found, skipped, well, type Check } from '../check.js';
import { withScheme } from './base-url.js';
import { trusting, type Reply } from './http-call.js';
import { unanswered } from './no-connection.js';
import { refusalId, refused, seenIn } from './refusals.js';
import type { Visit } from './visit.js';
import { isOwn, ownError } from './whose-reply.js';

const check = 'sockets';
const usualLimitMs = 10_000;

/** Opens the WebSocket of responses and waits for an answer to a ping: no model is asked. */
export async function examineSockets(visit: Visit): Promise<Check> {
  if (visit.own?.websocket === false) return skipped(check, 'WebSockets are switched off for this key.');
  if (!visit.reaches('responses.websocket')) return skipped(check, 'The key cannot call /responses.');
  const outcome = await open(visit);
  if (outcome === 'ok') return well(check, 'a WebSocket opens, and frames go both ways.');
  if (outcome === 'silent') return found(check, 'sockets-blocked', 'It opens, and no frame comes back.');
  if (!('status' in outcome))
    return { ...unanswered(check, outcome), ...found(check, 'sockets-blocked', unanswered(check, outcome).detail) };
  if (!isOwn(outcome)) return found(check, 'sockets-blocked', `Something else answers ${seenIn(outcome)}.`);
  const error = ownError(outcome);
  if (error?.row !== 'upgrade_required') return asRefused(visit, outcome);
  // The platform has a sentence of its own for each reason; this one says that it was sent a plain GET.
  return error.message === errorTable.upgrade_required.message
    ? found(check, 'sockets-blocked', 'The platform got the request without its Upgrade header.')
    : found(check, 'sockets-switched-off', seenIn(outcome));
}

function asRefused(visit: Visit, reply: Reply): Check {
  return refusalId(reply, visit.wish.key) === 'call-refused'
    ? found(check, 'sockets-blocked', seenIn(reply))
    : refused(check, reply, visit.wish.key);
}

type Outcome = 'ok' | 'silent' | Reply | Error;

async function open({ baseUrl, line, wish }: Visit): Promise<Outcome> {
  const { WebSocket } = await import('ws');
  const url = withScheme(`${baseUrl}/responses`, baseUrl.startsWith('https:') ? 'https' : 'http').replace(/^http/, 'ws');
  return new Promise((resolve) => {
    const limitMs = line.limitMs ?? usualLimitMs;
    const headers = { authorization: `Bearer ${wish.key}` };
    const socket = new WebSocket(url, {
      headers,
      handshakeTimeout: limitMs,
      followRedirects: false,
      perMessageDeflate: false,
      ...trusting(line),
    });
    const silence = setTimeout(() => end('silent'), limitMs);
    const end = (outcome: Outcome): void => {
      clearTimeout(silence);
      resolve(outcome);
      socket.terminate();
    };
    socket.on('error', end);
    socket.on('open', () => socket.ping());
    socket.on('pong', () => end('ok'));
    socket.on('unexpected-response', (_request, response: IncomingMessage) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('close', () => end(replyOf(response, Buffer.concat(chunks).toString('utf8'))));
    });
  });
}

function replyOf(response: IncomingMessage, text: string): Reply {
  const times = { headMs: 0, firstByteMs: null, lastByteMs: 0 };
  return { status: response.statusCode ?? 0, headers: response.headers, text, ...times, isWhole: response.complete };
}
