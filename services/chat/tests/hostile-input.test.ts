import { randomUUID } from 'node:crypto'
import { chatRequests, type Endpoint } from '@sotto/wire'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Person, startConversation } from './person.ts'
import { type Sent, startChat, type TestChat } from './start-chat.ts'

// By kind: SQL, HTML, formats, limits of Unicode, line breaks, names of JavaScript.
const HOSTILE = [
  `'; drop table chat.accounts; --`,
  `' or '1'='1`,
  `\\'; select pg_sleep(10); --`,
  `$1::text`,
  '#{7*7}',
  '%',
  '_%\\',
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  'javascript:alert(1)',
  '{"$ne":null}',
  '__proto__',
  'constructor',
  'null',
  'NaN',
  '-1',
  '1e309',
  '../../etc/passwd',
  '%00',
  '%2e%2e%2f',
  'a\u0000b',
  'a\nb',
  'a\tb',
  '\u202egnirts',
  '\u2066isolated',
  '\u2028',
  '\ufeffbom',
  '\ud800',
  '\udc00tail',
  '\u{10ffff}',
  '\uffff',
  '👩‍👩‍👧‍👦',
  'Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳͂̌̌͘',
  'ﷺ'.repeat(64),
  'ﬃ',
  'İstanbul',
  'ß',
  'عربى',
  ' leading',
  'trailing ',
  '',
  'x'.repeat(64),
  'x'.repeat(65),
  'x'.repeat(100_000),
]

let chat: TestChat
let alice: Person

beforeAll(async () => {
  chat = await startChat()
  alice = await chat.person('Alice')
})
afterAll(() => chat[Symbol.asyncDispose]())

const shorten = (text: string) => JSON.stringify(text.slice(0, 24))
const cases = HOSTILE.map((text) => [shorten(text), text] as const)

describe('a name is returned byte for byte, or rejected', () => {
  test.each(cases)('%s', async (_, name) => {
    const person = await chat.person('Somebody', { isPublished: false })
    const { status } = await chat.call(person, chatRequests.putUser, {
      body: { record: person.record({ name }), picture: null },
    })
    expect([200, 400]).toContain(status)
    if (status === 400) return

    const { body } = await chat.call(person, chatRequests.listUsers, {
      query: { name, limit: 100 },
    })
    const found = body.accounts.find(({ accountId }) => accountId === person.accountId)
    expect(found?.name).toBe(name)
  })
})

/** Each text field of each endpoint, with a hostile value in it. */
function requestsWith(text: string): [string, Endpoint, Sent][] {
  const id = randomUUID()
  const { deviceId } = alice
  const r = chatRequests
  const signed = alice.box('keys', { version: 9, ciphertext: 'AAAA' })
  const { write } = signed.body
  const wrap = { kind: 'password', ciphertext: 'AAAA' }
  const revoking = (revocation: object) => alice.record({ version: 2, revoked: [revocation] })
  return [
    ['record', r.putUser, { body: { record: text, picture: null } }],
    ['picture', r.putUser, { body: { record: alice.record({ version: 2 }), picture: text } }],
    ['unknown field', r.putUser, { body: { record: alice.record(), picture: null, [text]: text } }],
    ['account id', r.getUser, { params: { accountId: text } }],
    ['name', r.listUsers, { query: { name: text } }],
    ['cursor of people', r.listUsers, { query: { after: text } }],
    ['limit', r.listUsers, { query: { limit: text } }],
    ['device id', r.putDevice, { params: { deviceId: text }, body: { credential: 'a.b.c' } }],
    ['credential', r.putDevice, { params: { deviceId }, body: { credential: text } }],
    ['revoked', r.putUser, { body: { record: revoking({ device: text, at: 1 }), picture: null } }],
    [
      'revoked at',
      r.putUser,
      { body: { record: revoking({ device: id, at: text }), picture: null } },
    ],
    ['rsa key', r.putUser, { body: { record: alice.record({ rsaKey: text }), picture: null } }],
    ['manifest', r.putManifest, { body: { manifest: text } }],
    [
      'hash of a wrap',
      r.putManifest,
      { body: { manifest: alice.manifest({ wraps: { password: text, recovery_code: null } }) } },
    ],
    [
      'version in a manifest',
      r.putManifest,
      { body: { manifest: alice.manifest({ record: text }) } },
    ],
    ['box', r.getBox, { params: { box: text } }],
    [
      'ciphertext',
      r.putBox,
      { params: { box: 'keys' }, body: { ...signed.body, ciphertext: text } },
    ],
    ['version', r.putBox, { params: { box: 'keys' }, body: { ...signed.body, version: text } }],
    ['signed write', r.putBox, { params: { box: 'keys' }, body: { ...signed.body, write: text } }],
    [
      'version before',
      r.putBox,
      { params: { box: 'keys' }, body: { ...signed.body, after: text } },
    ],
    ['signed write of all wraps', r.replaceWraps, { body: { wraps: [wrap], write: text } }],
    ['kind of a wrap', r.putWrap, { params: { kind: text }, body: { ciphertext: 'AAAA', write } }],
    ['wrap', r.putWrap, { params: { kind: 'password' }, body: { ciphertext: text, write } }],
    ['signed removal', r.removePassword, { body: { write: text } }],
    ['id', r.createConversation, { body: { id: text, protocol: 'ecdh', participants: [id] } }],
    ['protocol', r.createConversation, { body: { id, protocol: text, participants: [id] } }],
    ['participant', r.createConversation, { body: { id, protocol: 'ecdh', participants: [text] } }],
    ['cursor of the list', r.listConversations, { query: { after: text } }],
    ['conversation id', r.getConversation, { params: { conversationId: text } }],
    ['state', r.answerConversation, { params: { conversationId: id }, body: { state: text } }],
    ['log', r.readLog, { params: { conversationId: text } }],
    ['before', r.readLog, { params: { conversationId: id }, query: { before: text } }],
    ['seq', r.serverRow, { params: { conversationId: id, seq: text } }],
    ['cursor of changes', r.listChanges, { query: { since: text } }],
    ['unblocked account', r.unblock, { params: { accountId: text } }],
  ]
}

describe('hostile text in any field gets a typed rejection or an ordinary answer', () => {
  test.each(cases)('%s', async (_, text) => {
    for (const [field, endpoint, sent] of requestsWith(text)) {
      const { status, code } = await chat.call(alice, endpoint, sent)
      expect([field, status < 500]).toEqual([field, true])
      if (status !== 200) expect(code).toEqual(expect.any(String))
    }
  })

  test('none of it changed another account', async () => {
    const bob = await chat.person('Bob')
    await startConversation(chat, alice, bob)
    expect('polluted' in {}).toBe(false)
    const [row] = await chat.sql`select count(*) from chat.conversations`
    expect(row?.count).toBe(1)
  })
})

test('rejects JSON that is ambiguous or pollutes prototypes', async () => {
  const { token } = alice
  const bodies = [
    '{"record":"a.b.c","picture":null,"__proto__":{"polluted":true}}',
    '{"record":"a.b.c","picture":null,"constructor":{"prototype":{"polluted":true}}}',
    '{"record":"a.b.c","picture":null',
    '[]',
    'null',
    '"a"',
    '',
    `${'['.repeat(50_000)}`,
    '{"record":{"toString":"x"},"picture":[]}',
  ]
  for (const payload of bodies) {
    const { statusCode } = await chat.app.inject({
      method: 'PUT',
      path: '/users',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      payload,
    })
    expect([payload.slice(0, 40), statusCode]).toEqual([payload.slice(0, 40), 400])
  }
  expect('polluted' in {}).toBe(false)
})
