/** So long somebody may be on the way to the tenant's own sign-in and back, in seconds. */
export const tripSeconds = 600;
