import {
  chatRequests,
  type Endpoint,
  noPassword,
  writtenBox,
  writtenWrap,
  writtenWraps,
} from '@sotto/wire'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Answer, startChat, type TestChat } from '../start-chat.ts'

let chat: TestChat

beforeAll(async () => {
  chat = await startChat()
})
afterAll(() => chat[Symbol.asyncDispose]())

describe('an attacker who only has a log-in', () => {
  const wrap = { kind: 'recovery_code', ciphertext: 'QUJD' } as const
  const contents = { version: 1, ciphertext: 'AAAA' }

  test('cannot write a box: the owner must have signed these bytes as this version', async () => {
    const [alice, mallory] = [await chat.person('Alice'), await chat.person('Mallory')]
    const { params, body } = alice.box('keys', contents)
    const put = (write: string) =>
      chat.call(alice, chatRequests.putBox, { params, body: { ...body, write } })
    const written = writtenBox('keys', contents)
    const refused = [
      alice.withNewKeys().write(written, 1),
      alice.write(written, 2),
      alice.write(writtenBox('contacts', contents), 1),
      alice.write({ ...written, text: 'BBBB' }, 1),
    ]
    for (const write of refused) expect((await put(write)).code).toBe('bad_signature')
    expect((await put(mallory.write(written, 1))).code).toBe('forbidden')
    expect((await put(alice.record())).body).toEqual({
      code: 'invalid_request',
      details: { field: 'body/write' },
    })
    expect((await chat.call(alice, chatRequests.getBox, { params })).body).toEqual({ box: null })
    expect((await put(body.write)).status).toBe(200)
  })

  test('cannot use up the versions of an account without keys', async () => {
    const alice = await chat.person('Alice', { isPublished: false })
    const box = alice.box('keys', contents)
    expect((await chat.call(alice, chatRequests.putBox, box)).code).toBe('bad_signature')
  })

  test('cannot change a wrap', async () => {
    const alice = await chat.person('Alice')
    const other = alice.withNewKeys()
    const { kind, ciphertext } = wrap
    const writtenOther = { ...wrap, ciphertext: 'QUJE' }
    const wrong: Answer<Endpoint>[] = []
    for (const write of [
      other.write(writtenWrap(wrap), 1),
      alice.write(writtenWrap(writtenOther), 1),
      alice.write(writtenWraps([wrap]), 1),
    ]) {
      const sent = { params: { kind }, body: { ciphertext, write } }
      wrong.push(await chat.call(alice, chatRequests.putWrap, sent))
    }
    for (const write of [other.write(writtenWraps([wrap]), 1), alice.write(writtenWrap(wrap), 1)]) {
      const sent = { body: { wraps: [wrap], write } }
      wrong.push(await chat.call(alice, chatRequests.replaceWraps, sent))
    }
    const body = { write: other.write(noPassword, 1) }
    wrong.push(await chat.call(alice, chatRequests.removePassword, { body }))
    expect(wrong.map(({ code }) => code)).toEqual(Array.from(wrong, () => 'bad_signature'))
    const twice = { wraps: [wrap, wrap], write: alice.write(writtenWraps([wrap, wrap]), 1) }
    const answer = await chat.call(alice, chatRequests.replaceWraps, { body: twice })
    expect(answer.code).toBe('invalid_request')
    expect(chat.writtenWraps.filter(({ actor }) => actor.accountId === alice.accountId)).toEqual([])
  })

  test('gains nothing without them, and the owner keeps everything', async () => {
    const alice = await chat.person('Alice')
    const { kind, ciphertext } = wrap
    const answers = [
      await chat.call(alice, chatRequests.putWrap, {
        params: { kind },
        body: { ciphertext, write: alice.write(writtenWrap(wrap), 1) },
      }),
      await chat.call(alice, chatRequests.replaceWraps, {
        body: { wraps: [wrap], write: alice.write(writtenWraps([wrap]), 2) },
      }),
      await chat.call(alice, chatRequests.removePassword, {
        body: { write: alice.write(noPassword, 3) },
      }),
    ]
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
    const { actor } = alice
    expect(chat.writtenWraps.filter((one) => one.actor.accountId === actor.accountId)).toEqual([
      { actor, version: 1, change: { put: wrap } },
      { actor, version: 2, change: { replaceAll: [wrap] } },
      { actor, version: 3, change: { removePassword: true } },
    ])
  })
})
