import { startSandbox, type Sandbox } from './server.js';
import { readSettings, settingsUsage } from './settings.js';

/** The sandbox's own process: prints one JSON line when it listens; SIGTERM and SIGINT end it. */
async function main(): Promise<void> {
  const settings = readSettings(process.argv.slice(2), process.env['GT_SANDBOX_TOKEN']);
  const sandbox = await startSandbox(settings);
  process.stdout.write(`${JSON.stringify({ listening: `${sandbox.url}/v1` })}\n`);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop(sandbox, settings.graceMs));
}

let stopping = false;

/** The first signal lets open requests finish within the grace, a second one ends them. */
async function stop(sandbox: Sandbox, graceMs: number): Promise<void> {
  if (stopping) process.exit(0);
  stopping = true;
  await sandbox.close(graceMs);
  process.exit(0);
}

main().catch((error: unknown) => {
  const busy = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
  const text = error instanceof Error ? error.message : String(error);
  process.stderr.write(`sandbox: ${text}${busy ? '; choose another with --port' : ''}\n${busy ? '' : `${settingsUsage}\n`}`);
  process.exit(2);
});
