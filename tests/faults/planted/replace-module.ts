import { registerHooks } from 'node:module'

/**
 * Plants a bug: from here on whoever imports the file of the product gets `replacement` instead, which
 * itself may import the real one. Nothing in the product knows of it: a test starts the process with
 * `--import` of a file that calls this.
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
