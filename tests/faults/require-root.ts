/** Throws when this process is not root's: a test that needs it fails and says why, and is not skipped. */
export function requireRoot(what: string): void {
  if (process.getuid?.() === 0) return
  throw new Error(`This test needs ${what}, which only root can make. Run it as root on Linux.`)
}
