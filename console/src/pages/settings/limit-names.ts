/** The limits of a tenant, as people call them. */
export const limitNames = {
  requests_per_minute: 'Requests in a minute',
  tokens_per_minute: 'Tokens in a minute',
  parallel_requests: 'Requests at the same time',
  uploads_per_day: 'Uploads in a day',
  stored_bytes: 'Stored bytes',
} as const;

export type LimitName = keyof typeof limitNames;

export const limitIds = Object.keys(limitNames) as readonly LimitName[];
