import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TestDevice } from '../../network/device.ts'
import { TestNetwork } from '../../network/network.ts'
import type { Person } from '../../network/people.ts'
import { type Exchange, TamperingProxy } from '../../network/tampering-proxy.ts'
import { BadOwner, versionOf } from '../bad-owner.ts'
import { forgeAccount } from '../forged-account.ts'

// Nothing that the server says may delete keys or history on a device.

let network: TestNetwork
let proxy: TamperingProxy
let owner: BadOwner

beforeAll(async () => {
  network = await TestNetwork.start()
  proxy = await TamperingProxy.start(network.origin)
  owner = await BadOwner.of(network.database)
})
afterAll(async () => {
  await network[Symbol.asyncDispose]()
  await proxy[Symbol.asyncDispose]()
})

/** Alice, whose device is behind the proxy, and who has written something. */
async function talkative() {
  proxy.tampering = {}
  const alice = await network.person('alice', { origin: proxy.origin })
  const bob = await network.person('bob')
  const id = await alice.startConversation(bob)
  await alice.send(id, 'kept')
  return { alice, id }
}

/** The server ends Alice's session, and she logs in again. */
async function forceLogIn({ device }: Person, lie: (exchange: Exchange) => void): Promise<void> {
  const sessions = await device.commands.listSessions()
  for (const { sessionId } of sessions) {
    await network.database.sql`
      update auth.sessions set ended_at = now() where id = ${sessionId}`
  }
  await device.close()
  await device.open()
  await device.stage('signed_out')
  proxy.tampering = {
    response(exchange) {
      lie(exchange)
    },
  }
}

async function keysIn({ storage }: TestDevice) {
  const entries = await storage.range('keys', {})
  return entries.map(({ key }) => key)
}

test.each(['stale_version', 'bad_signature', 'device_not_enrolled', 'device_id_taken'])(
  '%s to the enrollment after a forced log-in deletes no key',
  async (code) => {
    const { alice, id } = await talkative()
    await forceLogIn(alice, (exchange) => {
      if (exchange.method !== 'PUT' || !exchange.path.startsWith('/devices/')) return
      exchange.status = 409
      exchange.responseBody = JSON.stringify({ code })
    })
    await alice.enter(alice.device).catch(() => {})
    await new Promise((done) => setTimeout(done, 300))

    expect(await keysIn(alice.device)).toEqual(
      expect.arrayContaining(['account', 'root-secret', 'vault']),
    )
    proxy.tampering = {}
    await alice.device.close()
    await alice.device.open()
    await alice.device.online()
    await alice.device.message(id, ({ text }) => text === 'kept')
    await alice.send(id, 'and on')
  },
)

test('another account in the answer to a log-in erases nothing', async () => {
  const { alice, id } = await talkative()
  const [mallory] = await network.people('mallory')
  await forceLogIn(alice, (exchange) => {
    if (!exchange.path.startsWith('/auth/phone/verify')) return
    const answer = JSON.parse(exchange.responseBody)
    exchange.responseBody = JSON.stringify({ ...answer, account_id: mallory.accountId })
  })

  await expect(alice.enter(alice.device)).rejects.toMatchObject({ code: 'other_account' })

  proxy.tampering = {}
  await alice.enter(alice.device)
  await alice.device.online()
  await alice.device.message(id, ({ text }) => text === 'kept')
})

test("another person who logs in must first agree that the device's data may be deleted", async () => {
  const { alice } = await talkative()
  const phone = network.newPhone()
  const { device } = alice
  await device.commands.logOut({ forget: false })
  const logIn = async () => {
    const { challengeId } = await device.commands.startPhone(phone)
    await device.commands.verifyPhone(challengeId, await network.codeFor(phone))
  }

  await expect(logIn()).rejects.toMatchObject({ code: 'other_account' })
  expect(await keysIn(device)).toContain('account')

  await device.commands.logOut({ forget: true })
  await logIn()
  await device.stage('needs_profile')
})

