import * as crypto from 'node:crypto';
import { openSync, write } from 'node:fs';
import Fastify from 'fastify';
import { Pool } from 'undici';

/*
 * The bare relay that the product is held against: the best that the same stack can do with the least that any relay in its
 * place must do. Fastify with one route; the key's hash is looked up in a Map; `model` is replaced in the request's bytes by
 * a search for it; undici's `dispatch` with a handler of its own; a plain reply is gathered into one write, a stream is
 * passed on with backpressure; the product's log line goes to a file in large pieces. It knows no permissions, no tenants,
 * no usage, no errors worth reading.
 *
 * Usage: node bare-relay.mjs '{"origin":"http://…","key":"…","models":{"published":"the upstream's"},"log":"file"}'
 * Prints `port <n>` when it listens and ends with its parent, whose end closes its standard input.
 */
const { origin, key, models, log } = JSON.parse(process.argv[2] ?? '{}');
const pool = new Pool(origin);
// The one-shot hash is quicker where the runtime has it.
const sha256 =
  typeof crypto.hash === 'function'
    ? (text) => crypto.hash('sha256', text)
    : (text) => crypto.createHash('sha256').update(text).digest('hex');
const keys = new Map([[sha256(key), { tenant: 'ten_bare', id: 'key_bare' }]]);
const renamed = new Map(Object.entries(models).map(([name, model]) => [name, Buffer.from(model)]));
const modelMember = Buffer.from('"model":"');
const noKey = Buffer.from(
  '{"error":{"message":"Incorrect API key provided.","type":"invalid_request_error","param":null,"code":"invalid_api_key"}}',
);
const badGateway = Buffer.from(
  '{"error":{"message":"The provider failed.","type":"upstream_error","param":null,"code":"upstream_error"}}',
);

const app = Fastify({ logger: false });
app.removeAllContentTypeParsers();
app.addContentTypeParser('application/json', { parseAs: 'buffer', bodyLimit: 64 * 1024 * 1024 }, (_request, body, done) =>
  done(null, body),
);
app.addHook('onRequest', (request, reply, done) => {
  const header = request.headers.authorization;
  request.startedAt = performance.now();
  request.known = header === undefined ? undefined : keys.get(sha256(header.slice(7)));
  if (request.known !== undefined) return done();
  reply.hijack();
  whole(reply.raw, 401, 'application/json', noKey);
  logRequest(request, 401);
});
app.post('/*', (request, reply) => {
  reply.hijack();
  const body = renameModel(request.body);
  const headers = ['content-type', 'application/json', 'accept', 'application/json', 'accept-encoding', 'identity'];
  pool.dispatch({ path: request.url, method: 'POST', headers, body }, new Relayed(request, reply.raw));
});

/** The body with the upstream's model in place of the published one; one copy, and none where the name is unknown. */
function renameModel(body) {
  const at = body.indexOf(modelMember);
  if (at === -1) return body;
  const from = at + modelMember.length;
  const to = body.indexOf(0x22, from);
  const model = renamed.get(body.latin1Slice(from, to));
  if (model === undefined) return body;
  const out = Buffer.allocUnsafe(body.length - (to - from) + model.length);
  body.copy(out, 0, 0, from);
  model.copy(out, from);
  body.copy(out, from + model.length, to);
  return out;
}

/** One call's reply on its way to the client. */
class Relayed {
  chunks = [];
  size = 0;
  streamed = false;

  constructor(request, response) {
    this.request = request;
    this.response = response;
    response.once('close', () => {
      if (!response.writableFinished) this.controller?.abort(new Error('The client left.'));
    });
  }

  onRequestStart(controller) {
    this.controller = controller;
  }

  onResponseStart(controller, status, headers) {
    this.status = status;
    this.type = headers['content-type'];
    if (!this.type?.startsWith('text/event-stream')) return;
    this.streamed = true;
    this.response.writeHead(status, ['content-type', this.type]);
    this.response.on('drain', () => controller.resume());
  }

  onResponseData(controller, chunk) {
    if (this.streamed) {
      if (!this.response.write(chunk)) controller.pause();
    } else {
      this.chunks.push(chunk);
      this.size += chunk.length;
    }
  }

  onResponseEnd() {
    if (this.streamed) this.response.end();
    else
      whole(
        this.response,
        this.status,
        this.type,
        this.chunks.length === 1 ? this.chunks[0] : Buffer.concat(this.chunks, this.size),
      );
    logRequest(this.request, this.status);
  }

  onResponseError() {
    if (this.response.headersSent) this.response.destroy();
    else whole(this.response, 502, 'application/json', badGateway);
    logRequest(this.request, 502);
  }
}

function whole(response, status, type, body) {
  response.writeHead(status, ['content-type', type, 'content-length', String(body.length)]);
  response.end(body);
}

let lines = '';
const logFile = openSync(log, 'a', 0o600);
const requestIds = crypto.randomBytes(8).toString('hex');
let requestCount = 0;

/** The product's line of a request, handed to the system in pieces of 32 KiB. */
function logRequest({ startedAt, known, method, ip }, status) {
  const latencyMs = Math.round((performance.now() - startedAt) * 100) / 100;
  lines +=
    `{"level":"info","time":${Date.now()},"request_id":"req_${requestIds}${++requestCount}","tenant_id":"${known?.tenant}",` +
    `"key_id":"${known?.id}","method":"${method}","route":"bare","endpoint":"bare","status":${status},` +
    `"latency_ms":${latencyMs},"ip":"${ip}","msg":"request"}\n`;
  if (lines.length < 32 * 1024) return;
  const piece = lines;
  lines = '';
  write(logFile, piece, () => undefined);
}

await app.listen({ host: '127.0.0.1', port: 0 });
process.stdout.write(`port ${app.server.address().port}\n`);
process.stdin.resume().once('close', () => process.exit(0));
