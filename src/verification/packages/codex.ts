import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Given, Told } from './program.js';

const timeoutMs = 120_000;

/** One turn of the Codex CLI, with a home of its own that is removed after it. */
export async function runCodex(
  program: string,
  { baseURL, apiKey, model, question }: Omit<Told, 'client' | 'folder' | 'embedModel'>,
): Promise<Readonly<Record<string, Given>>> {
  const home = await mkdtemp(join(tmpdir(), 'gt-codex-'));
  try {
    await writeFile(join(home, 'config.toml'), configuration(baseURL, model));
    const flags = ['--json', '--skip-git-repo-check', '--sandbox', 'read-only', '--cd', home];
    const { code, out, err } = await ended(program, ['exec', ...flags, question], {
      HOME: home,
      CODEX_HOME: home,
      GT_KEY: apiKey,
    });
    if (code === 0 && out.includes('turn.completed')) return { answer: { seen: 'a whole turn' } };
    return { answer: { wrong: `ended with ${code ?? 'a signal'}: ${(err || out).slice(-300)}` } };
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

function configuration(baseURL: string, model: string): string {
  return `
model = ${JSON.stringify(model)}
model_provider = "gt"
check_for_update_on_startup = false
[analytics]
enabled = false
[model_providers.gt]
name = "gt"
base_url = ${JSON.stringify(baseURL)}
env_key = "GT_KEY"
wire_api = "responses"
`;
}

function ended(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<{ readonly code: number | null; readonly out: string; readonly err: string }> {
  return new Promise((done, fail) => {
    // The command is a script of Node, which is found where this Node is.
    const child = spawn(process.execPath, [program, ...args], { env, timeout: timeoutMs, stdio: ['ignore', 'pipe', 'pipe'] });
    let [out, err] = ['', ''];
    child.stdout.on('data', (piece: Buffer) => (out = (out + piece.toString()).slice(-100_000)));
    child.stderr.on('data', (piece: Buffer) => (err = (err + piece.toString()).slice(-2_000)));
    child.on('error', fail);
    child.on('close', (code) => done({ code, out, err }));
  });
}
