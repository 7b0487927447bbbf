/**
 * Writes the test vectors of Sotto's own formats: `node packages/crypto/scripts/make-vectors.ts`.
 * They are computed with `node:crypto` from PROTOCOL.md alone, and the output is deterministic.
 * `opaque.json` is recorded instead of computed, because a server's messages are random.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { vectorFiles } from './vectors/vector-files.ts'

const folder = join(import.meta.dirname, '..', 'tests', 'vectors', 'files', 'sotto')
mkdirSync(folder, { recursive: true })
for (const [name, text] of vectorFiles()) writeFileSync(join(folder, name), text)
