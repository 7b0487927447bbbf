import { i18n, type MessageDescriptor } from '@lingui/core'
import { msg, t } from '@lingui/core/macro'
import { oldestBrowsers } from '../../browsers.ts'
import type { Words } from '../client/errors/words.ts'

/** A missing requirement of this page, in words. */
export interface Lack extends Words {
  /** A technical name, for support. */
  readonly name: string
  /** What the server's operator can do about it. */
  readonly operator?: string
}

const { chrome, firefox, safari } = oldestBrowsers
const newer = () =>
  t`Update your browser. Sotto needs Chrome or Edge ${chrome}, Firefox ${firefox}, Safari ${safari}, or later.`

/** Features of every supported browser, and what Sotto uses them for. Some are hidden at an insecure address. */
const features: readonly (readonly [
  name: string,
  use: MessageDescriptor,
  isThere: () => unknown,
])[] = [
  ['WebCrypto', msg`Sotto needs it to encrypt.`, () => globalThis.crypto?.subtle],
  [
    'crypto.randomUUID',
    msg`Sotto needs it to identify messages.`,
    () => globalThis.crypto?.randomUUID,
  ],
  [
    'IndexedDB',
    msg`Sotto needs it to store your keys and messages on this device.`,
    () => hasIndexedDb(),
  ],
  [
    'Web Locks',
    msg`Sotto needs it so that several tabs don’t send the same message.`,
    () => navigator.locks,
  ],
  [
    'BroadcastChannel',
    msg`Sotto needs it to keep several tabs in sync.`,
    () => globalThis.BroadcastChannel,
  ],
  ['WebSocket', msg`Sotto needs it to receive messages right away.`, () => globalThis.WebSocket],
  ['structuredClone', msg`Sotto needs it to copy stored data.`, () => globalThis.structuredClone],
  [
    'AbortSignal.timeout',
    msg`Sotto needs it to give up on requests that get no answer.`,
    () => AbortSignal.timeout,
  ],
  ['Array.prototype.with', msg`Sotto uses it everywhere.`, () => Array.prototype.with],
]

/** Everything that is missing, each by name, except consequences of something else. */
export function findLacks(): Lack[] {
  if (!globalThis.isSecureContext) return [unsafeAddress()]
  const cookies = navigator.cookieEnabled ? [] : [noCookies()]
  return [...cookies, ...features.filter(([, , isThere]) => !isThere()).map(missing)]
}

function missing([name, use]: (typeof features)[number]): Lack {
  return { name, what: t`This browser doesn’t support ${name}.`, next: `${i18n._(use)} ${newer()}` }
}

const noCookies = (): Lack => ({
  name: 'cookies',
  what: t`This browser blocks cookies and site data here.`,
  next: t`Sotto needs them to keep you logged in and shares them with no one. Allow cookies and site data for this site in your browser or extension settings, then try again.`,
})

function unsafeAddress(): Lack {
  const { origin, hostname } = location
  return {
    name: 'secure context',
    what: t`This address isn’t secure.`,
    next: t`You opened ${origin}. Browsers allow cryptography only on pages loaded over HTTPS, or from localhost on the same machine. Try https://${hostname}, or ask the people who run this server for its https address.`,
    operator: t`If you run this server: on the machine itself, http://localhost works. For everyone else, start Sotto with DOMAIN set to your domain and it gets a certificate by itself. Or put a proxy with a certificate in front of it, and set PUBLIC_URL=https://… to that address. “Run it for real” in README.md explains how.`,
  }
}

/** Some browsers that store nothing for a page throw at the mere access. Opening it tells more. */
function hasIndexedDb(): boolean {
  try {
    return Boolean(globalThis.indexedDB)
  } catch {
    return true
  }
}
