import { routeRow, type RouteId } from '../catalog/routes.js';
import { presetReaches } from '../catalog/runbooks/reach.js';
import { builtInPresets } from '../catalog/presets.js';
import { configuredValue, documentedUrl } from './documented-form.js';
import { errorOf, type Answered, type Exchange, type Silent } from './exchange.js';
import { failed, type Failure } from './result.js';
import type { VerificationRun } from './run.js';

/**
 * Names why a call of the client was not answered well. Where the answer could have two reasons, the same is asked as the
 * documents say: what is answered then is not the platform's or the key's fault.
 */
export async function failureOf(run: VerificationRun, route: RouteId, given: Exchange): Promise<Failure> {
  if (given.kind === 'silent') return silence(run, given);
  const told = errorOf(given);
  const said = told?.message ?? `It answered ${given.status} ${given.type}`.trim();
  const seen = `${given.method} ${given.url} answered ${given.status}: ${said}`;
  const { status } = given;
  if (status < 300) return wrongAddress(run, `${seen} That is not the API of the platform.`);
  if (status < 400) return wrongAddress(run, `${seen} It leads to ${given.headers.get('location') ?? 'nowhere'}.`);
  if (status === 401) return await unknownKey(run, seen);
  if (told?.code === 'model_not_found' || told?.code === 'unsupported_modality')
    return failed('model', seen, 'Name a published alias that the key may use, or publish one and allow the key to use it.');
  if (status === 404 || status === 405) return await notFound(run, route, seen);
  if (status === 403) return forbidden(run, route, told?.code ?? null, seen);
  if (status === 429) return failed('limit', seen, 'Wait, or raise the limit of the key, of the tenant or of the provider.');
  if (status >= 500) return failed('provider', seen, 'Look at the connection: gt connection test <name>. Its provider failed.');
  return failed('body', seen, 'The client sends a member that is refused here: switch it off in the product.');
}

/** The answer came, and the client cannot read it. */
export function unreadable({ method, url }: Answered, wrong: string): Failure {
  const cure = 'Something between the client and the platform, or the provider, changes answers: call the platform directly.';
  return failed('answer', `The answer to ${method} ${url} ${wrong}.`, cure);
}

function silence({ setup }: VerificationRun, { method, url, reason, detail }: Silent): Failure {
  const seen = `${method} ${url} was not answered (${detail}).`;
  if (reason === 'timeout') return failed('timeout', seen, "Raise the product's own timeout, or use a faster model.");
  const cure = 'Is the platform running, and is its address right? Names, certificates and proxies count too.';
  return failed('unreachable', seen, setup.addressCure ?? cure);
}

async function unknownKey(run: VerificationRun, seen: string): Promise<Failure> {
  const plain = await run.reference.call('key.get');
  if (plain.kind === 'answered' && plain.status === 200) {
    const { header, value } = run.habits.auth;
    const sent = `The client sends "${header}: ${value.replace('{{api_key}}', 'gtak_...')}"; the same key is taken as "Authorization: Bearer".`;
    return failed('auth_header', `${seen} ${sent}`, 'Have the product send the header "Authorization: Bearer <key>".');
  }
  return failed('invalid_key', seen, `Make a key: gt runbook key ${run.row.slug} --name <name>.`);
}

/** The wrong address, or a route that the tenant has switched off. */
async function notFound(run: VerificationRun, route: RouteId, seen: string): Promise<Failure> {
  const called = run.client.addressOf({ route });
  const documented = documentedUrl(run.setup.origin, route);
  if (called !== documented) return wrongAddress(run, seen);
  const plain = await run.reference.call('key.get');
  if (plain.kind === 'answered' && plain.status === 200)
    return failed('refused', seen, `Switch the routes of the group "${routeRow(route).group}" on: gt tenant update.`);
  return failed('base_url', seen, run.setup.addressCure ?? 'Check --base-url: the platform does not answer there.');
}

function wrongAddress(run: VerificationRun, seen: string): Failure {
  const { addressCure, origin } = run.setup;
  return failed('base_url', seen, addressCure ?? `Configure the base URL ${configuredValue(run.row, origin)} in the product.`);
}

function forbidden(run: VerificationRun, route: RouteId, code: string | null, seen: string): Failure {
  if (code !== 'insufficient_scope')
    return failed('refused', seen, 'The key or its tenant refuses the call: gt key explain <key>.');
  const { slug, preset, alternatives } = run.row;
  const having = [preset, ...alternatives.map((other) => other.preset), ...builtInPresets.map((other) => other.slug)];
  const fit = having.find((name) => presetReaches(name, route));
  return failed(
    'scope',
    seen,
    `Make a key of the preset ${fit ?? preset}: gt runbook key ${slug} --name <name> --preset ${fit ?? preset}.`,
  );
}
