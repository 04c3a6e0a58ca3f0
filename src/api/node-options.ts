import { setFlagsFromString } from 'node:v8';

/*
 * How V8 manages memory in a process that relays; main.ts imports this before all else.
 *
 * By default V8 walks over the whole heap whenever what was allocated since the last walk, bodies among it, is about as
 * large as the heap itself. Bodies are large and the heap is not: up to half of the processor's time went there. Now the
 * heap may grow to four times what is in use before it is walked over. That costs memory under load alone: V8 gives it
 * back when a process has been quiet for about a minute.
 *
 * What is loaded at the start stays. So that the space of young objects does not grow by it, it may not until `loaded`.
 */
setFlagsFromString('--heap-growing-percent=300');
setFlagsFromString('--semi-space-growth-factor=1');

/** To be called when the process has started: from now on the space of young objects grows with the load. */
export function loaded(): void {
  setFlagsFromString('--semi-space-growth-factor=2');
}
