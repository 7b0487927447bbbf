import { type Change, createMemoryStorage, type SessionView, type Storage } from '@sotto/sdk'
import { expect, test } from 'vitest'
import { TestDevice } from '../device.ts'
import { eventually } from '../eventually.ts'
import { TestNetwork } from '../network.ts'

test('an ended session says so, and logging in again restores everything', async () => {
  await using network = await TestNetwork.start()
  const [alice, bob] = await network.people('alice', 'bob')
  const id = await alice.startConversation(bob)
  await alice.send(id, 'before')
  const second = await alice.addDevice()
  const sessions = await second.commands.listSessions()
  const other = sessions.find(({ current }) => !current)
  expect(sessions).toHaveLength(2)

  await second.commands.endSession(other?.sessionId ?? sessions[0]?.sessionId ?? never())

  expect(await alice.device.stage('signed_out')).toEqual({
    stage: 'signed_out',
    reason: 'session_ended',
  })
  await expect(alice.commands.send(id, 'no')).rejects.toMatchObject({ code: 'unauthenticated' })
  await alice.enter(alice.device)
  await alice.device.online()
  expect(await alice.device.wholeHistory(id, 1)).toEqual(['before'])
  await alice.send(id, 'after')
  expect((await bob.nextMessage()).text).toBe('before')
  expect((await bob.nextMessage()).text).toBe('after')
  expect(bob.device.notices(id)).toEqual([])
})

test('after logging out and in again, the same device continues, with the messages written meanwhile', async () => {
  await using network = await TestNetwork.start()
  const [alice, bob] = await network.people('alice', 'bob')
  const id = await alice.startConversation(bob)
  const { deviceId } = alice.device.me()
  await network.stop()
  await alice.commands.send(id, 'written offline')
  await network.startAgain()
  await alice.commands.logOut({ forget: false })
  expect(alice.device.session()).toEqual({ stage: 'signed_out' })

  await alice.enter(alice.device)
  await alice.device.online()

  expect(alice.device.me().deviceId).toBe(deviceId)
  expect((await bob.nextMessage()).text).toBe('written offline')
  expect(bob.device.notices(id)).toEqual([])
})

test('a log-out succeeds, even if the socket learns of it before the answer arrives', async () => {
  await using network = await TestNetwork.start()
  const alice = await network.person('alice')
  let isRefused = false
  const lateAnswer = async (...request: Parameters<typeof fetch>) => {
    const answer = await fetch(...request)
    const { pathname } = new URL(String(request[0]))
    if (pathname === '/auth/refresh') isRefused = !answer.ok
    if (pathname === '/auth/logout') await eventually('the socket’s end', () => isRefused)
    return answer
  }
  const laptop = await alice.addDevice({ fetch: lateAnswer })
  const views: SessionView[] = []
  laptop.client.subscribe({ view: 'session' }, () => views.push(laptop.session()))

  await laptop.commands.logOut({ forget: false })

  expect(isRefused).toBe(true)
  expect(laptop.session()).toEqual({ stage: 'signed_out' })
  expect(views.filter((view) => 'reason' in view)).toEqual([])
})

test('a session end reported while a log-out is being stored does not replace the log-out', async () => {
  await using network = await TestNetwork.start()
  const alice = await network.person('alice')
  const { storage, heldWrites } = holdingStorage((change) => endOf(change) === 'logged_out')
  let isRefused = false
  const lateRefusal = async (...request: Parameters<typeof fetch>) => {
    const answer = await fetch(...request)
    const { pathname } = new URL(String(request[0]))
    if (pathname === '/auth/logout') await eventually('the refusal', () => isRefused)
    if (pathname !== '/auth/refresh' || answer.ok) return answer
    isRefused = true
    await eventually('the log-out to be stored', () => heldWrites.length > 0)
    // Until then the client can take note of the refusal.
    setTimeout(() => heldWrites[0]?.(), 100)
    return answer
  }
  const laptop = await alice.addDevice({ fetch: lateRefusal, storage })

  await laptop.commands.logOut({ forget: false })
  await laptop.close()
  await laptop.open()

  expect(isRefused).toBe(true)
  expect(laptop.session()).toEqual({ stage: 'signed_out' })
})

test('a person who has logged in on a device before can do so again, whatever strangers request', async () => {
  await using network = await TestNetwork.start({ auth: { limitFactor: 1 } })
  const alice = await network.person('alice')
  await alice.commands.logOut({ forget: false })
  const stranger = await TestDevice.open(network, 'somebody else')
  const ask = () => stranger.commands.startPhone(alice.phone ?? '')
  await expect(async () => {
    for (let n = 0; n < 20; n += 1) await ask()
  }).rejects.toMatchObject({ code: 'rate_limited' })
  await eventually('their codes to be sent', async () => {
    const waiting = await network.database.sql`select 1 from auth.challenges where sent_at is null`
    return waiting.length === 0
  })
  await network.codeFor(alice.phone ?? '')

  await alice.enter(alice.device)

  expect(alice.device.session().stage).toBe('ready')
  await stranger.close()
})

test("deleting a device's data leaves nothing behind", async () => {
  await using network = await TestNetwork.start()
  const [alice, bob] = await network.people('alice', 'bob')
  const id = await alice.startConversation(bob)
  await alice.send(id, 'hello')

  await alice.commands.logOut({ forget: true })

  for (const collection of ['account', 'keys', 'contacts', 'log', 'seen', 'outbox'] as const) {
    expect(await alice.device.storage.range(collection, {})).toEqual([])
  }
})

