import { presentPage } from '../../contracts/lists.js';
import type {
  AdminUsageList,
  AdminUsageObject,
  AdminUsageTotals,
  UsageGroupList,
  UsageList,
  UsageObject,
} from '../../contracts/usage.js';
import { unpricedOf } from '../../modules/usage/usage-amounts.js';
import type { UsageGroupPage } from '../../modules/usage/usage-groups.js';
import type { UsageTotals } from '../../modules/usage/usage-totals.js';
import type { UsagePage, UsageRecord } from '../../modules/usage/usage.repository.js';

/** A usage record in the contract's form (section 10). The provider's own model, the connection and the cost are the admins' to see. */
export function presentUsage(record: UsageRecord): UsageObject {
  return {
    object: 'usage',
    id: record.id,
    request_id: record.requestId,
    created_at: Math.floor(record.createdAt.getTime() / 1000),
    key: record.keyId,
    route: record.route,
    endpoint: record.endpoint,
    status: record.status,
    state: record.state,
    source: record.source,
    stream: record.stream,
    input_tokens: record.inputTokens,
    cached_input_tokens: record.cachedInputTokens,
    cache_write_tokens: record.cacheWriteTokens,
    output_tokens: record.outputTokens,
    reasoning_tokens: record.reasoningTokens,
    total_tokens: record.totalTokens,
    latency_ms: record.latencyMs,
    first_token_ms: record.firstTokenMs,
    audio_seconds: record.audioMs === null ? null : record.audioMs / 1000,
    input_characters: record.inputCharacters,
    images: record.images,
    image_size: record.imageSize,
    charge: record.charge,
    currency: record.currency,
  };
}

/** One page of usage with the sums over the whole filter. */
export function presentUsagePage(page: UsagePage): UsageList {
  const { data, ...rest } = presentPage(page, presentUsage);
  const amounts = page.totals.amounts.map(({ currency, calls, charge }) => ({ currency, calls, charge }));
  return { ...rest, data: [...data], totals: { ...presentTotals(page.totals), amounts } };
}

/** The same for the admin plane, which sees who was asked and what the provider answered. */
export function presentAdminUsagePage(page: UsagePage): AdminUsageList {
  const { data, ...rest } = presentPage(page, presentAdminUsage);
  return { ...rest, data: [...data], totals: presentAdminTotals(page.totals) };
}

/** One page of groups with the sums over all of them. */
export function presentUsageGroups(page: UsageGroupPage): UsageGroupList {
  const { data, ...rest } = presentPage(page, ({ id, name, ...sums }) => ({
    ...{ object: 'usage_group' as const, id, name },
    ...presentAdminTotals(sums),
  }));
  return { ...rest, data: [...data], totals: presentAdminTotals(page.totals) };
}

/** Sums as people see them. */
export function presentAdminTotals(totals: UsageTotals): AdminUsageTotals {
  return { ...presentTotals(totals), amounts: [...totals.amounts] };
}

/** The same as people see it. */
export function presentAdminUsage(record: UsageRecord): AdminUsageObject {
  const { keyName, connection, model, upstreamStatus, providerBatch, cost } = record;
  return {
    ...{ ...presentUsage(record), key_name: keyName, connection, model },
    ...{ upstream_status: upstreamStatus, provider_batch: providerBatch, cost },
  };
}

function presentTotals(totals: UsageTotals): Omit<UsageList['totals'], 'amounts'> {
  return {
    calls: totals.calls,
    input_tokens: totals.inputTokens,
    cached_input_tokens: totals.cachedInputTokens,
    cache_write_tokens: totals.cacheWriteTokens,
    output_tokens: totals.outputTokens,
    reasoning_tokens: totals.reasoningTokens,
    total_tokens: totals.totalTokens,
    audio_seconds: totals.audioMs / 1000,
    input_characters: totals.inputCharacters,
    images: totals.images,
    unpriced_calls: unpricedOf(totals.calls, totals.amounts),
  };
}
