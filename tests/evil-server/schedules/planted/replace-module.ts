import { accessSync } from 'node:fs'
import { registerHooks } from 'node:module'

interface Replacement {
  /** A file of the SDK. */
  readonly file: string
  /** The file in this folder that replaces it. It may import the real one. */
  readonly by: string
  /** Only for this importer. */
  readonly importer?: string
}

/**
 * Plants a bug: from here on, a module of the SDK is replaced. The product has no support for this.
 */
export function replaceModule({ file, by, importer }: Replacement): void {
  const sdk = new URL('../../../../packages/sdk/src/', import.meta.url)
  const original = new URL(file, sdk).href
  const replacement = new URL(by, import.meta.url).href
  // With a wrong path the bug would not be planted, and the search for it would run for a long time.
  for (const url of [original, replacement]) accessSync(new URL(url))
  const only = importer === undefined ? undefined : new URL(importer, sdk).href
  registerHooks({
    resolve(specifier, context, next) {
      const resolved = next(specifier, context)
      const isIt = resolved.url === original && context.parentURL !== replacement
      const isReplaced = isIt && (only === undefined || context.parentURL === only)
      return isReplaced ? { ...resolved, url: replacement } : resolved
    },
  })
}