test('keys are set aside while the server shows others, and are in use again when it shows them', async () => {
  const { alice, id } = await talkative()
  const record = await owner.recordOf(alice.accountId)
  const { accountId } = alice
  const forged = await forgeAccount(record)
  await forceLogIn(alice, (exchange) => {
    if (exchange.method !== 'PUT' || !exchange.path.startsWith('/devices/')) return
    exchange.status = 400
    exchange.responseBody = JSON.stringify({ code: 'bad_signature' })
  })
  await owner.publish(accountId, { record: forged.record })
  const manifest = await owner.manifestOf(accountId)
  await owner.setManifest(accountId, forged.manifest)

  await alice.enter(alice.device).catch(() => {})
  await alice.device.stage('locked')

  proxy.tampering = {}
  await owner.publish(accountId, { record })
  await owner.setManifest(accountId, manifest)
  await alice.device.commands.logOut({ forget: false })
  await alice.enter(alice.device)
  await alice.device.online()
  await alice.device.message(id, ({ text }) => text === 'kept')
  await alice.send(id, 'and on')
})

test.each([
  ['is truncated', (ciphertext: string) => ciphertext.slice(0, -8)],
  ['is replaced', (ciphertext: string) => `${ciphertext.slice(0, -8)}AAAAAAAA`],
])('a wrap that %s is not mistaken for a wrong recovery code', async (_, change) => {
  const [alice] = await network.people('alice')
  const { accountId } = alice
  // Otherwise her device would restore the wrap.
  await alice.device.close()
  const wrap = (await owner.wraps(accountId)).find(({ kind }) => kind === 'recovery_code')
  await owner.setWrap(accountId, 'recovery_code', change(wrap?.ciphertext ?? ''))
  const device = await alice.addLockedDevice()

  const unlocked = device.commands.unlockWithRecoveryCode(alice.recoveryCode)
  await expect(unlocked).rejects.toMatchObject({ code: 'wrap_damaged' })
  expect(device.session().stage).toBe('locked')
})

test('an incorrect code is called wrong', async () => {
  const [alice, bob] = await network.people('alice', 'bob')
  const device = await alice.addLockedDevice()

  const unlocked = device.commands.unlockWithRecoveryCode(bob.recoveryCode)
  await expect(unlocked).rejects.toMatchObject({ code: 'recovery_code_wrong' })
})

test('new keys sign the name that the person typed, whatever the server calls them', async () => {
  const [alice] = await network.people('alice')
  const { accountId } = alice
  const genuine = await owner.recordOf(accountId)
  const { record, manifest } = await forgeAccount(genuine, { name: 'Mallory' })
  const device = await alice.addLockedDevice()
  // Like a server that accepts what follows.
  await owner.publish(accountId, { record, record_version: versionOf(record) })
  await owner.setManifest(accountId, manifest)

  await device.commands.startWithNewKeys({ name: 'Alice', picture: null })

  await device.confirmRecovery()
  expect(device.me().name).toBe('Alice')
})

test('an answer to a refresh that is about another session ends only the log-in', async () => {
  const { alice, id } = await talkative()
  await alice.device.close()
  proxy.tampering = {
    response(exchange) {
      if (!exchange.path.startsWith('/auth/refresh')) return
      const answer = JSON.parse(exchange.responseBody)
      if (!answer.access_token) return
      exchange.responseBody = JSON.stringify({ ...answer, session_id: crypto.randomUUID() })
    },
  }
  await alice.device.open()
  await alice.device.stage('signed_out')

  proxy.tampering = {}
  await alice.enter(alice.device)
  await alice.device.online()
  await alice.device.message(id, ({ text }) => text === 'kept')
})

test.each([
  ['that there is no session', () => ({ session: null })],
  ['that has no refresh token', tokensWithoutRefreshToken],
])('an answer to a refresh with a token %s does not end the session', async (_, lie) => {
  const { alice, id } = await talkative()
  const { deviceId } = alice.device.me()
  await alice.device.close()
  let lies = 0
  proxy.tampering = {
    response(exchange) {
      if (!exchange.path.startsWith('/auth/refresh') || lies > 0) return
      lies += 1
      exchange.responseBody = JSON.stringify(lie(JSON.parse(exchange.responseBody)))
    },
  }

  await alice.device.open()
  await alice.device.online()

  expect(lies).toBe(1)
  expect(alice.device.failures).toMatchObject([{ code: 'untrusted_answer' }])
  expect(alice.device.me().deviceId).toBe(deviceId)
  await alice.send(id, 'still logged in')
})

function tokensWithoutRefreshToken({ refresh_token: _, ...answer }: Record<string, unknown>) {
  return answer
}
