/** The planted bug: what waits is sealed again after a log-in, whatever key it was written to. */
export function isWrittenTo(): boolean {
  return true
}
