/** By what the sums of calls are told apart, beside tenant and time, as the columns of `usage_hourly`, `usage_daily` and `usage_open`. */
export const sumKeys = ['key_id', 'endpoint', 'route', 'state', 'connection_id', 'model', 'currency'] as const;

/** What is summed. Amounts are in micro-units of the row's currency, which is empty where no price says. */
export const measures = [
  'calls',
  'input_tokens',
  'cached_input_tokens',
  'cache_write_tokens',
  'output_tokens',
  'reasoning_tokens',
  'total_tokens',
  'audio_ms',
  'input_characters',
  'images',
  'cost',
  'charge',
] as const;
