import { registerHooks } from 'node:module'

/**
 * Plants a bug: every importer of the product's file gets `replacement` instead, which may import the real file. The
 * product knows nothing about this: a test starts the process with `--import` of a file that calls this function.
 */
export function replaceModule(productFile: string, replacement: URL): void {
  const original = new URL(`../../../${productFile}`, import.meta.url).href
  registerHooks({
    resolve(specifier, context, next) {
      const resolved = next(specifier, context)
      const isReplaced = resolved.url === original && context.parentURL !== replacement.href
      return isReplaced ? { ...resolved, url: replacement.href } : resolved
    },
  })
}
