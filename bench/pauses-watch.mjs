import { closeSync, openSync, readSync } from 'node:fs';
import { createServer } from 'node:http';
import { isMainThread } from 'node:worker_threads';

/*
 * Loaded before the API by `--import`: tells on BENCH_PAUSES_PORT how long the thread of the event loop was at work
 * between two turns of its loop, at the longest since the last question, in milliseconds of processor time. Other programs
 * on the machine do not count in it, as they do in what a clock tells. Linux only.
 */
const lookMs = 2;
const port = process.env['BENCH_PAUSES_PORT'];

if (isMainThread && port !== undefined && process.argv[1]?.endsWith('main.js') === true) watch(Number(port));

function watch(at) {
  const file = openSync(`/proc/self/task/${process.pid}/schedstat`, 'r');
  const bytes = Buffer.alloc(96);
  const used = () => Number(bytes.toString('latin1', 0, readSync(file, bytes, 0, bytes.length, 0)).split(' ', 1)[0]) / 1e6;
  let last = used();
  let longest = 0;
  const look = () => {
    const now = used();
    longest = Math.max(longest, now - last);
    last = now;
  };
  const timer = setInterval(look, lookMs).unref();
  const server = createServer((_request, response) => {
    look();
    response.end(String(longest));
    longest = 0;
  });
  server.listen(at, '127.0.0.1').unref();
  server.once('close', () => {
    clearInterval(timer);
    closeSync(file);
  });
}
