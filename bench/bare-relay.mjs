import Fastify from 'fastify';
import { Pool } from 'undici';

/*
 * The bare relay that the product is held against: Fastify 5 without a logger, undici's `Pool.request`, bodies piped both
 * ways. It knows no key, no tenant, no model and no usage. Usage: node bare-relay.mjs <upstream origin>
 * Prints `port <n>` when it listens and ends with its parent, whose end closes its standard input.
 */
const pool = new Pool(process.argv[2] ?? '');
const app = Fastify({ logger: false });

app.removeAllContentTypeParsers();
app.addContentTypeParser('*', (_request, payload, done) => done(null, payload));

app.post('/*', async (request, reply) => {
  const headers = { 'content-type': request.headers['content-type'] };
  if (request.headers['content-length'] !== undefined) headers['content-length'] = request.headers['content-length'];
  const upstream = await pool.request({ path: request.url, method: 'POST', headers, body: request.body });
  reply.code(upstream.statusCode);
  for (const name of ['content-type', 'content-length']) {
    if (upstream.headers[name] !== undefined) reply.header(name, upstream.headers[name]);
  }
  return reply.send(upstream.body);
});

await app.listen({ host: '127.0.0.1', port: 0 });
process.stdout.write(`port ${app.server.address().port}\n`);
process.stdin.resume().once('close', () => process.exit(0));
