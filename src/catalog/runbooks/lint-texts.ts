import { isScope } from '../../contracts/scopes.js';
import type { RouteId } from '../routes.js';
import type { Fault } from './lint-finding.js';
import { grantedScopes } from './reach.js';
import { proseTexts, settingTexts } from './row-texts.js';
import type { RunbookRow } from './runbook-row.js';

interface RouteWords {
  readonly route: RouteId;
  /** How texts spell the route's address. */
  readonly path: RegExp;
  /** How sentences name what it does. */
  readonly words?: RegExp;
  /** How settings name it. */
  readonly setting?: RegExp;
}

const spellings: readonly RouteWords[] = [
  { route: 'models.list', path: /\/models\b/, words: /\blist(ing)? of models\b/i },
  { route: 'chat.completions.create', path: /\/chat\/completions\b/, words: /\bchat completions\b/i },
  { route: 'completions.create', path: /(?<!\/chat)\/completions\b/, words: /\blegacy completions\b/i },
  { route: 'responses.create', path: /\/responses\b/, words: /\bresponses API\b/i },
  { route: 'embeddings.create', path: /\/embeddings\b/, words: /\bembeddings?\b/i, setting: /EMBED|\{\{embed_model\}\}/ },
  {
    route: 'audio.transcriptions.create',
    path: /\/audio\/transcriptions\b/,
    words: /\btranscri|\bspeech[- ]to[- ]text\b/i,
    setting: /STT_|WHISPER|TRANSCRI/,
  },
  { route: 'audio.speech.create', path: /\/audio\/speech\b/, words: /\btext[- ]to[- ]speech\b/i, setting: /TTS_/ },
  { route: 'images.generate', path: /\/images\/generations\b/, words: /\bimage generation\b/i, setting: /^IMAGES?_/ },
  { route: 'conversations.files.create', path: /\/conversations\/files\b/ },
  { route: 'datasets.files.create', path: /\/datasets\/[^/\s]+\/files\b/, words: /\bdataset uploads?\b/i },
  { route: 'files.get', path: /(?<!\/datasets\/[^/\s]+)\/files\/(\{|FILE)/ },
];

const known = new Set(['origin', 'api_key', 'model', 'embed_model']);
const scopeLike = /\b(inference|responses|conversations|datasets|files|batches|vector_stores|fine_tuning|usage):[a-z]+\b/g;

/** Texts say nothing else than the verdicts, name only scopes that a preset of the row grants, and can be filled in. */
export function lintTexts(row: RunbookRow): Fault[] {
  return [...routeFaults(row), ...scopeFaults(row), ...fillingFaults(row)];
}

function routeFaults(row: RunbookRow): Fault[] {
  const used = new Set(row.routes.map(({ route }) => route));
  const said = [...settingTexts(row), ...proseTexts(row)];
  const named = [...row.env.map(({ name }) => name), ...settingTexts(row)];
  return spellings.flatMap(({ route, path, words, setting }) => {
    const denied = said.filter((text) => path.test(text) && /\b404\b|\bnot served\b|\bunless\b.*\bserved\b/.test(text));
    if (!used.has(route)) {
      const claims = [...said.filter((text) => path.test(text)), ...named.filter((text) => setting?.test(text) === true)];
      return claims.map((text) => contradiction(`"${text}" speaks of ${route}, which is not supported in this product.`));
    }
    const excluded = row.notSupported.filter((text) => path.test(text) || words?.test(text) === true);
    return [...denied, ...excluded].map((text) => contradiction(`"${text}" speaks against ${route}, which the product uses.`));
  });
}

function scopeFaults(row: RunbookRow): Fault[] {
  const presets = row.preset === null ? [] : [row.preset, ...row.alternatives.map(({ preset }) => preset)];
  const granted = new Set(presets.flatMap((slug) => [...grantedScopes(slug)]));
  return [...settingTexts(row), ...proseTexts(row), ...row.notSupported]
    .flatMap((text) => text.match(scopeLike) ?? [])
    .flatMap((scope) => {
      if (!isScope(scope)) return [contradiction(`${scope} is no scope.`)];
      return granted.has(scope) ? [] : [contradiction(`${scope} is named, and no preset of the row grants it.`)];
    });
}

/** Every placeholder is known, no key stands in the texts, and a client is told its address, its key and, where it has one, its model. */
function fillingFaults(row: RunbookRow): Fault[] {
  const settings = settingTexts(row).join('\n');
  const all = [settings, ...proseTexts(row), ...row.notSupported].join('\n');
  const unknown = [...all.matchAll(/\{\{([a-z_]+)\}\}/g)].map(([, name = '']) => name).filter((name) => !known.has(name));
  const wanted = row.client === null ? [] : ['{{origin}}', '{{api_key}}'];
  return [
    ...unknown.map((name) => ({ rule: 'placeholder', detail: `{{${name}}} cannot be filled in.` })),
    ...wanted
      .filter((placeholder) => !settings.includes(placeholder))
      .map((placeholder) => ({ rule: 'placeholder', detail: `No setting has ${placeholder}.` })),
    ...(/\bgt(ak|ad)_[0-9A-Za-z]/.test(all) ? [{ rule: 'secret', detail: 'A text has a key in it.' }] : []),
  ];
}

function contradiction(detail: string): Fault {
  return { rule: 'contradiction', detail };
}
