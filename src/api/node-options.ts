import { setFlagsFromString } from 'node:v8';

/*
 * How V8 manages memory in a process that relays; main.ts imports this, and lets it do its work, before all else.
 *
 * While the process starts, and as long as it has little to do, memory is kept small: what is loaded at the start stays, so
 * the space of young objects may not grow by it and by the first few calls. Once that space is large it stays in memory.
 *
 * Under load the processor's time counts. By default V8 walks over the whole heap whenever what was allocated since the last
 * walk, bodies among it, is about as large as the heap itself. Bodies are large and the heap is not: up to half of the
 * processor's time went there. So the heap may then grow to four times what is in use before it is walked over, and the
 * space of young objects grows as it likes. V8 gives it back when a process has been quiet for about a minute.
 */
setFlagsFromString('--semi-space-growth-factor=1');
/*
 * The parser of providers' replies (undici's) is one function of WebAssembly. V8 compiles it anew, for speed, after some thirty
 * steps of its loop, so within the first reply, and takes 37 MB for that for a moment. With a hundred times the default it does
 * so after a hundred replies or more, which is soon enough for a process that relays.
 */
setFlagsFromString('--wasm-tiering-budget=180000000');

/** A loop that is busy for so large a part of so many seconds in a row is under load, and not at its first few calls. */
const busyShare = 0.5;
const busySeconds = 3;

/** To be called when the process has started: from its first load on it is kept for speed, and no longer for size. */
export function growUnderLoad(): void {
  let since = performance.eventLoopUtilization();
  let busy = 0;
  const timer = setInterval(() => {
    const now = performance.eventLoopUtilization();
    busy = performance.eventLoopUtilization(now, since).utilization >= busyShare ? busy + 1 : 0;
    since = now;
    if (busy < busySeconds) return;
    clearInterval(timer);
    setFlagsFromString('--heap-growing-percent=300');
    setFlagsFromString('--semi-space-growth-factor=2');
  }, 1_000).unref();
}
