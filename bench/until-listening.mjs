import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

/** Waits until the program that was started takes connections on its port; an Error when it ends before or takes 5 s. */
export async function untilListening(port, started, name) {
  let ended = null;
  void started.exited.then((how) => (ended = how));
  for (let attempt = 0; attempt < 100 && ended === null; attempt += 1) {
    if (await isOpen(port)) return;
    await pause(50);
  }
  throw new Error(`${name} did not start${ended === null ? '' : `: ${JSON.stringify(ended)}`}`);
}

function isOpen(port) {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('connect', () => (socket.destroy(), resolve(true)));
    socket.once('error', () => resolve(false));
  });
}
