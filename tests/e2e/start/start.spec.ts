import type { BrowserContext, Page } from '@playwright/test'
import { look } from '../looks/looks.ts'
import { converse, expect, freshEmail, freshPhone, test } from '../people/correspondents.ts'

const starts = (page: Page) => page.getByRole('link', { name: 'Continue with phone' })
const cannotStart = (page: Page) => page.getByRole('heading', { name: 'Sotto can’t start here' })

/** A page of the same origin that isn't the app. */
async function besideTheApp(context: BrowserContext): Promise<Page> {
  const page = await context.newPage()
  await page.goto('/icon.svg')
  return page
}

test('over plain HTTP on a LAN name, the page says that HTTPS is missing, and how to get it', async ({
  openProfile,
  server,
}) => {
  const fay = await openProfile()
  const { page } = fay
  await page.route('http://sotto.lan/**', async (route) => {
    const { pathname } = new URL(route.request().url())
    const response = await route.fetch({ url: server.origin + pathname })
    await route.fulfill({ response })
  })

  await page.goto('http://sotto.lan/')

  await expect(cannotStart(page)).toBeVisible()
  const alert = page.getByRole('alert')
  await expect(alert).toHaveCount(1)
  await expect(alert).toContainText('This address isn’t secure.')
  await expect(alert).toContainText('You opened http://sotto.lan.')
  await expect(alert).toContainText('https://sotto.lan')
  await expect(alert).toContainText('PUBLIC_URL=https://')
  await look(page, 'start-unsafe-address')
  fay.forgiveFaults()
  fay.forgive('foreign request')
})

/** Each is removed the way some browser lacks it. */
const lacks: readonly (readonly [string, () => void, string])[] = [
  ['WebCrypto', () => Reflect.deleteProperty(Crypto.prototype, 'subtle'), 'support WebCrypto'],
  ['Web Locks', () => Reflect.deleteProperty(Navigator.prototype, 'locks'), 'support Web Locks'],
  [
    'tabs',
    () => Reflect.deleteProperty(globalThis, 'BroadcastChannel'),
    'support BroadcastChannel',
  ],
  ['IndexedDB', () => Reflect.deleteProperty(globalThis, 'indexedDB'), 'support IndexedDB'],
  [
    'cloning',
    () => Reflect.deleteProperty(globalThis, 'structuredClone'),
    'support structuredClone',
  ],
  [
    'UUIDs',
    () => Reflect.deleteProperty(Crypto.prototype, 'randomUUID'),
    'support crypto.randomUUID',
  ],
  [
    'cookies',
    () =>
      Object.defineProperty(Navigator.prototype, 'cookieEnabled', {
        get: () => false,
        configurable: true,
      }),
    'blocks cookies and site data',
  ],
  [
    'storage',
    () =>
      Object.defineProperty(globalThis, 'indexedDB', {
        get: () => {
          throw new DOMException('The operation is insecure.', 'SecurityError')
        },
        configurable: true,
      }),
    'doesn’t store data for this page',
  ],
  [
    'locks where site data is blocked',
    () => {
      LockManager.prototype.request = () =>
        Promise.reject(new DOMException('Access is denied.', 'SecurityError'))
    },
    'doesn’t store data for this page',
  ],
  [
    'key storage in a private window',
    () => {
      const { put } = IDBObjectStore.prototype
      IDBObjectStore.prototype.put = function (value, key) {
        if (value instanceof CryptoKey) throw new DOMException('Not here.', 'DataCloneError')
        return put.call(this, value, key)
      }
    },
    'can’t store private keys',
  ],
  [
    'disk space',
    () => {
      IDBFactory.prototype.open = () => {
        throw new DOMException('The disk is full.', 'QuotaExceededError')
      }
    },
    'is out of space',
  ],
  [
    'working storage',
    () => {
      IDBFactory.prototype.open = () => {
        throw new DOMException('Internal error.', 'UnknownError')
      }
    },
    'This browser’s storage isn’t working',
  ],
]

for (const [what, take, words] of lacks) {
  test(`without ${what} the page names it, and says what to do`, async ({ openProfile }) => {
    const fay = await openProfile()
    const { page } = fay
    await expect(starts(page)).toBeVisible()
    await page.addInitScript(take)
    await page.reload()

    await expect(cannotStart(page)).toBeVisible()
    await expect(page.getByRole('alert')).toHaveCount(1)
    await expect(page.getByRole('alert')).toContainText(words)
    await expect(page.getByRole('button', { name: 'Try again' })).toBeVisible()
    fay.forgiveFaults()
  })
}

