import { AnsweredLines } from './answered-lines.js';
import { CleanStep } from './clean-step.js';
import { CollectStep } from './collect-step.js';
import { FollowStep } from './follow-step.js';
import { HandedCalls } from './handed-calls.js';
import { HandoverChoice } from './handover-choice.js';
import { HandoverSteps } from './handover-steps.js';
import { ProviderBatches } from './provider-batches.js';
import { SendStep } from './send-step.js';
import { WrittenLines } from './written-lines.js';

/** What hands batches on to providers: handover-choice says which, handover-steps does what is next at one. */
export const handingParts = [
  AnsweredLines,
  CleanStep,
  CollectStep,
  FollowStep,
  HandedCalls,
  HandoverChoice,
  HandoverSteps,
  ProviderBatches,
  SendStep,
  WrittenLines,
];
