/**
 * Removes Ed25519 from WebCrypto, as in browsers that lack it. Code that is set up with this file
 * uses only the fallback.
 */
const { subtle } = globalThis.crypto
const unknown = () => Promise.reject(new DOMException('Unrecognized name.', 'NotSupportedError'))

for (const method of ['generateKey', 'importKey', 'sign', 'verify'] as const) {
  const original = subtle[method].bind(subtle) as (...args: unknown[]) => Promise<unknown>
  const replaced = (...args: unknown[]) =>
    args.some((arg) => arg === 'Ed25519') ? unknown() : original(...args)
  Object.defineProperty(subtle, method, { value: replaced, configurable: true })
}
