import { setFlagsFromString } from 'node:v8';

/** By how much of what is in use the heap may grow before V8 walks over it, in percent; 0 leaves it to V8, which lets it double and more. */
const small = 30;
const usual = 0;

let works = 0;

/**
 * Does a work by which large and short-lived values pass, and keeps the process's heap small meanwhile: V8 would let hundreds
 * of megabytes of them stand. It costs processor time, so only such works ask for it. Several may run at once.
 */
export async function withSmallHeap<T>(work: () => Promise<T>): Promise<T> {
  works += 1;
  if (works === 1) growBy(small);
  try {
    return await work();
  } finally {
    works -= 1;
    if (works === 0) growBy(usual);
  }
}

function growBy(percent: number): void {
  setFlagsFromString(`--heap-growing-percent=${percent}`);
}
