import type { ChildProcess } from 'node:child_process';

/**
 * Ends a process that takes longer than it may: it is killed, and what it writes is read no more. So `close` comes also where
 * it has left processes of its own behind that keep its output open.
 */
export function endAfter(child: ChildProcess, limitMs: number): void {
  const limit = setTimeout(() => {
    child.kill('SIGKILL');
    child.stdout?.destroy();
    child.stderr?.destroy();
  }, limitMs);
  child.once('error', () => clearTimeout(limit));
  child.once('close', () => clearTimeout(limit));
}