test('everything missing is reported together', async ({ openProfile }) => {
  const fay = await openProfile()
  const { page } = fay
  await page.addInitScript(() => {
    Reflect.deleteProperty(Navigator.prototype, 'locks')
    Reflect.deleteProperty(globalThis, 'BroadcastChannel')
    Reflect.deleteProperty(Array.prototype, 'with')
  })
  await page.reload()

  await expect(page.getByRole('alert')).toHaveCount(3)
  for (const name of ['Web Locks', 'BroadcastChannel', 'Array.prototype.with']) {
    await expect(page.getByRole('main')).toContainText(`This browser doesn’t support ${name}.`)
  }
  await look(page, 'start-old-browser')
  fay.forgiveFaults()
})

test('storage that a newer version has changed is left alone, and the page says so', async ({
  openProfile,
}) => {
  const fay = await openProfile()
  await expect(starts(fay.page)).toBeVisible()
  await fay.page.goto('/icon.svg')
  await fay.page.evaluate(
    () =>
      new Promise((resolve, reject) => {
        const opening = indexedDB.open('sotto', 1000)
        opening.onsuccess = resolve
        opening.onerror = reject
      }),
  )

  await fay.page.goto('/')

  await expect(cannotStart(fay.page)).toBeVisible()
  await expect(fay.page.getByRole('alert')).toContainText('a newer version of Sotto')
  await look(fay.page, 'start-newer-storage')
  fay.forgiveFaults()
})

test('a tab that takes over the client and cannot open it says so', async ({ openProfile }) => {
  const first = await openProfile()
  await first.signUpByPhone(freshPhone(), 'Fay of two tabs')
  const second = await first.anotherTab()
  await expect(second.page.getByRole('navigation', { name: 'Conversations' })).toBeVisible()
  await second.page.evaluate(() => {
    IDBFactory.prototype.open = () => {
      throw new DOMException('Internal error.', 'UnknownError')
    }
  })

  await first.page.close()

  await expect(cannotStart(second.page)).toBeVisible()
  await expect(second.page.getByRole('alert')).toContainText('browser’s storage')
  first.forgiveFaults()
})

test('a tab that gets no answer from the owning tab says what to do', async ({ openProfile }) => {
  const fay = await openProfile()
  await expect(starts(fay.page)).toBeVisible()
  await fay.page.goto('/icon.svg')
  const frozen = await besideTheApp(fay.context)
  await frozen.evaluate(
    () => void navigator.locks.request('sotto-leader', () => new Promise(() => {})),
  )

  await fay.page.goto('/')

  await expect(fay.page.getByText('that isn’t responding')).toBeVisible()
  await frozen.close()
  await expect(starts(fay.page)).toBeVisible()
  fay.forgiveFaults()
})

test('storage that does not respond is reported', async ({ openProfile }) => {
  const fay = await openProfile()
  await expect(starts(fay.page)).toBeVisible()
  await fay.page.addInitScript(() => {
    // One connection that doesn't yield, and one that waits for it. The reference keeps browsers from closing the first
    // as unused.
    const { open } = IDBFactory.prototype
    Object.assign(window, { held: open.call(indexedDB, 'another', 1) })
    IDBFactory.prototype.open = () => open.call(indexedDB, 'another', 2)
  })
  await fay.page.reload()
  await expect(fay.page.getByText('This browser’s storage isn’t responding.')).toBeVisible()
  fay.forgiveFaults()
})

test('a browser that cannot parse the scripts is immediately reported as too old', async ({
  openProfile,
}) => {
  const fay = await openProfile()
  const { page } = fay
  await page.route(/\/assets\/index-.*\.js/, (route) =>
    route.fulfill({ contentType: 'text/javascript', body: 'const a = #b ||| c' }),
  )
  await page.reload()

  await expect(page.getByRole('heading')).toHaveText('This browser is too old for Sotto')
  await expect(page.getByRole('main')).toHaveClass(/at-once/)
  await expect(page.getByRole('main')).toContainText('Chrome or Edge 111, Firefox 115')
  await look(page, 'start-too-old')
  fay.forgiveFaults()
})

