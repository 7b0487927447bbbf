import { converse, expect, freshEmail, freshPhone, test } from '../people/correspondents.ts'
import type { Person } from '../people/person.ts'

/** The data that this browser stores, as a page of the app could read it. */
async function readStorage({ page }: Person) {
  return page.evaluate(async () => {
    const keys: { type: string; extractable: boolean; exported: boolean }[] = []
    const texts: string[] = []
    const walk = async (value: unknown): Promise<void> => {
      if (value instanceof CryptoKey) {
        if (value.type === 'public') return
        const exports = (['raw', 'pkcs8', 'jwk'] as const).map((format) =>
          crypto.subtle.exportKey(format, value).then(
            () => true,
            () => false,
          ),
        )
        const exported = (await Promise.all(exports)).includes(true)
        keys.push({ type: value.type, extractable: value.extractable, exported })
      } else if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) {
        const bytes = value instanceof ArrayBuffer ? new Uint8Array(value) : value
        texts.push(new TextDecoder('latin1').decode(bytes))
      } else if (typeof value === 'string') texts.push(value)
      else if (value !== null && typeof value === 'object') {
        for (const part of Object.values(value)) await walk(part)
      }
    }
    const read = <T>(request: IDBRequest<T>): Promise<T> =>
      new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result)
        request.onerror = () => reject(request.error)
      })
    const databases = (await indexedDB.databases()).map(({ name }) => name ?? '')
    for (const name of databases) {
      const database = await read(indexedDB.open(name))
      for (const store of database.objectStoreNames) {
        await walk(await read(database.transaction(store).objectStore(store).getAll()))
      }
      database.close()
    }
    return {
      databases,
      keys,
      texts,
      local: Object.keys(localStorage),
      session: Object.keys(sessionStorage),
      caches: await caches.keys(),
      cookies: document.cookie,
    }
  })
}

test('nothing stored in this browser gives a key away', async ({ openProfile, correspondent }) => {
  const email = freshEmail('nora')
  const nora = await openProfile()
  await nora.signUpByEmail(email, 'Nora who keeps little', { withRsa: true })
  await nora.savePem('a passphrase of many words')
  await nora.page.getByRole('link', { name: 'Go to your conversations' }).click()
  await converse(nora, await correspondent('Otto of the keys', { withRsa: true }), 'rsa')
  await nora.send('a word by rsa')
  await nora.page.goto('/#/settings/appearance')
  await nora.page.getByRole('radio', { name: 'Dark' }).check({ force: true })

  const kept = await readStorage(nora)

  expect(kept.databases).toEqual(['sotto'])
  // Identity, ECDH, RSA and device keys, and the one that seals the root secret.
  expect(kept.keys.filter(({ type }) => type === 'private').length).toBeGreaterThanOrEqual(4)
  expect(kept.keys.filter(({ type }) => type === 'secret').length).toBeGreaterThanOrEqual(1)
  expect(kept.keys.filter(({ extractable, exported }) => extractable || exported)).toEqual([])
  expect(kept).toMatchObject({ local: ['sotto.theme'], session: [], caches: [], cookies: '' })
  const everything = kept.texts.join('\n')
  for (const secret of [nora.recoveryCode, nora.recoveryCode.replaceAll('-', ''), nora.password]) {
    expect(everything).not.toContain(secret)
  }
  expect(everything).not.toMatch(/PRIVATE KEY|eyJ[\w-]+\.eyJ[\w-]*c2lk/)
})

test('no script can read the refresh token', async ({ openProfile }) => {
  const nora = await openProfile()
  await nora.signUpByPhone(freshPhone(), 'Nora with a cookie')

  const cookies = (await nora.context.cookies()).sort((a, b) => a.name.localeCompare(b.name))

  expect(cookies).toHaveLength(2)
  // The other cookie is for the gateway: one of 64 numbers, which isn't secret.
  expect(cookies[1]).toMatchObject({
    name: 'sotto-shard',
    value: expect.stringMatching(/^\d{1,2}$/),
    httpOnly: true,
    sameSite: 'Strict',
  })
  expect(cookies[0]).toMatchObject({
    name: expect.stringMatching(/^__Host-/),
    httpOnly: true,
    secure: true,
    sameSite: 'Strict',
    path: '/',
    domain: 'localhost',
  })
})

test('every response carries its policy', async ({ openProfile, server }) => {
  const { page } = await openProfile()
  const answer = async (path: string) => {
    const response = await page.request.get(server.origin + path)
    return { status: response.status(), headers: response.headers() }
  }
  const html = await (await page.request.get(server.origin)).text()
  const script = html.match(/\/assets\/[\w-]+\.js/)?.[0] ?? ''
  const style = html.match(/\/assets\/[\w-]+\.css/)?.[0] ?? ''

  for (const path of ['/', '/index.html', '/icon.svg', script, style]) {
    const { status, headers } = await answer(path)
    expect(status, path).toBe(200)
    const policy = headers['content-security-policy'] ?? ''
    for (const part of [
      "default-src 'none'",
      "script-src 'self';",
      "frame-ancestors 'none'",
      "base-uri 'none'",
      "require-trusted-types-for 'script'",
      'trusted-types sotto',
    ]) {
      expect(policy, path).toContain(part)
    }
    expect(policy, path).not.toMatch(/unsafe|https?:|\*/)
  }
  for (const path of [
    '/',
    '/health',
    '/users/me',
    '/auth/nothing',
    '/nothing',
    '/assets/none.js',
  ]) {
    const { headers } = await answer(path)
    expect(headers, path).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    })
    expect(headers['content-security-policy'], path).toContain("default-src 'none'")
    expect(headers['content-security-policy'], path).toContain("frame-ancestors 'none'")
  }
})

for (const protocol of ['ecdh', 'rsa'] as const) {
  test(`the server view does not contain the text (${protocol})`, async ({
    openProfile,
    correspondent,
  }) => {
    const text = `the canary sings at dawn, ${protocol}`
    const nora = await openProfile()
    await nora.signUpByPhone(freshPhone(), `Nora who looks, ${protocol}`)
    const otto = await correspondent(`Otto of the ${protocol}`, { withRsa: true })
    await converse(nora, otto, protocol)
    await nora.send(text)
    await expect(nora.message(text).locator('[data-mark=delivered]')).toBeVisible()

    await nora.openMessageMenu(text)
    await nora.page.getByRole('menuitem', { name: 'What the server sees' }).click()
    const panel = nora.page.getByRole('complementary', { name: 'What the server sees' })
    const server = panel.getByRole('region', { name: 'What the server sees' })
    await expect(server.getByTestId('server-row')).toContainText('ciphertext')
    await expect(panel.getByRole('region', { name: 'What you see' })).toContainText(text)
    for (const frame of await server.locator('details').all())
      await frame.locator('summary').click()
    const seen = (await server.textContent()) ?? ''

    expect(seen).toMatch(/Sent by this device/)
    expect(seen).toMatch(/sender_device_id/)
    for (const written of waysToWrite(text)) expect(seen).not.toContain(written)
    const traffic = nora.traffic.join('\n')
    expect(traffic.length).toBeGreaterThan(1000)
    for (const written of waysToWrite(text)) expect(traffic).not.toContain(written)
    for (const written of waysToWrite(nora.recoveryCode)) expect(traffic).not.toContain(written)
  })
}

/** The middle of a text, verbatim and in base64 at each of its three possible offsets. */
function waysToWrite(text: string): string[] {
  const encoded = [0, 1, 2].map((offset) => btoa('x'.repeat(offset) + text).slice(4, -4))
  return [text, ...encoded]
}
