/** Throws if this process doesn't run as root: a test that needs root fails with an explanation and is not skipped. */
export function requireRoot(what: string): void {
  if (process.getuid?.() === 0) return
  throw new Error(`This test needs ${what}, which only root can make. Run it as root on Linux.`)
}
