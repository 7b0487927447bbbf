import { converse, expect, freshEmail, test } from '../people/correspondents.ts'

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
