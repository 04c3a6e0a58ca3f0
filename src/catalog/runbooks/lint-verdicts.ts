import { routeRow } from '../routes.js';
import type { Fault } from './lint-finding.js';
import type { RunbookRow } from './runbook-row.js';

/** Verdicts agree with the route table, and the words for compatibility, streams, tools and models with the routes. */
export function lintVerdicts(row: RunbookRow): Fault[] {
  return [...verdictFaults(row), ...compatibilityFaults(row), ...habitFaults(row)];
}

function verdictFaults({ routes }: RunbookRow): Fault[] {
  const twice = routes.filter(({ route }, place) => routes.findIndex((other) => other.route === route) !== place);
  return [
    ...twice.map(({ route }) => ({ rule: 'double_route', detail: `${route} is named twice.` })),
    ...routes.flatMap(({ route, verdict }) => {
      const { superset, verdict: known } = routeRow(route);
      if (superset === true || verdict === known) return [];
      return [{ rule: 'verdict', detail: `${route} is said to be ${verdict}, and the route table has ${known}.` }];
    }),
  ];
}

function compatibilityFaults({ compatibility, category, routes, preset, client, baseUrl, docs }: RunbookRow): Fault[] {
  const isClient = compatibility !== 'no';
  const wrong: [boolean, string][] = [
    [isClient === (category === 'Not a direct client'), `"${category}" does not go with "${compatibility}".`],
    [
      !isClient && (routes.length > 0 || preset !== null || client !== null),
      'It is no client, and has routes, a preset or habits.',
    ],
    [isClient && (preset === null || client === null), 'It is a client, and its preset or its habits are missing.'],
    [isClient && !routes.some(({ use }) => use === 'always'), 'It is a client, and calls no route always.'],
    [isClient && docs.length === 0, 'It is a client, and no documentation is named.'],
    [
      compatibility === 'ext' && !routes.some(({ verdict }) => verdict === 'gt_extension'),
      'It is said to use GT extensions, and none is among its routes.',
    ],
    [(compatibility === 'http') !== (client?.streaming.use === 'never'), 'Plain HTTP alone and reading no streams go together.'],
    [compatibility === 'http' && baseUrl.rule !== 'full', 'Plain HTTP alone has the address of a route.'],
  ];
  return wrong.flatMap(([isWrong, detail]) => (isWrong ? [{ rule: 'compatibility', detail }] : []));
}

function habitFaults({ streaming, modelList, tools, routes, client }: RunbookRow): Fault[] {
  if (client === null) return [];
  const listsModels = routes.some(({ route }) => route === 'models.list');
  const wrong: [boolean, string][] = [
    [
      (streaming === 'not_possible') !== (client.streaming.use === 'never'),
      `Streams are "${streaming}", and the client's "${client.streaming.use}".`,
    ],
    [
      streaming === 'required' && client.streaming.use !== 'always',
      'Streams are required, and the client does not always ask for one.',
    ],
    [
      modelList === null || (modelList.use === 'never') === listsModels,
      'What it does with the list of models differs from its routes.',
    ],
    [
      tools === null || (client.tools === 'never') !== /^(not used|n\/a)/.test(tools),
      `Tools are "${tools}", and the client's "${client.tools}".`,
    ],
  ];
  return wrong.flatMap(([isWrong, detail]) => (isWrong ? [{ rule: 'habits', detail }] : []));
}
