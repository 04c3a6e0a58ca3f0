import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { KeptContent } from '../../reply/kept-content.js';

const file = 'openapi-explorer.min.js';
const built = fileURLToPath(new URL(`../../../reader/${file}`, import.meta.url));

/**
 * The script of the page at `/docs`, as the package openapi-explorer ships it. The build puts it beside the product
 * (bin/keep-reader.mjs), so that the package, and what it is made of, need not be there in production.
 */
export function readReaderScript(): Promise<KeptContent> {
  read ??= readFile(
    existsSync(built) ? built : createRequire(import.meta.url).resolve(`openapi-explorer/dist/browser/${file}`),
  ).then((bytes) => new KeptContent('text/javascript; charset=utf-8', bytes));
  return read;
}

let read: Promise<KeptContent> | undefined;
