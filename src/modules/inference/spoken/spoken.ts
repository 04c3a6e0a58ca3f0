import { factsOfWire } from '../../../contracts/wires.js';
import { AppError } from '../../../kernel/app-error.js';
import type { CallPlan } from '../call/call-plan.js';
import { dialects } from './dialects.js';
import { chatOverDialect, embeddingsOverDialect, withHintsOfAnswer } from './over-dialect.js';

/**
 * The call as its provider is asked: as it was planned, or in the words of the provider's own wire.
 * @throws AppError unsupported_parameter for what that wire cannot say, unsupported_modality for what it does not have;
 * invalid_value.
 */
export function spoken(plan: CallPlan): CallPlan {
  const { connection } = plan.target;
  const { dialect: name } = connection;
  if (name === undefined || plan.counted !== undefined) return plan;
  const said = saidIn(name, plan);
  return factsOfWire(name).package === undefined ? said : withHintsOfAnswer(said);
}

function saidIn(name: string, plan: CallPlan): CallPlan {
  const { connection, paths } = plan.target;
  const { basePath, namedPaths } = connection;
  const dialect = dialects[name];
  const refusalStatus = dialect?.refusalStatus;
  const kept = (): undefined => undefined;
  if (plan.path === paths.chat && dialect !== undefined)
    return { ...chatOverDialect(plan, dialect.chat, basePath, { path: namedPaths.chat, kept }), refusalStatus };
  if (plan.path === paths.embeddings && dialect?.embeddings !== undefined)
    return { ...embeddingsOverDialect(plan, dialect.embeddings, basePath, { path: namedPaths.embeddings }), refusalStatus };
  throw new AppError('unsupported_modality');
}
