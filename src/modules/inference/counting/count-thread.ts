import { parentPort } from 'node:worker_threads';
import { loadTokenCounter } from '../../../platform/tokens/token-counter.js';
import { countCall, type UncountedCall } from './count-call.js';

/*
 * The thread that counts tokens: a text of megabytes takes longer than any other call of the process may wait. One call at a
 * time, as `call-counter.ts` gives them.
 */
const limits = { textBytes: 4 * 1024 * 1024, sideMs: 1_000 } as const;

const port = parentPort;
if (port === null) throw new Error('count-thread is started by call-counter.ts alone.');
const counter = await loadTokenCounter();

port.on('message', (call: UncountedCall) => port.postMessage(countCall(counter, call, limits)));
