import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AccountSecrets, openSecrets } from './account-secrets.ts'
import { TestDevice } from './device.ts'
import { TestNetwork } from './network.ts'
import { TamperingProxy } from './tampering-proxy.ts'
import { Wiretap } from './wiretap.ts'

const texts = {
  ecdh: ['the canary sings at dawn', 'כנרית שרה 🐤 at dawn, in many alphabets'],
  rsa: ['the canary sings at noon', 'קנרית שרה 🐤 at noon, in many alphabets'],
}
const wrongPassword = 'a password that is not the right one'
const passphrase = 'the passphrase of the file'

let network: TestNetwork
let proxy: TamperingProxy
let wiretap: Wiretap
/** Secrets that only the people and their devices may know, by name. */
let secrets: Record<string, string | Uint8Array>
/** Sent by clients or the server, and never stored. */
let tokens: { access: string[]; refresh: string[] }
let codes: string[]

/** Two people use every feature, behind a wiretap. */
beforeAll(async () => {
  network = await TestNetwork.start()
  proxy = await TamperingProxy.start(network.origin)
  wiretap = new Wiretap({
    databaseUrl: network.database.url,
    logs: () => network.logs,
    traffic: () => proxy.recorded,
  })
  const { origin } = proxy
  const alice = await network.person('alice', { origin, withRsa: true })
  const bob = await network.person('bob', { origin, withRsa: true, email: 'bob@example.org' })
  for (const protocol of ['ecdh', 'rsa'] as const) {
    const id = await alice.startConversation(bob, protocol)
    const [hers = '', his = ''] = texts[protocol]
    await alice.send(id, hers)
    await bob.device.message(id, ({ text }) => text === hers)
    await bob.send(id, his)
    await alice.device.message(id, ({ text }) => text === his)
  }
  const pem = await alice.commands.exportPem(passphrase)
  const stranger = await TestDevice.open(network, "a stranger's device", { origin })
  await stranger.commands.logIn('bob@example.org', wrongPassword).catch(() => {})
  await stranger.close()
  for (const person of [alice, bob]) await person.addDevice({ origin })
  await bob.device.close()
  await bob.device.open()
  await bob.device.online()
  codes = proxy.recorded.flatMap(({ text }) => text.match(/(?<="code":")\d{6}(?=")/) ?? [])
  tokens = tokensIn(proxy)
  secrets = {
    ...Object.fromEntries([...texts.ecdh, ...texts.rsa].map((text) => [text, text])),
    'the password': bob.password,
    'the wrong password': wrongPassword,
    'the passphrase': passphrase,
    'the file': pem.split('\n').slice(1, 4).join('\n'),
    ...named('alice', await openSecrets(network.database.sql, alice)),
    ...named('bob', await openSecrets(network.database.sql, bob)),
    ...recoveryCode('alice', alice.recoveryCode),
    ...recoveryCode('bob', bob.recoveryCode),
    ...deviceNames([...alice.devices, ...bob.devices, stranger]),
  }
})
afterAll(async () => {
  await network[Symbol.asyncDispose]()
  await proxy[Symbol.asyncDispose]()
})

const named = (name: string, of: AccountSecrets) =>
  Object.fromEntries(Object.entries(of).map(([what, bytes]) => [`${name}: ${what}`, bytes]))

/** The names of devices, whether they have keys or only a log-in. */
const deviceNames = (devices: readonly TestDevice[]) =>
  Object.fromEntries(devices.map(({ name }) => [`device name: ${name}`, name]))

const recoveryCode = (name: string, code: string) => ({
  [`${name}: recovery code`]: code,
  [`${name}: recovery code without hyphens`]: code.replaceAll('-', ''),
  [`${name}: recovery code in lower case`]: code.replaceAll('-', '').toLowerCase(),
})

function tokensIn({ recorded }: TamperingProxy) {
  const all = (name: string) => [
    ...new Set(
      recorded.flatMap(({ text }) => text.match(new RegExp(`(?<="${name}":")[^"]+`)) ?? []),
    ),
  ]
  return { access: all('access_token'), refresh: all('refresh_token') }
}

