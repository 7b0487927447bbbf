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
      throw new TypeError('scripts come from this origin only')
    }
    return url
  },
}

// TypeScript's DOM library does not know Trusted Types yet, and Firefox only lately does.
const factory = (globalThis as { trustedTypes?: TrustedTypesFactory }).trustedTypes
const policy = factory ? factory.createPolicy('sotto', rules) : rules

/** The address of a worker of ours, in the one form in which the page may start it. */
export const workerUrl = (url: string): URL => policy.createScriptURL(url) as unknown as URL
