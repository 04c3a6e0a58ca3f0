import { cells, generated, table } from '../../catalog/pages/markdown.js';
import { exitCodeOf, type Diagnosis } from './diagnosis.js';
import { fieldDiagnoses } from './field-diagnoses.js';
import { serverDiagnoses } from './server-diagnoses.js';

/** `docs/diagnoses.md`: what `gt doctor` can find, from the lists that it finds by. */
export function diagnosesPage(): string {
  return [
    '# What gt doctor finds',
    '',
    generated,
    '',
    '## Between a client and the platform',
    '',
    'On the machine of the client, with its own settings:',
    '',
    '```sh',
    'npx --no -- gt doctor --base-url https://api.example.com/api/tenant/v1 --key-env GT_KEY --model assistant',
    '```',
    '',
    '`--key` gives the key itself. `--route "POST /embeddings"` (repeatable) names calls that the client makes: the doctor then',
    'tells which scope is missing. `--admin-token` (or `--admin-token-env`) lets it look at the admin plane too, beside the base URL',
    'or at `--url`. `--ca` names a file with certificates to trust. `--json` prints `{"object":"doctor","ok","checks":[{"check",',
    '"state":"ok|skipped|warning|fault","ok","diagnosis","detail","advice"}]}`. The exit code is 1 when there is a fault, 2 when the',
    'command is used wrongly. The tables name the usual one: a base URL that works all the same is a warning (0), one that does not is',
    'a fault (1).',
    '',
    'It makes one or two calls to the model, with the question of `--prompt`, and sends bodies as large as the platform takes, which',
    'are refused for a model that nobody has. It never sends the key before the platform has shown itself at the base URL, and never over',
    'http to another machine where the base URL says https.',
    '',
    '**How held-back streams are measured.** The platform sends the head of a stream together with its first event, and says in the',
    'header `openai-processing-ms` how long that took it. What the first byte took longer than that and than the quickest of the',
    'other calls, it spent on the way. Above one second, twice in a row, something holds it back. An answer that is over sooner than that',
    'cannot tell; ask for a longer one with `--prompt`.',
    '',
    ...rows(fieldDiagnoses),
    '',
    '## On the machine of the platform',
    '',
    '`npx --no -- gt doctor` without arguments, with the settings of the processes, looks at Node, settings, data folder, database, migrations,',
    'isolation of tenants, operators, queue, file storage, the sandbox of `npm run up`, and connections.',
    '',
    ...rows(serverDiagnoses),
    '',
  ].join('\n');
}

function rows(list: Readonly<Record<string, Diagnosis>>): string[] {
  return table(
    ['diagnosis', 'what is wrong', 'what to do', 'exit code'],
    Object.entries(list).map(([id, diagnosis]) =>
      cells([`\`${id}\``, diagnosis.what, diagnosis.cure, String(exitCodeOf(diagnosis))]),
    ),
  );
}
