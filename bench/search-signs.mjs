import { performance } from 'node:perf_hooks';
import { bestBySigns, rescoredOf } from '../dist/platform/vectors/memory/best-by-signs.js';
import { distances, PlainDistances } from '../dist/platform/vectors/memory/bits/distances.js';
import { Question } from '../dist/platform/vectors/memory/question.js';
import { VectorBlock } from '../dist/platform/vectors/memory/vector-block.js';
import { normalise, scalarProduct } from '../dist/platform/vectors/memory/vector-math.js';
import { vectorMaker } from './search-data.mjs';
import { median, percentile } from './stats.mjs';

const chunksPerFile = 100;
/** Passages are asked for in this number, as a search of ten hits by both vectors and words asks for them. */
const hits = 40;

/** A block of so many rows; `add` adds one. */
function blockOf(chunks, dimensions, add) {
  const block = new VectorBlock(dimensions, false);
  const added = new Map();
  for (let first = 0; first < chunks; first += chunksPerFile) {
    const number = block.begin();
    const start = block.next;
    const count = Math.min(chunksPerFile, chunks - first);
    for (let ordinal = 0; ordinal < count; ordinal += 1) add(block, number, ordinal);
    added.set(number, { fileId: `file-${first / chunksPerFile}`, ingestionId: '', version: '1', start, count });
  }
  block.commit(added, []);
  return block;
}

/**
 * Which part of the ten nearest vectors is found by signs and re-ranking, against comparing all; in memory, with the
 * product's own code up to the reading of the vectors.
 */
export function recallOf(kind, { chunks, dimensions, questions }) {
  const make = vectorMaker(kind, { chunks, dimensions });
  const vectors = new Float32Array(chunks * dimensions);
  let at = 0;
  const block = blockOf(chunks, dimensions, (target, number, ordinal) => {
    const vector = make();
    normalise(vector, 0, dimensions);
    vectors.set(vector, at * dimensions);
    at += 1;
    target.addVector(number, ordinal, vector);
  });
  const found = distances();
  let sum = 0;
  for (let turn = 0; turn < questions; turn += 1) {
    const query = make();
    normalise(query, 0, dimensions);
    const score = (row) => scalarProduct(vectors, row * dimensions, query);
    const nearest = (rows) => rows.sort((left, right) => right[1] - left[1]).slice(0, 10);
    const exact = nearest(Array.from({ length: chunks }, (_, row) => [row, score(row)]));
    const most = rescoredOf(chunks, hits);
    const candidates = bestBySigns(found, { blocks: [block], question: new Question(query), most }).list();
    const rows = candidates.map(({ fileId, ordinal }) => Number(fileId.slice(5)) * chunksPerFile + ordinal);
    const kept = new Set(nearest(rows.map((row) => [row, score(row)])).map(([row]) => row));
    sum += exact.filter(([row]) => kept.has(row)).length / 10;
  }
  return sum / questions;
}

/** How long signs of so many rows take, made here at random; and by plain code, where there are no vector instructions. */
export function signTimes({ chunks, dimensions, searches }) {
  const words = new Uint32Array(Math.ceil(dimensions / 32));
  let state = 1;
  const block = blockOf(chunks, dimensions, (target, number, ordinal) => {
    for (let word = 0; word < words.length; word += 1) {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      words[word] = state >>> 0;
    }
    target.addSigns(number, ordinal, new Uint8Array(words.buffer, 0, Math.ceil(dimensions / 8)));
  });
  const most = rescoredOf(chunks, hits);
  const times = (found, turns) =>
    Array.from({ length: turns }, () => {
      const question = new Question(Float32Array.from({ length: dimensions }, () => Math.random() - 0.5));
      const start = performance.now();
      bestBySigns(found, { blocks: [block], question, most }).list();
      return performance.now() - start;
    });
  const found = distances();
  times(found, 3);
  const bySigns = times(found, searches);
  const plain = times(new PlainDistances(), Math.min(searches, 20));
  return {
    chunks,
    dimensions,
    rescored: most,
    megabytes: block.bytes / 1e6,
    signs: { p50: median(bySigns), p99: percentile(bySigns, 0.99) },
    plain: { p50: median(plain), p99: percentile(plain, 0.99) },
  };
}
