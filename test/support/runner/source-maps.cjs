const { createHash } = require('node:crypto');
const { readFileSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { fileURLToPath } = require('node:url');
const { transformSync } = require('@swc/core');
const { compilerOptions } = require('./compiler.cjs');

/**
 * Where the map of each compiled source lies, for the lines that a failure names. A map is made when a failure asks for it:
 * most runs need none.
 */
module.exports = class SourceMaps extends Map {
  get(source) {
    if (typeof source !== 'string' || !source.endsWith('.ts')) return undefined;
    if (!this.has(source)) this.set(source, mapOf(source.startsWith('file:') ? fileURLToPath(source) : source));
    return super.get(source);
  }
};

function mapOf(path) {
  const { map } = transformSync(readFileSync(path, 'utf8'), compilerOptions(path, true));
  const file = join(process.env.GT_TEST_RUN_DIR, `${createHash('sha256').update(path).digest('hex').slice(0, 24)}.map`);
  writeFileSync(file, map);
  return file;
}
