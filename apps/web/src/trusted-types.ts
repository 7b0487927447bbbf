interface ScriptUrlPolicy {
  createScriptURL(url: string): string
}
interface TrustedTypesFactory {
  createPolicy(name: string, rules: ScriptUrlPolicy): ScriptUrlPolicy
}

const rules: ScriptUrlPolicy = {
  createScriptURL(url) {
    const { origin, protocol } = new URL(url, location.href)
    if (origin !== location.origin || !protocol.startsWith('http')) {
      throw new TypeError('Scripts must come from this origin.')
    }
    return url
  },
}

// TypeScript's DOM library doesn't have Trusted Types yet, and Firefox added them only recently.
const factory = (globalThis as { trustedTypes?: TrustedTypesFactory }).trustedTypes
const policy = factory ? factory.createPolicy('sotto', rules) : rules

/** The URL of one of our workers, in the only form in which the page may start it. */
export const workerUrl = (url: string): URL => policy.createScriptURL(url) as unknown as URL
