import { providerIds, providerOf, type ProviderId } from '../../contracts/providers.js';
import { factsOfWire, tokenPlace } from '../../contracts/wires.js';
import { cells, generated, table } from './markdown.js';

const furtherSettings = [
  '## What else a connection can have',
  '',
  '```sh',
  '# further keys beside the first; calls take them in turn',
  'npx --no -- gt connection update main --tenant acme --token-env KEY_1 --further-tokens-env KEY_2,KEY_3',
  '# a header with each call, and without it again',
  'npx --no -- gt connection update main --tenant acme --headers-env x-team=TEAM_HEADER',
  "npx --no -- gt connection update main --tenant acme --headers '{x-team: null}'",
  '# a certificate authority of your own',
  'npx --no -- gt connection update main --tenant acme --ca "$(cat ca.pem)"',
  '# how many calls at once, and when a provider that fails is left alone',
  "npx --no -- gt connection update main --tenant acme --limits '{max_parallel: 50, breaker: {failures: 5, rest_seconds: 30}}'",
  '# a proxy',
  'npx --no -- gt connection update main --tenant acme --proxy \'{url: "http://proxy.internal:3128", username: gateway}\' \\',
  '  --proxy-password-env PROXY_PASSWORD',
  '```',
  '',
  'The flags that end in `-env` name variables of the environment, so that no secret stands in the history of the shell:',
  '`export KEY_1=…` before. `create` takes the same flags. Only operators set `--proxy`',
  '([Outbound proxies](operating.md#outbound-proxies)). With these `limits`, one process has at most 50 calls under way over the',
  'connection, and asks the provider nothing for 30 s after five failures in a row.',
  '',
] as const;

const fallbacks = [
  '## Another model when the first one fails',
  '',
  '```sh',
  'npx --no -- gt agent create --tenant acme --name support \\',
  "  --models '{chat: {connection: main, model: gpt-5}}' \\",
  "  --fallbacks '{chat: [{connection: backup, model: gpt-x}]}'",
  'npx --no -- gt agent publish support --tenant acme --endpoint support',
  '```',
  '',
  'When `main` cannot be reached, does not answer in time, or answers 401, 403, 404, 429 or 5xx before anything of an answer was',
  'sent, the call goes to `backup`. It may speak another wire. Up to four models for each of `chat`, `speech`, `image` and',
  '`moderate` are asked in their order. The header `x-gt-served-by` of the answer says which one it came from: `0` is the first',
  'choice, `1` the first fallback. Each try is booked by itself: `npx --no -- gt usage list --tenant acme` shows them.',
  '',
] as const;

/** `docs/providers.md`: the providers that a connection can name, each with the command to type. */
export function providersPage(): string {
  return [
    '# Providers',
    '',
    generated,
    '',
    'A connection that names one of these providers needs little else:',
    '',
    '```sh',
    'export GROQ_API_KEY=…',
    'npx --no -- gt connection create --tenant acme --provider groq --token-env GROQ_API_KEY',
    'npx --no -- gt connection test groq --tenant acme        # asks the provider for its models',
    'npx --no -- gt provider list                             # this list',
    '```',
    '',
    'In the file of `gt apply` it is `{ provider: groq, auth: { mode: header_token, token_env: GROQ_API_KEY } }`, and over the',
    'admin API `POST /connections` with `{"provider":"groq","auth":{"mode":"header_token","token":"…"}}`.',
    '',
    '- Whatever you give yourself (`--base-url`, `--wire`, `--auth`, …) is taken instead of what stands here; `--paths` is added.',
    "  Without `--name` the connection has the provider's id as its name.",
    '- The settings are copied when the connection is made. A later version of this list does not change it, unless a file of',
    '  `gt apply` that names the provider is applied again: it says what the list says by then.',
    '- Where capitals stand in an address, put in what is yours.',
    '- A local server is called only where `GT_ALLOW_PRIVATE_UPSTREAMS` allows its address: `127.0.0.1:11434` for Ollama.',
    '- Chats, legacy completions and responses work with all of them, embeddings where the provider has them. "Serves too" is',
    '  what is passed on besides.',
    '- A provider that is not listed is a connection with `--base-url` and `--wire` of its own. One that wants a login instead of',
    '  a token: [Logins](logins.md).',
    '',
    '**None of this was ever run against the real services here.** Addresses and paths are those of their own documentation; the',
    'wires are tested against stand-ins.',
    '',
    ...table(['provider', 'command', 'address', 'wire', 'token', 'serves too', 'to know'], providerIds.map(row)),
    '',
    ...furtherSettings,
    ...fallbacks,
  ].join('\n');
}

function row(id: ProviderId): string {
  const { title, address, wire, paths = {}, signsIn, remark } = providerOf(id);
  const { header, prefix } = tokenPlace(wire, {});
  const place = `\`${header}\`${prefix === '' ? '' : `, \`${prefix}\``}`;
  const needed = factsOfWire(wire).package;
  return cells([
    title,
    `\`npx --no -- gt connection create --tenant acme --provider ${id}${given(id)}\``,
    `\`${'url' in address ? address.url : address.like}\``,
    `\`${wire}\`${needed === undefined ? '' : `, by \`${needed}\``}`,
    signsIn === 'none' ? 'none' : place,
    Object.keys(paths).join(', '),
    remark,
  ]);
}

/** What the command must say of a provider beside its id. */
function given(id: ProviderId): string {
  const { address, signsIn } = providerOf(id);
  const baseUrl = 'like' in address ? ` --base-url ${address.like}` : '';
  return `${baseUrl}${signsIn === 'none' ? '' : ` --token-env ${id.toUpperCase()}_API_KEY`}`;
}
