import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import Fastify from 'fastify';
import multer from 'multer';
import pg from 'pg';

/*
 * The least that a receiver of files does which loses none: it hashes the content on its way to the disk, brings file and
 * folder to the disk's surface, renames the file and commits one row. It knows no key, no limit and no type.
 * Usage: node sure-receiver.mjs <folder> <address of a database>. Prints `port <n>` when it listens and ends with its
 * parent, whose end closes its standard input.
 */
const [folder, connectionString] = process.argv.slice(2);
const pool = new pg.Pool({ connectionString, max: 10 });
const directory = await open(folder);
let files = 0;

await pool.query('create schema if not exists bench');
await pool.query(
  'create table if not exists bench.received (name text primary key, bytes bigint not null, sha256 text not null)',
);

const storage = {
  _handleFile(_request, file, done) {
    keep(file.stream).then((kept) => done(null, kept), done);
  },
  _removeFile(_request, _file, done) {
    done(null);
  },
};

async function keep(source) {
  const name = `${process.pid}-${(files += 1)}`;
  const hash = createHash('sha256');
  let size = 0;
  const measured = async function* () {
    for await (const chunk of source) {
      hash.update(chunk);
      size += chunk.length;
      yield chunk;
    }
  };
  const part = join(folder, `${name}.part`);
  await pipeline(measured, createWriteStream(part, { flush: true }));
  await rename(part, join(folder, name));
  await directory.sync();
  await pool.query('insert into bench.received (name, bytes, sha256) values ($1, $2, $3)', [name, size, hash.digest('hex')]);
  return { size };
}

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
