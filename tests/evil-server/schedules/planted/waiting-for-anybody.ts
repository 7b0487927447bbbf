/**
 * The planted bug: a message that waits while another own device accepts a new key does not fail, and is
 * sealed for that key after the next log-in.
 */
export function isWrittenTo(): boolean {
  return true
}
