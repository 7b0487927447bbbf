/** The same bad answer comes again each time the client asks, which is every few minutes. */
const QUIET_MS = 3_600_000

/** Whether to report an answer from `untrustedAt` after the one from `dismissed` was dismissed. */
export function isNewDoubt(untrustedAt: number | null, dismissed: number | null): boolean {
  if (untrustedAt === null) return false
  return dismissed === null || untrustedAt - dismissed > QUIET_MS
}
