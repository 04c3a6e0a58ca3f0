import { harborManifest, harborPort, harborRows } from '../harbor/manifest.js';
import { currentActionSet } from '../harbor/version.js';
import { cells, generated, table } from './markdown.js';

const baseUrl = 'https://<tenant-host>/api/tenant/v1/';

/** `docs/harbor/manifest.json`: the manifest of a key that may do everything. */
export function harborManifestFile(): string {
  return `${JSON.stringify(
    harborManifest(baseUrl, () => true, currentActionSet().version),
    null,
    2,
  )}\n`;
}

/** `docs/harbor/actions.md`: the port and every action. */
export function harborPage(): string {
  const { label, publisher, authMode, authHeaderName, authTokenPrefix } = harborPort(baseUrl);
  const { version } = currentActionSet();
  const actions = harborRows().flatMap(({ row: { scopes, replies }, action }) =>
    action === undefined
      ? []
      : cells([
          `\`${action.slug}\``,
          `${action.method} ${action.path}`,
          action.requestBodyMode,
          replies ?? 'JSON',
          action.approvalMode,
          scopes === 'any' ? 'any' : scopes.join(', '),
        ]),
  );
  const leftOut = harborManifest(baseUrl, () => true).leftOut.flatMap(({ method, path, label, reason }) =>
    cells([`${method} ${path}`, label, reason]),
  );
  return [
    '# Harbor',
    '',
    generated,
    '',
    `A node of Harbor imports the platform as the port \`${label}\` (publisher \`${publisher.slug}\`) with the actions below. It asks`,
    '`GET /api/tenant/v1/harbor/manifest` with a key, and gets what this key may do: the same routes that `gt key explain` allows.',
    '[manifest.json](manifest.json) is the manifest of a key that may do everything. [operator.md](operator.md) says what an operator does',
    'with it, [agent.md](agent.md) what an agent does.',
    '',
    '```sh',
    'export GT_KEY=gtak_…',
    'npx --no -- gt harbor manifest --key-env GT_KEY > manifest.json   # what the key may do',
    'npx --no -- gt harbor manifest                                    # every action of this release',
    'npx --no -- gt harbor validate manifest.json --key-env GT_KEY     # calls list-models through the manifest, as a node does',
    'npx --no -- gt harbor diff former.json manifest.json              # what changed between two manifests',
    '```',
    '',
    `- **Signing in**: \`${authMode}\`. The node sends \`${authHeaderName}: ${authTokenPrefix} gtak_…\`. The key stays with the node; it is in no`,
    '  manifest, and no token of a provider is.',
    '- **Address**: the base URL is `GT_PUBLIC_URL`, else the host that the manifest was asked at. Paths of actions are put behind it.',
    '- **Input**: values for the names in braces are in `input.path`, those behind the `?` in `input.query`, the JSON body in',
    '  `input.body`. The bodies of inference calls are described as far as the platform needs them; all else that the API of OpenAI',
    '  has is taken too. A call with `stream: true` is answered in events, which are no JSON: leave it out.',
    '- **Result**: `json_summary`. Of a result that is bytes, `resultSummary` says what to show: its status, type, size and SHA-256.',
    '- **Approval**: reads are `automatic`; execution and change of state are `require_approval`, which the node asks its own operator.',
    `- **Version**: ${version}. It counts for the whole set of actions, and rises by one when a method, a path, a schema or a mode changes.`,
    '  Other wording does not raise it.',
    '',
    '## Actions',
    '',
    ...table(['action', 'route', 'body', 'result', 'approval', 'scope of the key'], actions),
    '',
    '## Left out',
    '',
    ...table(['route', 'what', 'reason'], leftOut),
    '',
  ].join('\n');
}
