import { Injectable } from '@nestjs/common';
import { Metrics } from '../../observability/metrics.js';
import { CallJournal } from '../../platform/journal/call-journal.js';

/** Shows how the journal of calls stands among the process's metrics. */
@Injectable()
export class JournalMetrics {
  constructor(metrics: Metrics, journal: CallJournal) {
    metrics.watch('gt_journal_open_calls', 'Calls to providers that have begun and not ended.', () => journal.counts().open);
    metrics.watch(
      'gt_journal_undrained_calls',
      'Ended calls, and rows of the request log, in memory that are not in the database yet.',
      () => journal.counts().undrainedInMemory,
    );
    metrics.watch(
      'gt_journal_lost_calls',
      'Usage records that neither disk nor memory could take, since the start.',
      () => journal.counts().lost,
    );
    metrics.watch(
      'gt_journal_kept_bytes',
      'Lines and files of journals that this build cannot read, kept apart in <data dir>/journal-kept.',
      () => journal.kept.keptBytes,
    );
  }
}
