import Fastify from 'fastify';
import multer from 'multer';

/**
 * Serves a receiver of files on loopback: Fastify 5 without a logger, multer with this storage. Prints `port <n>` when it
 * listens and ends with its parent, whose end closes its standard input.
 */
export async function serveReceiver(storage) {
  const app = Fastify({ logger: false });
  const receive = multer({ storage }).single('file');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
  app.post('/*', (request, reply) => {
    receive(request.raw, reply.raw, (error) => {
      if (error) reply.code(400).send({ error: { message: error.message } });
      else reply.send({ object: 'file', bytes: request.raw.file.size });
    });
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  process.stdout.write(`port ${app.server.address().port}\n`);
  process.stdin.resume().once('close', () => process.exit(0));
}
