import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, gzip } from 'node:zlib'

const compressible = /\.(css|html|js|json|svg|txt|wasm|webmanifest)$/
const minBytes = 1024

/**
 * Creates a `.br` and a `.gz` beside each file of `folder` that compresses well, for servers to
 * deliver.
 */
export async function compressFiles(folder: string): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile() && compressible.test(entry.name))
  for (const { parentPath, name } of files) {
    const file = join(parentPath, name)
    const bytes = await readFile(file)
    if (bytes.length < minBytes) continue
    await writeFile(`${file}.br`, await promisify(brotliCompress)(bytes))
    await writeFile(`${file}.gz`, await promisify(gzip)(bytes, { level: 9 }))
  }
}
