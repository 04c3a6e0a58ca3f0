import { wasm, wasmModule } from './wasm-text.js';

const pageBytes = 65_536;

/** The longest row: 65,520 bits, of which the sum still fits into 16 bits. */
export const longestRow = 8_190 & ~15;
/** Where the module expects the question's bits, puts the distances, and expects the rows. */
export const queryAt = 0;
export const distancesAt = 8_192;
export const rowsAt = 40_960;
/** Rows at a time: as much as stays in the processor's own memory between copying and counting. */
export const roomBytes = 5 * pageBytes - rowsAt - 24_576;

const [count, words, row, query, left, out, sum] = [0, 1, 2, 3, 4, 5, 6];

const add = (local: number, amount: number) => [
  ...wasm.localGet(local),
  ...wasm.i32Const(amount),
  ...wasm.i32Add(),
  ...wasm.localSet(local),
];

/** One more out of `local`, whose value stays on the stack. */
const countDown = (local: number) => [...wasm.localGet(local), ...wasm.i32Const(1), ...wasm.i32Sub(), ...wasm.localTee(local)];

/** Adds to each of eight sums how many of sixteen bits differ between the row and the question, and goes on to the next. */
const addWord = [
  ...wasm.localGet(row),
  ...wasm.v128Load(),
  ...wasm.localGet(query),
  ...wasm.v128Load(),
  ...wasm.v128Xor(),
  ...wasm.i8x16Popcnt(),
  ...wasm.i16x8ExtaddPairwiseI8x16U(),
  ...wasm.localGet(sum),
  ...wasm.i16x8Add(),
  ...wasm.localSet(sum),
  ...add(row, 16),
  ...add(query, 16),
];

const sumOfSums = [
  ...[...wasm.localGet(sum), ...wasm.i32x4ExtaddPairwiseI16x8U(), ...wasm.localTee(sum), ...wasm.i32x4ExtractLane(0)],
  ...[1, 2, 3].flatMap((lane) => [...wasm.localGet(sum), ...wasm.i32x4ExtractLane(lane), ...wasm.i32Add()]),
];

/**
 * `run(count, words)`: the Hamming distances of `count` rows, each of `words` times 16 bytes, to the question, as numbers of
 * 16 bits. Its instructions are those of WebAssembly's text form, so this is its source and nothing has to be compiled.
 */
export const distanceModule = wasmModule(5, {
  parameters: ['i32', 'i32'],
  locals: ['i32', 'i32', 'i32', 'i32', 'v128'],
  body: [
    ...[wasm.i32Const(rowsAt), wasm.localSet(row), wasm.i32Const(distancesAt), wasm.localSet(out)],
    wasm.block(
      wasm.loop(
        ...[wasm.localGet(count), wasm.i32Eqz(), wasm.brIf(1)],
        ...[wasm.v128Zero(), wasm.localSet(sum), wasm.i32Const(queryAt), wasm.localSet(query)],
        ...[wasm.localGet(words), wasm.localSet(left)],
        wasm.loop(addWord, countDown(left), wasm.brIf(0)),
        ...[wasm.localGet(out), sumOfSums, wasm.i32Store16()],
        add(out, 2),
        ...[wasm.localGet(count), wasm.i32Const(1), wasm.i32Sub(), wasm.localSet(count)],
        wasm.br(0),
      ),
    ),
  ],
});
