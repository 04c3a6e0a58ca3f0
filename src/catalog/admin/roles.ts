/** Roles of the admin plane, the weakest first: each may do what those before it may (contract section 10). */
export const adminRoles = ['viewer', 'manager', 'owner', 'operator'] as const;

export type AdminRole = (typeof adminRoles)[number];

/** True when a role may do what is open to `needed` and above. */
export function roleReaches(role: AdminRole, needed: AdminRole): boolean {
  return adminRoles.indexOf(role) >= adminRoles.indexOf(needed);
}
