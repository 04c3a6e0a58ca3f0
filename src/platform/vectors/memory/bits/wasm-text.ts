/** A part of a WebAssembly module in its binary form. */
export type Bytes = readonly number[];

export const valueTypes = { i32: 0x7f, v128: 0x7b } as const;
export type ValueType = keyof typeof valueTypes;

/** An unsigned number in LEB128. */
export function unsigned(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ;) {
    const low = rest & 0x7f;
    rest >>>= 7;
    if (rest === 0) return [...bytes, low];
    bytes.push(low | 0x80);
  }
}

/** A signed number of 32 bits in LEB128. */
export function signed(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value | 0; ;) {
    const low = rest & 0x7f;
    rest >>= 7;
    if ((rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0)) return [...bytes, low];
    bytes.push(low | 0x80);
  }
}

function vector(items: readonly Bytes[]): number[] {
  return [...unsigned(items.length), ...items.flat()];
}

function section(id: number, items: readonly Bytes[]): number[] {
  const content = vector(items);
  return [id, ...unsigned(content.length), ...content];
}

function text(value: string): number[] {
  const bytes = [...new TextEncoder().encode(value)];
  return [...unsigned(bytes.length), ...bytes];
}

/** An instruction of the vector extension by its number. */
const simd = (number: number, ...rest: number[]): number[] => [0xfd, ...unsigned(number), ...rest];
const toEnd = (opening: Bytes, body: readonly Bytes[]): number[] => [...opening, 0x40, ...body.flat(), 0x0b];

/** Instructions by the names that they have in the text form. Operands are the instructions that stand before. */
export const wasm = {
  localGet: (local: number): number[] => [0x20, ...unsigned(local)],
  localSet: (local: number): number[] => [0x21, ...unsigned(local)],
  localTee: (local: number): number[] => [0x22, ...unsigned(local)],
  i32Const: (value: number): number[] => [0x41, ...signed(value)],
  i32Add: (): number[] => [0x6a],
  i32Sub: (): number[] => [0x6b],
  i32Eqz: (): number[] => [0x45],
  i32Store16: (): number[] => [0x3b, 1, 0],
  block: (...body: Bytes[]): number[] => toEnd([0x02], body),
  loop: (...body: Bytes[]): number[] => toEnd([0x03], body),
  br: (depth: number): number[] => [0x0c, ...unsigned(depth)],
  brIf: (depth: number): number[] => [0x0d, ...unsigned(depth)],
  v128Load: (): number[] => simd(0, 4, 0),
  v128Zero: (): number[] => simd(12, ...new Array<number>(16).fill(0)),
  i32x4ExtractLane: (lane: number): number[] => simd(27, lane),
  v128Xor: (): number[] => simd(81),
  i8x16Popcnt: (): number[] => simd(98),
  i16x8ExtaddPairwiseI8x16U: (): number[] => simd(125),
  i32x4ExtaddPairwiseI16x8U: (): number[] => simd(127),
  i16x8Add: (): number[] => simd(142),
};

/** A module with one memory `memory` of so many pages of 64 KiB and one function `run` without a result. */
export function wasmModule(pages: number, run: { parameters: ValueType[]; locals: ValueType[]; body: Bytes[] }): Uint8Array {
  const types = (names: readonly ValueType[]): number[][] => names.map((name) => [valueTypes[name]]);
  const locals = run.locals.map((name) => [1, valueTypes[name]]);
  const code = [...vector(locals), ...run.body.flat(), 0x0b];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, [[0x60, ...vector(types(run.parameters)), 0]]),
    ...section(3, [[0]]),
    ...section(5, [[0x01, ...unsigned(pages), ...unsigned(pages)]]),
    ...section(7, [
      [...text('memory'), 0x02, 0],
      [...text('run'), 0x00, 0],
    ]),
    ...section(10, [[...unsigned(code.length), ...code]]),
  ]);
}