test("an account's remaining data is deleted once the person confirms it, and another one logs in", async () => {
  await using network = await TestNetwork.start()
  const [alice, bob] = await network.people('alice', 'bob')
  await alice.startConversation(bob)
  await alice.commands.logOut({ forget: false })
  await alice.commands.logOut({ forget: true })
  const phone = network.newPhone()

  const { challengeId } = await alice.commands.startPhone(phone)
  await alice.commands.verifyPhone(challengeId, await network.codeFor(phone))

  await alice.device.stage('needs_profile')
  expect(await alice.device.storage.range('contacts', {})).toEqual([])
})

test('a forgotten password is replaced by code, and the recovery code opens the keys', async () => {
  await using network = await TestNetwork.start()
  const alice = await network.person('alice', { email: 'alice@example.org' })
  const bob = await network.person('bob')
  const id = await alice.startConversation(bob)
  await alice.send(id, 'still mine')
  const second = await TestDevice.open(network, 'another browser')
  alice.devices.push(second)
  const { challengeId } = await second.commands.startEmail('alice@example.org')
  const code = await network.codeFor('alice@example.org')
  expect(await second.commands.verifyEmail(challengeId, code)).toEqual({ isNew: false })
  await second.commands.setPassword('another long password')

  const locked = await second.stage('locked')
  expect(locked.ways).toContain('recovery_code')
  // A reload in between must not lose what the password wrap is created from.
  await second.close()
  await second.open()
  await second.stage('locked')
  await second.commands.unlockWithRecoveryCode(alice.recoveryCode.toLowerCase())
  expect(await second.wholeHistory(id, 1)).toEqual(['still mine'])
  await second.wrapsNamed()

  const third = await TestDevice.open(network, 'a third one')
  alice.devices.push(third)
  await third.commands.logIn('alice@example.org', 'another long password')
  expect(await third.wholeHistory(id, 1)).toEqual(['still mine'])
})

test('obvious passwords are rejected on the device', async () => {
  await using network = await TestNetwork.start()
  const device = await TestDevice.open(network, 'a browser')
  const guessed = ['short', 'password123', 'PASSWORD123!', 'aaaaaaaaaaaa', 'Summer2025!']
  for (const password of guessed) {
    await expect(device.commands.setPassword(password)).rejects.toMatchObject({
      code: 'weak_password',
    })
  }
  await device.close()
})

test('an expiring token is renewed on the existing connection', async () => {
  await using network = await TestNetwork.start()
  const [alice, bob] = await network.people('alice', 'bob')
  const id = await alice.startConversation(bob)
  let connections = 0
  let authentications = 0
  const createWebSocket = (url: string) => {
    connections += 1
    const socket = new WebSocket(url)
    const send = socket.send.bind(socket)
    socket.send = (text) => {
      if (String(text).includes('"authenticate"')) authentications += 1
      send(text)
    }
    return socket
  }
  await alice.device.close()
  await alice.device.open({ createWebSocket, fetch: withShortTokens })
  await alice.device.online()

  await expect.poll(() => authentications).toBe(2)

  await alice.send(id, 'still connected')
  expect((await bob.nextMessage()).text).toBe('still connected')
  expect(connections).toBe(1)
})

test('a browser that lost its storage and kept its cookie says so', async () => {
  await using network = await TestNetwork.start()
  const jar = cookieJar()
  const options = { fetch: jar, refreshIn: 'cookie' as const }
  const device = await TestDevice.open(network, 'a browser', options)
  const phone = network.newPhone()
  const { challengeId } = await device.commands.startPhone(phone)
  await device.commands.verifyPhone(challengeId, await network.codeFor(phone))
  await device.close()

  const evicted = await TestDevice.open(network, 'a browser', {
    ...options,
    storage: createMemoryStorage(),
  })
  expect(evicted.session()).toEqual({ stage: 'signed_out', reason: 'storage_lost' })
  await evicted.close()

  const later = await TestDevice.open(network, 'a browser', {
    ...options,
    storage: createMemoryStorage(),
  })
  expect(later.session()).toEqual({ stage: 'signed_out' })
  await later.close()
})

/** A `fetch` that makes the client believe that a token is valid for 48 seconds. */
const withShortTokens: typeof fetch = async (url, init) => {
  const response = await fetch(url, init)
  if (!String(url).endsWith('/auth/refresh')) return response
  return Response.json({ ...((await response.json()) as object), expires_in: 48 })
}

/** A `fetch` that keeps the only cookie and sends its origin, like a browser. */
function cookieJar(): typeof fetch {
  let cookie = ''
  return async (url, init) => {
    const headers = new Headers(init?.headers)
    headers.set('origin', TestNetwork.webOrigin)
    if (cookie) headers.set('cookie', cookie)
    const response = await fetch(url, { ...init, headers })
    const [set] = response.headers.getSetCookie()
    if (set) cookie = set.split(';')[0] ?? ''
    return response
  }
}

/** How a change says that the log-in ended. */
function endOf(change: Change): unknown {
  if (change.key !== 'login' || !('value' in change)) return undefined
  return (change.value as { ended?: unknown }).ended
}

/** A storage in which writes of certain changes, and all later ones, wait until they are released. */
function holdingStorage(isHeld: (change: Change) => boolean) {
  const storage = createMemoryStorage()
  const heldWrites: (() => void)[] = []
  let earlier: Promise<unknown> = Promise.resolve()
  const holding: Storage = {
    ...storage,
    write: (changes) => {
      const held = changes.some(isHeld)
        ? new Promise<void>((resolve) => heldWrites.push(resolve))
        : undefined
      const written = Promise.all([earlier, held]).then(() => storage.write(changes))
      earlier = written
      return written
    },
  }
  return { storage: holding, heldWrites }
}

function never(): never {
  throw new Error('no other session')
}
