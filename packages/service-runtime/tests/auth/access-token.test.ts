import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { type Actor, SessionId } from '@sotto/wire'
import { exportJWK, type JSONWebKeySet, SignJWT } from 'jose'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  createTokenVerifier,
  DomainError,
  type IsLiveSession,
  type IsProvenSession,
} from '../../src/index.ts'

const now = 1_900_000_000_000
const iat = now / 1000
const { privateKey, publicKey } = generateKeyPairSync('ed25519')
const other = generateKeyPairSync('ed25519')
let keys: JSONWebKeySet
beforeAll(async () => {
  keys = { keys: [{ ...(await exportJWK(publicKey)), kid: 'k1', alg: 'EdDSA', use: 'sig' }] }
})

const person = { sub: randomUUID(), sid: randomUUID(), did: randomUUID(), jti: randomUUID() }
const good = { ...person, iss: 'https://chat.test', aud: 'sotto', iat, exp: iat + 900 }

const sign = (claims: object, header: object = {}, key = privateKey) =>
  new SignJWT({ ...claims })
    .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid: 'k1', ...header })
    .sign(key)

function newVerifier(
  clock = { now },
  isLive: IsLiveSession = async () => true,
  isProven: IsProvenSession = async () => true,
) {
  let asked = 0
  const verifier = createTokenVerifier({
    keys: async () => {
      asked += 1
      return keys
    },
    isLive,
    isProven,
    issuer: 'https://chat.test',
    audience: 'sotto',
    now: () => clock.now,
  })
  return { verifier, clock, asked: () => asked }
}

test('a valid token yields its subject and expiry', async () => {
  const { actor, expiresAt } = await newVerifier().verifier.verify(await sign(good))

  expect(actor).toEqual({
    accountId: person.sub,
    sessionId: person.sid,
    deviceId: person.did,
  })
  expect(expiresAt).toBe((good.exp + 30) * 1000)
})

describe('rejects a token, the same for every cause, if', () => {
  test.each<[string, object, object?]>([
    ['it has expired', { ...good, iat: iat - 940, exp: iat - 40 }],
    ['its lifetime is too long', { ...good, exp: iat + 901 }],
    ['it was issued in the future', { ...good, iat: iat + 31, exp: iat + 500 }],
    ['it is not valid yet', { ...good, nbf: iat + 31 }],
    ['its times are strings', { ...good, exp: `${good.exp}` }],
    ['its times are fractions', { ...good, iat: iat + 0.5 }],
    ['it has no expiry', { ...good, exp: undefined }],
    ['it has another issuer', { ...good, iss: 'https://evil.test' }],
    ['it has another audience', { ...good, aud: 'other' }],
    ['it has no session', { ...good, sid: undefined }],
    ['it has no device', { ...good, did: 'x' }],
    ['it has no id', { ...good, jti: undefined }],
    ['its account is not an id', { ...good, sub: 'admin' }],
    ['it is of another type', good, { typ: 'JWT' }],
    ['its key is unknown', good, { kid: 'k2' }],
    ['its header names no key', good, { kid: undefined }],
    ['its header contains a key', good, { jwk: { kty: 'OKP' } }],
    ['its header contains the location of a key', good, { jku: 'https://evil.test/' }],
  ])('%s', async (_, claims, header = {}) => {
    const token = await sign(claims, header)
    await expect(newVerifier().verifier.verify(token)).rejects.toThrow(/^unauthenticated$/)
  })

  test('it was signed by another key', async () => {
    const token = await sign(good, {}, other.privateKey)
    await expect(newVerifier().verifier.verify(token)).rejects.toThrow(/^unauthenticated$/)
  })

  test('it is encoded in another way', async () => {
    const token = await sign(good)
    for (const text of [`${token}=`, ` ${token}`, `${token}.`, '', 'a.b.c', 'x'.repeat(9000)]) {
      await expect(newVerifier().verifier.verify(text)).rejects.toThrow(/^unauthenticated$/)
    }
  })
})