test('a script that does not load is reported immediately', async ({ openProfile }) => {
  const fay = await openProfile()
  const { page } = fay
  await page.route(/\/assets\/base-/, (route) => route.fulfill({ status: 404 }))
  await page.reload()

  await expect(page.getByRole('heading')).toHaveText('Sotto hasn’t started yet')
  await expect(page.getByRole('main')).toHaveClass(/at-once/)
  await expect(page.getByRole('main')).toContainText('Not loaded:')
  await look(page, 'start-not-loaded')
  fay.forgiveFaults()
})

test('without scripting, the page says that it needs it', async ({ openProfile }) => {
  const fay = await openProfile({ javaScriptEnabled: false })

  await expect(fay.page.locator('noscript h1')).toHaveText('Sotto needs JavaScript')
  await expect(fay.page.locator('noscript h1')).toBeVisible()
  await expect(fay.page.getByText('hasn’t started yet')).toBeHidden()
})

/** Removes Ed25519 from WebCrypto, as in browsers before Chrome 137, Firefox 129 and Safari 17. */
function forgetEd25519(): void {
  for (const method of ['generateKey', 'importKey', 'sign', 'verify'] as const) {
    const original = SubtleCrypto.prototype[method] as (...args: unknown[]) => Promise<unknown>
    const replaced = function (this: SubtleCrypto, ...args: unknown[]) {
      const isAsked = args.some((arg) => arg === 'Ed25519')
      if (isAsked) throw new DOMException('Unrecognized name.', 'NotSupportedError')
      return original.apply(this, args)
    }
    Object.defineProperty(SubtleCrypto.prototype, method, { value: replaced })
  }
}

test('without Ed25519, people sign up, talk, and return with their code', async ({
  openProfile,
  correspondent,
}) => {
  const fay = await openProfile()
  await fay.page.addInitScript(forgetEd25519)
  await fay.page.reload()
  const email = freshEmail('fay')
  await fay.signUpByEmail(email, 'Fay without Ed25519', { withRsa: true })
  await fay.savePem('a passphrase of many words')
  await fay.page.getByRole('link', { name: 'Go to your conversations' }).click()
  const gus = await correspondent('Gus with everything')
  const ida = await correspondent('Ida with a key', { withRsa: true })
  for (const [other, protocol] of [
    [ida, 'rsa'],
    [gus, 'ecdh'],
  ] as const) {
    const id = await converse(fay, other, protocol)
    await fay.send(`from there by ${protocol}`)
    expect((await other.nextMessage()).text).toBe(`from there by ${protocol}`)
    await other.send(id, `and back by ${protocol}`)
    await fay.sees(`and back by ${protocol}`)
    expect(other.device.notices(id)).toEqual([])
  }
  const { signers, extractable } = await fay.page.evaluate(readSigners)
  expect(signers).toEqual(['sealedSeed', 'sealedSeed'])
  expect(extractable).toEqual([])

  await fay.page.reload()
  await fay.openConversation(gus.name)
  await fay.send('after a reload')
  expect((await gus.nextMessage()).text).toBe('after a reload')

  // Another browser, with Ed25519, opens the same keys from the same box.
  const elsewhere = await openProfile()
  await elsewhere.logInByPassword(email)
  await expect(
    elsewhere.page.getByRole('navigation', { name: 'Conversations' }).getByText(gus.name).first(),
  ).toBeVisible()
})

/** The private signing keys stored in this browser, and all keys that a script could export. */
async function readSigners() {
  const database = await new Promise<IDBDatabase>((resolve, reject) => {
    const opening = indexedDB.open('sotto')
    opening.onsuccess = () => resolve(opening.result)
    opening.onerror = () => reject(opening.error)
  })
  const all = await new Promise<unknown[]>((resolve, reject) => {
    const reading = database.transaction('keys').objectStore('keys').getAll()
    reading.onsuccess = () => resolve(reading.result)
    reading.onerror = () => reject(reading.error)
  })
  database.close()
  const signers: string[] = []
  const extractable: string[] = []
  const walk = (value: unknown): void => {
    if (value instanceof CryptoKey) {
      if (value.algorithm.name === 'Ed25519') signers.push('CryptoKey')
      if (value.extractable && value.type !== 'public') extractable.push(value.algorithm.name)
    } else if (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value)) {
      if ('sealedSeed' in value) signers.push('sealedSeed')
      for (const part of Object.values(value)) walk(part)
    }
  }
  for (const value of all) walk(value)
  return { signers, extractable }
}