/** For each secret that was found, the places where it was. */
async function sightings(searched: Record<string, string | Uint8Array>) {
  const found: Record<string, string[]> = {}
  for (const [name, secret] of Object.entries(searched)) {
    const places = (await wiretap.find(secret)).map(({ place }) => place)
    if (places.length > 0) found[name] = [...new Set(places)]
  }
  return found
}

const byValue = (values: readonly string[]) =>
  Object.fromEntries(values.map((value) => [value, value]))

test('nothing that people write, and no key that opens it, is found anywhere', async () => {
  // Texts, password, wrong password, passphrase and file; for each of the two people the root
  // secret, three private keys with their numbers, three spellings of the recovery code, and the
  // names of two devices; and the name of the stranger's device.
  expect(Object.keys(secrets)).toHaveLength(8 + 2 * (1 + 2 + 2 + 4 + 3 + 2) + 1)
  expect(await sightings(secrets)).toEqual({})
})

test('one-time codes are found only where they are typed', async () => {
  expect(codes.length).toBeGreaterThanOrEqual(3)
  const found = await sightings(byValue(codes))

  const places = new Set(Object.values(found).flat())
  expect([...places].sort()).toEqual([
    'request POST /auth/email/verify',
    'request POST /auth/phone/verify',
  ])
})

test('access tokens are found only where they are issued and used', async () => {
  expect(tokens.access.length).toBeGreaterThanOrEqual(4)
  const signatures = tokens.access.map((token) => token.split('.')[2] ?? '')
  const found = await sightings(byValue([...tokens.access, ...signatures]))

  const places = new Set(Object.values(found).flat())
  expect([...places].sort()).toEqual([
    'answer to POST /auth/password/login-finish',
    'answer to POST /auth/password/register-finish',
    'answer to POST /auth/phone/verify',
    'answer to POST /auth/refresh',
    'frame to the server: authenticate',
    'header authorization',
  ])
})

test('refresh tokens are found only where they are issued', async () => {
  expect(tokens.refresh.length).toBeGreaterThanOrEqual(4)
  const found = await sightings(byValue(tokens.refresh))

  const places = new Set(Object.values(found).flat())
  expect([...places].sort()).toEqual([
    'answer to POST /auth/password/login-finish',
    'answer to POST /auth/password/register-finish',
    'answer to POST /auth/phone/verify',
    'answer to POST /auth/refresh',
    'request POST /auth/refresh',
  ])
})

test('data that the server must know is found', async () => {
  const places = (await wiretap.find('bob@example.org')).map(({ place }) => place)

  expect(places).toContain('table auth.accounts')
  expect(places).toContain('request POST /auth/email/start')
})

const canary = 'a canary that was planted'
const planted = (encoding: BufferEncoding) => Buffer.from(`>>${canary}<<`).toString(encoding)

test('a planted leak is found in a table', async () => {
  const { sql } = network.database
  await sql`update auth.wraps set ciphertext = ${planted('base64')}`
  await sql`update chat.accounts set picture = ${Buffer.from(canary)}`

  const found = await wiretap.find(canary)

  expect(found).toContainEqual({ place: 'table auth.wraps', encoding: 'base64' })
  expect(found).toContainEqual({ place: 'table chat.accounts', encoding: 'hex' })
})

test.each([
  ['plain', canary],
  ['hex', planted('hex')],
  ['hex, upper case', planted('hex').toUpperCase()],
  ['base64', planted('base64')],
  ['percent', encodeURIComponent(canary)],
  ['comma-separated bytes', [...Buffer.from(canary)].join()],
])('a planted leak is found in a log and in a frame (%s)', async (encoding, text) => {
  const leaking = new Wiretap({
    databaseUrl: network.database.url,
    logs: () => `{"level":20,"msg":"${text}"}`,
    traffic: () => [{ what: 'a frame', text: `{"type":"typing","note":"${text}"}` }],
  })

  const found = await leaking.find(canary)

  expect(found).toContainEqual({ place: 'logs', encoding })
  expect(found).toContainEqual({ place: 'a frame', encoding })
})