describe('a verified token', () => {
  test('is verified once for a burst of requests', async () => {
    const { verifier, asked } = newVerifier()
    const token = await sign(good)
    await Promise.all(Array.from({ length: 50 }, () => verifier.verify(token)))

    expect(asked()).toBe(1)
  })

  test('is verified again after a minute, so that a withdrawn key stops working', async () => {
    const { verifier, asked, clock } = newVerifier()
    const token = await sign(good)
    await verifier.verify(token)
    clock.now += 60_001
    await verifier.verify(token)

    expect(asked()).toBe(2)
  })

  test('still expires', async () => {
    const { verifier, clock } = newVerifier()
    const token = await sign({ ...good, exp: iat + 10 })
    await verifier.verify(token)
    clock.now += 40_001

    await expect(verifier.verify(token)).rejects.toThrow('unauthenticated')
  })

  test('is rejected once its session has ended', async () => {
    const { verifier } = newVerifier()
    const token = await sign(good)
    await verifier.verify(token)
    verifier.endSession(SessionId.parse(randomUUID()))
    await verifier.verify(token)
    verifier.endSession(SessionId.parse(person.sid))

    await expect(verifier.verify(token)).rejects.toThrow('unauthenticated')
  })

  test('its session is checked once if it is live, and again if there was no answer', async () => {
    const answers: (boolean | Error)[] = [new DomainError('unavailable'), true, false]
    const asked: Actor[] = []
    const { verifier, clock } = newVerifier(undefined, async (actor) => {
      asked.push(actor)
      const answer = answers[asked.length - 1] ?? false
      if (answer instanceof Error) throw answer
      return answer
    })
    const token = await sign(good)
    await expect(verifier.verify(token)).rejects.toThrow(/^unavailable$/)
    const { actor } = await verifier.verify(token)
    clock.now += 60_001
    await verifier.verify(token)

    expect(asked).toEqual([actor, actor])
    // The session of another account opens nothing under this account.
    const borrowed = await sign({ ...good, sub: randomUUID() })
    await expect(verifier.verify(borrowed)).rejects.toThrow(/^unauthenticated$/)
  })

  test('its session is checked again while the auth service runs a version that cannot tell', async () => {
    const answers = [undefined, undefined, true, false]
    const { verifier, clock } = newVerifier(undefined, async () => answers.shift())
    const token = await sign(good)
    for (let n = 0; n < 4; n += 1) {
      await verifier.verify(token)
      clock.now += 60_001
    }

    expect(answers).toEqual([false])
  })

  test('is not evicted by many invalid tokens', async () => {
    const { verifier, asked } = newVerifier()
    const token = await sign(good)
    await verifier.verify(token)
    const bad = Array.from({ length: 200 }, (_, n) => verifier.verify(`${token}${n}`))
    await Promise.allSettled(bad)
    const before = asked()
    await verifier.verify(token)

    expect(asked()).toBe(before)
  })
})

describe('a session whose device has not proven itself', () => {
  test('may do what a log-in alone may do, and nothing else', async () => {
    const { verifier } = newVerifier(undefined, undefined, async () => false)
    const token = await sign(good)
    expect((await verifier.verifyLogIn(token)).actor.accountId).toBe(person.sub)
    await expect(verifier.verify(token)).rejects.toThrow(/^device_not_proven$/)
  })

  test('is checked until it is proven, and not afterwards', async () => {
    let isProven = false
    let asked = 0
    const { verifier } = newVerifier(undefined, undefined, async () => {
      asked += 1
      return isProven
    })
    const token = await sign(good)
    for (const _ of [1, 2])
      await expect(verifier.verify(token)).rejects.toThrow('device_not_proven')
    isProven = true
    for (const _ of [1, 2]) expect((await verifier.verify(token)).actor.sessionId).toBe(person.sid)
    expect(asked).toBe(3)
    verifier.endSession(SessionId.parse(person.sid))
    await expect(verifier.verify(token)).rejects.toThrow('unauthenticated')
  })

  test('is admitted if an instance of the previous version cannot tell, and checked again', async () => {
    let answer: boolean | undefined
    const { verifier } = newVerifier(undefined, undefined, async () => answer)
    const token = await sign(good)
    expect((await verifier.verify(token)).actor.deviceId).toBe(person.did)
    answer = false
    await expect(verifier.verify(token)).rejects.toThrow('device_not_proven')
  })
})
