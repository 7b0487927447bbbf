/** The same bad answer comes again each time the client asks, which is every few minutes. */
const QUIET_MS = 3_600_000

/** Whether to tell of an answer that came at `untrustedAt`, when the one at `dismissed` was read. */
export function isNewDoubt(untrustedAt: number | null, dismissed: number | null): boolean {
  if (untrustedAt === null) return false
  return dismissed === null || untrustedAt - dismissed > QUIET_MS
}
