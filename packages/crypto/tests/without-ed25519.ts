/**
 * Takes Ed25519 away from WebCrypto, as in the browsers that have none: what is set up with it works with the
 * fallback only.
 */
const { subtle } = globalThis.crypto
const unknown = () => Promise.reject(new DOMException('Unrecognized name.', 'NotSupportedError'))

for (const method of ['generateKey', 'importKey', 'sign', 'verify'] as const) {
  const original = subtle[method].bind(subtle) as (...args: unknown[]) => Promise<unknown>
  const replaced = (...args: unknown[]) =>
    args.some((arg) => arg === 'Ed25519') ? unknown() : original(...args)
  Object.defineProperty(subtle, method, { value: replaced, configurable: true })
}
