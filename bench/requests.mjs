import { randomInt } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { scenarios } from './phases.mjs';

const unknownKeyCount = 512;
const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** A key in the right form with the right checksum (contract section 4) that the product does not know. */
export function wellFormedKey() {
  const body = 'gtak_' + Array.from({ length: 32 }, () => alphabet[randomInt(62)]).join('');
  let rest = crc32(body);
  let checksum = '';
  for (let place = 0; place < 6; place += 1) {
    checksum = alphabet[rest % 62] + checksum;
    rest = Math.floor(rest / 62);
  }
  return body + checksum;
}

/** One request of a scenario, as the parts that any load generator needs. */
export function requestParts(contestant, scenarioName, prompts) {
  const scenario = scenarios[scenarioName];
  const body = scenario.body(contestant.models, prompts[scenarioName] ?? '');
  const headers = { accept: 'application/json', 'content-type': 'application/json', 'user-agent': 'gt-bench' };
  const key = scenario.unknownKeys ? wellFormedKey() : contestant.key;
  if (key !== null) headers.authorization = `Bearer ${key}`;
  return { path: contestant.prefix + scenario.path, headers, body };
}

/** Writes the raw requests of a scenario for the C generator, which sends them in turn, and gives the file's path. */
export function writeRequests(contestant, scenarioName, prompts, work) {
  const scenario = scenarios[scenarioName];
  const count = scenario.unknownKeys ? unknownKeyCount : 1;
  const raw = Array.from({ length: count }, () => rawRequest(contestant, scenarioName, prompts));
  const file = join(work, `${contestant.port}-${scenarioName}.requests`);
  writeFileSync(file, Buffer.concat(raw.flatMap((request) => [Buffer.from(`${request.length}\n`), request])));
  return file;
}

function rawRequest(contestant, scenarioName, prompts) {
  const { path, headers, body } = requestParts(contestant, scenarioName, prompts);
  const all = { host: `127.0.0.1:${contestant.port}`, ...headers };
  if (scenarios[scenarioName].freshAddresses) all['x-forwarded-for'] = '@client-address@';
  all['content-length'] = Buffer.byteLength(body);
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`POST ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`);
}
