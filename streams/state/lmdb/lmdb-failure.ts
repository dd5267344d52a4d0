/** What LMDB says when it fails. */

/**
 * A commit that failed says why in another promise, which rejects too: unless somebody listens, a
 * full disk would end the process.
 */
export async function causeOf(error: unknown): Promise<unknown> {
  const { commitError } = (error ?? {}) as { commitError?: Promise<never> };
  if (commitError === undefined) return error;
  return commitError.catch((cause: unknown) => cause);
}

/** MDB_PAGE_NOTFOUND, MDB_CORRUPTED, MDB_PANIC, MDB_INVALID. */
const damageCodes: readonly unknown[] = [-30797, -30796, -30795, -30793];

/** Whether the error says that the file itself is broken. */
export function isDamage(error: unknown): boolean {
  return damageCodes.includes((error as { readonly code?: unknown } | undefined)?.code);
}
