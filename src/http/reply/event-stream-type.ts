/** What every event stream's head says, names and values in turn: its type, and that no proxy may hold it back. */
export const eventStreamType: readonly string[] = [
  'content-type',
  'text/event-stream; charset=utf-8',
  'cache-control',
  'no-cache, no-transform',
  'x-accel-buffering',
  'no',
];
