import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { compile } from './c-program.mjs';
import { announcedPort, cores, startProcess } from './processes.mjs';

const sandbox = fileURLToPath(new URL('../dist/sandbox/main.js', import.meta.url));

/** The upstream's own names of the models that the phases ask for; a contestant that does not rename uses these. */
export const upstreamModels = { chat: 'chat', delayed: 'delay-10', paced: 'paced-20', embed: 'embed', floats: 'embed-floats' };

/** What the sandbox must read in a prompt to do what the C upstream does by the model's name. */
const sandboxPrompts = { delayed: '[[slow:10]] ', stream: '[[chunks:50]] ', paced: '[[chunks:50]][[pace:20]] ' };

/**
 * Starts the provider behind all contestants on the given port (0: any): the C upstream, or the product's sandbox where no
 * C compiler is. `prompts` are texts to put before a scenario's prompt.
 */
export async function startUpstream({ work, port = 0 }) {
  const program = await compile('upstream', work);
  const started = program === null ? startSandbox(port) : startProcess(program, [String(port)], options());
  const at = await announcedPort(started, program === null ? 'the sandbox' : 'the upstream');
  const kind = program === null ? 'sandbox (no C compiler: slower than the relays, so rates are not theirs)' : 'bench/upstream.c';
  return {
    kind,
    port: at,
    prefix: '/v1',
    origin: `http://127.0.0.1:${at}`,
    prompts: program === null ? sandboxPrompts : {},
    checksStreams: program !== null,
  };
}

function options() {
  return { core: cores?.load, stdio: ['ignore', 'pipe', 'pipe'], env: { PATH: process.env['PATH'] } };
}

function startSandbox(port) {
  if (!existsSync(sandbox))
    throw new Error('no C compiler for bench/upstream.c, and the sandbox is not built: run `npm run build`');
  return startProcess(process.execPath, [sandbox, '--port', String(port), '--grace-ms', '500'], options());
}
