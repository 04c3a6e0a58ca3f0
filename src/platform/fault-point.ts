/**
 * For tests of the platform itself: ends this process like `kill -9` when GT_FAULT_POINT names the step that was reached.
 * In operation the setting is empty and nothing happens.
 */
export function faultPoint(setting: string | undefined, step: string): void {
  if (setting === step) process.kill(process.pid, 'SIGKILL');
}
