import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { serveReceiver } from './receiver.mjs';

/*
 * The least that a receiver of files does which loses none: it hashes the content on its way to the disk, brings file and
 * folder to the disk's surface, renames the file and commits one row. It knows no key, no limit and no type.
 * Usage: node sure-receiver.mjs <folder> <address of a database>.
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

await serveReceiver(storage);
