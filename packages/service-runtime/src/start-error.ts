/** A reason why Sotto cannot start that whoever starts it can act on: one line, shown without a stack. */
export class StartError extends Error {
  override readonly name = 'StartError'
}

/** The `code` of a system error (`EACCES`, `ENOENT` …), or undefined for anything else. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}
