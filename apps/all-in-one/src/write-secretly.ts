import { open, rename } from 'node:fs/promises'

/** Writes a file atomically, readable only by its owner. */
export async function writeSecretly(file: string, text: string): Promise<void> {
  const half = `${file}.new`
  const handle = await open(half, 'w', 0o600)
  try {
    // An existing file would otherwise keep its mode.
    await handle.chmod(0o600)
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(half, file)
}
