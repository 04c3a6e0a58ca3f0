import { Socket } from 'node:net';

/*
 * A thread of the child that ends the child when its standard input closes: that is when the worker has died, however
 * it died. A thread, because the parser may be busy for good and would never look.
 */
new Socket({ fd: 0 })
  .on('close', () => process.kill(process.pid, 'SIGKILL'))
  .on('error', () => undefined)
  .resume();
