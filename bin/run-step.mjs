import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';

const shownLinesOnFailure = 40;

/** The exit code of a process that a signal ended, as shells give it. */
export function signalExitCode(signal) {
  return { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 }[signal] ?? 1;
}

/**
 * Runs a program with its output in a log, shows the step's name with the seconds that passed, and on failure the end
 * of the log. Ends this process when the step fails or a signal comes.
 */
export async function runStep(name, command, args, { cwd, logFile, env }) {
  mkdirSync(dirname(logFile), { recursive: true, mode: 0o700 });
  const log = openSync(logFile, 'w', 0o600);
  const child = spawn(command, args, { cwd, env, stdio: ['ignore', log, log], shell: process.platform === 'win32' });
  closeSync(log);
  const stopClock = showClock(name);
  let stoppedBy = null;
  const forward = (signal) => {
    stoppedBy = signal;
    child.kill(signal);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, forward);
  const outcome = await new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(code ?? signal));
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.off(signal, forward);
  stopClock(outcome === 0 && stoppedBy === null);
  if (stoppedBy !== null) process.exit(signalExitCode(stoppedBy));
  if (outcome === 0) return;
  const lines = readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-shownLinesOnFailure);
  console.error(
    `${lines.join('\n')}\n\n"${[command, ...args].join(' ')}" failed (${outcome}). All of its output is in ${logFile}.`,
  );
  process.exit(1);
}

/** On a terminal one line whose seconds run; elsewhere a line at the start, every ten seconds and at the end. */
function showClock(name) {
  const start = Date.now();
  const seconds = () => ((Date.now() - start) / 1000).toFixed(1);
  const live = process.stdout.isTTY;
  const show = () =>
    process.stdout.write(live ? `\r… ${name} (${Math.round(seconds())} s)` : `… ${name} (${Math.round(seconds())} s)\n`);
  show();
  const timer = setInterval(show, live ? 1000 : 10_000);
  return (ok) => {
    clearInterval(timer);
    process.stdout.write(`${live ? '\r' : ''}${ok ? '✓' : '✗'} ${name} (${seconds()} s)\n`);
  };
}
