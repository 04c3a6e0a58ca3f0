import type { JobPayload } from '../../contracts/jobs.js';
import { PassageWordsService } from '../../modules/files/ingestion/passage-words.service.js';
import type { JobRun } from '../../platform/queue/job-run.js';
import { Processes, type JobProcessor } from '../processes.decorator.js';

/** Gives passages that an older release stored the words by which they are looked up, every minute while there are some. */
@Processes('passages.words')
export class PassagesWordsProcessor implements JobProcessor<'passages.words'> {
  constructor(private readonly passages: PassageWordsService) {}

  async process(_payload: JobPayload<'passages.words'>, run: JobRun): Promise<void> {
    await this.passages.bringOver(run.signal);
  }
}
