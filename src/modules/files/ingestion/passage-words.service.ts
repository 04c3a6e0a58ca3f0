import { Injectable } from '@nestjs/common';
import { wordVectors } from '../../../platform/words/word-vector.js';
import { PassageWordsRepository } from './passage-words.repository.js';

const batch = 200;
/** One run ends before the next is due. */
const runMs = 45_000;

/** Brings passages of older releases over to the words by which they are looked up now. */
@Injectable()
export class PassageWordsService {
  constructor(private readonly repository: PassageWordsRepository) {}

  /** Goes on in batches until none is left, the time of a run is over or the signal fires; returns how many were brought over. */
  async bringOver(signal: AbortSignal): Promise<number> {
    const end = performance.now() + runMs;
    let done = 0;
    for (let count = batch; count === batch && !signal.aborted && performance.now() < end; done += count) {
      count = await this.repository.giveWords(batch, wordVectors);
    }
    return done;
  }
}
