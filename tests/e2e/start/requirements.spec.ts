import { look } from '../looks/looks.ts'
import { expect, test } from '../people/correspondents.ts'
import { cannotStart, starts } from './start-page.ts'

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
