/** A problem at the start that the operator can fix: one line, displayed without a stack. */
export class StartError extends Error {
  override readonly name = 'StartError'
}

/** The `code` of a system error (`EACCES`, `ENOENT` …), or undefined for anything else. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}
