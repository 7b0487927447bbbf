import { open, rename } from 'node:fs/promises'

/** Writes a file that is either whole or not there, readable by nobody else. */
export async function writeSecretly(file: string, text: string): Promise<void> {
  const half = `${file}.new`
  const handle = await open(half, 'w', 0o600)
  try {
    // One that was left over keeps its mode otherwise.
    await handle.chmod(0o600)
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(half, file)
}
