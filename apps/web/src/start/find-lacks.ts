import { oldestBrowsers } from '../../browsers.ts'
import type { Words } from '../client/error-words.ts'

/** Something that this page needs and does not have here, in words. */
export interface Lack extends Words {
  /** For whoever helps. */
  readonly name: string
  /** What to do for whoever runs the server. */
  readonly operator?: string
}

const { chrome, firefox, safari } = oldestBrowsers
const NEWER = `Use a newer browser: Sotto needs Chrome or Edge ${chrome}, Firefox ${firefox}, Safari ${safari}, or newer.`

/** What every supported browser has, and what Sotto does with it. Without a safe address some of it hides. */
const features: readonly (readonly [name: string, use: string, isThere: () => unknown])[] = [
  ['WebCrypto', 'to encrypt', () => globalThis.crypto?.subtle],
  ['crypto.randomUUID', 'to name messages', () => globalThis.crypto?.randomUUID],
  ['IndexedDB', 'to keep your keys and messages on this device', () => hasIndexedDb()],
  ['Web Locks', 'so that several tabs do not send the same message', () => navigator.locks],
  ['BroadcastChannel', 'so that several tabs show the same', () => globalThis.BroadcastChannel],
  ['WebSocket', 'to get messages at once', () => globalThis.WebSocket],
  ['structuredClone', 'to copy what it keeps', () => globalThis.structuredClone],
  ['AbortSignal.timeout', 'to give up requests without an answer', () => AbortSignal.timeout],
  ['Array.prototype.with', 'in every part of it', () => Array.prototype.with],
]

/** Everything that is missing, each by its name; what follows from something else is left out. */
export function findLacks(): Lack[] {
  if (!globalThis.isSecureContext) return [unsafeAddress()]
  const cookies = navigator.cookieEnabled ? [] : [noCookies]
  return [...cookies, ...features.filter(([, , isThere]) => !isThere()).map(missing)]
}

function missing([name, use]: (typeof features)[number]): Lack {
  return { name, what: `This browser has no ${name}.`, next: `Sotto needs it ${use}. ${NEWER}` }
}

const noCookies: Lack = {
  name: 'cookies',
  what: 'This browser blocks cookies and site data here.',
  next: 'Sotto needs them to keep you logged in, and shares them with nobody. Allow cookies and site data for this address in the settings of the browser or of an extension, then try again.',
}

function unsafeAddress(): Lack {
  return {
    name: 'secure context',
    what: 'This address is not safe enough.',
    next: `You opened ${location.origin}. Browsers give cryptography only to pages that come by HTTPS, or from localhost on the same machine. Try https://${location.hostname}, or ask whoever runs this server for its https address.`,
    operator:
      'If that is you: on the machine itself http://localhost works. For others start Sotto with DOMAIN and a name of yours, and it gets its certificate itself; or put a proxy with a certificate in front of it, with PUBLIC_URL=https://… and that name. README.md, “Run it for real”, says how.',
  }
}

/** Where a browser keeps nothing for a page, some throw at the mere word. Opening it says more. */
function hasIndexedDb(): boolean {
  try {
    return Boolean(globalThis.indexedDB)
  } catch {
    return true
  }
}
