const counts = (total: number, failed = 0) => ({ total, completed: total - failed, failed });
const went = (answer: unknown) => ({ status: 'completed', counts: counts(1), answers: [answer], errors: [] });
const attached = { in_progress: 0, completed: 4, failed: 0, cancelled: 0, total: 4 };
const searched = {
  search: ['file_search_call', 'completed', ['lighthouse.txt']],
  text: 'According to [1] lighthouse.txt: "The lighthouse of Kiel is green."',
  cited: [['file_citation', 'lighthouse.txt']],
};

/** What each step of `scripts/openai-files.mjs` gives, whatever the provider has. */
export const filesTable: readonly (readonly [step: string, value: unknown])[] = [
  ['waitForProcessing', ['processed', 'processed', 'error']],
  ['uploadInParts', { status: 'completed', file: 'processed', filename: 'all.txt', isSame: true }],
  ['uploadCancelled', 'cancelled'],
  [
    'createAndPoll',
    {
      status: 'completed',
      attributes: { colour: 'green' },
      texts: ['The lighthouse of Kiel is green.'],
      kept: [['lighthouse.txt'], []],
      left: [],
    },
  ],
  ['uploadAndPoll', { status: 'completed', found: ['lighthouse.txt'] }],
  ['unreadable', { status: 'failed', code: 'unsupported_file' }],
  [
    'fileBatch',
    {
      status: 'completed',
      counts: attached,
      files: ['completed', 'completed', 'completed', 'completed'],
      store: { counts: attached, status: 'completed' },
    },
  ],
  ['chatBatch', { status: 'completed', counts: counts(2, 1), answers: ['You said: hello'], errors: [['line-1', 'stream']] }],
  ['responsesBatch', went('You said: hello')],
  ['completionsBatch', went('You said: hello')],
  ['embeddingsBatch', went(2)],
  ['fileSearch', [searched, searched]],
  ['namedInCalls', { responses: 'completed', chat: 'stop' }],
];
