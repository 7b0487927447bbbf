import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { chmod, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { TestNetwork } from '../network.ts'
import { Operator } from '../operator.ts'
import type { Person } from '../people.ts'

let network: TestNetwork
let operator: Operator
let alice: Person
let bob: Person

beforeAll(async () => {
  network = await TestNetwork.start()
  operator = await Operator.on(network)
  alice = await network.person('alice')
  bob = await network.person('Bob Builder', { email: 'bob@example.org' })
  const id = await alice.startConversation(bob)
  await alice.send(id, 'the canary sings at dawn')
  await bob.nextMessage()
})
afterAll(async () => {
  await operator?.[Symbol.asyncDispose]()
  await network?.[Symbol.asyncDispose]()
})

const found = async (...args: string[]) =>
  (await operator.json('accounts', ...args)).accounts.map(({ name }: { name: string }) => name)

describe('accounts', () => {
  test('are listed with the data of both services, newest first', async () => {
    const { accounts, next } = await operator.json('accounts')
    expect(next).toBeNull()
    expect(accounts).toMatchObject([
      { name: 'Bob Builder', email: 'bob@example.org', phone: null, sessions: 1 },
      { name: 'alice', email: null, phone: alice.phone, sessions: 1, suspendedAt: null },
    ])
    expect(accounts[1].bytes).toBeGreaterThan(0)
  })

  test('are found by a part of name, number or address, however it is written', async () => {
    expect(await found('builder')).toEqual(['Bob Builder'])
    expect(await found('LICE')).toEqual(['alice'])
    expect(await found('BOB@exam')).toEqual(['Bob Builder'])
    expect(await found((alice.phone ?? '').slice(3))).toEqual(['alice'])
    expect(
      await found(`0049 ${(alice.phone ?? '').slice(3, 7)}-${(alice.phone ?? '').slice(7)}`),
    ).toEqual(['alice'])
    expect(await found('--name', '123')).toEqual([])
    expect(await found('100%')).toEqual([])
    expect(await found('_')).toEqual([])
  })

  test('are listed in pages', async () => {
    const first = await operator.json('accounts', '--limit', '1')
    expect(first.accounts).toHaveLength(1)
    const second = await operator.json('accounts', '--limit', '1', '--after', first.next)
    expect(second.accounts[0].accountId).toBe(alice.accountId)
    expect(second.next).toBeNull()
    const byName = await operator.json('accounts', 'i', '--limit', '1')
    expect(byName.next).toBe(byName.accounts[0].accountId)
  })

  test('are shown as a table', async () => {
    const { printed } = await operator.run('accounts')
    expect(printed.split('\n')).toHaveLength(3)
    expect(printed).toContain(bob.accountId)
  })
})

test('an account is shown with devices, log-ins, bytes and quota, and without any secret', async () => {
  const shown = await operator.json('account', alice.accountId)
  expect(shown).toMatchObject({
    accountId: alice.accountId,
    suspendedAt: null,
    removalAskedAt: null,
    hasPassword: false,
    hasRecoveryCode: true,
    liveSessions: [{ deviceId: alice.device.me().deviceId, proven: true }],
    published: {
      name: 'alice',
      conversations: 1,
      devices: [{ deviceId: alice.device.me().deviceId, revokedAt: null }],
      ownQuota: { bytes: null, conversations: null, devices: null },
    },
  })
  expect(shown.published.usage.bytes.used).toBeGreaterThan(1_024)
  const text = JSON.stringify(shown)
  for (const secret of ['ciphertext', 'hash', 'record', 'credential', 'key']) {
    expect(text).not.toMatch(new RegExp(`"${secret}"`, 'i'))
  }
  expect((await operator.run('account', alice.accountId)).printed).toContain('Devices with keys')
})

test('a quota is set for one account, enforced, and removed', async () => {
  const carol = await network.person('carol')
  const set = await operator.json(
    'quota',
    carol.accountId,
    '--conversations',
    '0',
    '--megabytes',
    '7',
  )
  expect(set.quota).toEqual({ bytes: 7_000_000, conversations: 0, devices: null })
  await expect(carol.startConversation(bob)).rejects.toMatchObject({ code: 'quota_exceeded' })
  const { bytes } = await carol.commands.storageUsage()
  expect(bytes.allowed).toBe(7_000_000)

  await operator.json('quota', carol.accountId, '--devices', '1')
  const left = await operator.json('quota', carol.accountId, '--conversations', 'default')
  expect(left.quota).toEqual({ bytes: 7_000_000, conversations: null, devices: 1 })
  const none = await operator.json('quota', carol.accountId, '--default')
  expect(none.quota).toEqual({ bytes: null, conversations: null, devices: null })
  await carol.startConversation(bob)
})

test('every command writes two lines to its log, and no secret', async () => {
  const { json } = await operator.run('invite', '--uses', '2', '--json')
  await operator.run('accounts', 'bob@example.org')
  await operator.run('account', '00000000-0000-4000-8000-000000000000')
  const lines = await operator.logged()
  const last = lines.slice(-6)
  expect(last).toMatchObject([
    { who: 'ada', command: 'invite', outcome: 'began', uses: 2, days: 7 },
    { command: 'invite', outcome: 'done', invitationId: json.invitationId },
    { command: 'accounts', outcome: 'began', by: 'email' },
    { command: 'accounts', outcome: 'done' },
    { command: 'account', outcome: 'began' },
    { command: 'account', outcome: 'failed', code: 'account_not_found' },
  ])
  expect(last[0].id).toBe(last[1].id)
  expect(Date.parse(last[0].time)).toBeGreaterThan(Date.now() - 3_600_000)
  const text = JSON.stringify(lines)
  const token = json.link.split('/join/')[1]
  for (const secret of [
    token,
    'bob@example.org',
    alice.phone ?? '',
    'alice',
    'Builder',
    'canary',
  ]) {
    expect(text).not.toContain(secret)
  }
  await chmod(operator.logFile, 0o644)
  await operator.run('invitations')
  expect(await operator.logMode()).toBe(0o600)
})

test('the log may be a pipe, like the output of a container', async () => {
  const pipe = join(tmpdir(), `sotto-operator-${randomUUID()}`)
  execFileSync('mkfifo', [pipe])
  const logged = readFile(pipe, 'utf8')
  await operator.runWith({ ADMIN_LOG: pipe }, 'storage')
  const lines = (await logged).trim().split('\n')
  expect(lines.map((line) => JSON.parse(line).outcome)).toEqual(['began', 'done'])
  await rm(pipe)
})

test('nothing is done that cannot be logged', async () => {
  const answered = await operator.runWith(
    { ADMIN_LOG: '/proc/none' },
    'suspend',
    alice.accountId,
    '--yes',
  )
  expect(answered).toMatchObject({ status: 1, printed: '' })
  expect(answered.errors).toContain('ADMIN_LOG')
  expect((await operator.json('account', alice.accountId)).suspendedAt).toBeNull()
})

test('actions that cannot be undone require a confirmation', async () => {
  for (const command of ['suspend', 'remove', 'end-sessions']) {
    operator.says = false
    expect(await operator.run(command, alice.accountId)).toMatchObject({ status: 4 })
    operator.says = undefined
    const nobody = await operator.run(command, alice.accountId)
    expect(nobody).toMatchObject({ status: 4 })
    expect(nobody.errors).toContain('--yes')
  }
  operator.says = true
  expect(operator.asked).toHaveLength(6)
  const shown = await operator.json('account', alice.accountId)
  expect(shown).toMatchObject({ suspendedAt: null, removalAskedAt: null, sessions: 1 })
})

test("the operator's invitations admit people, are listed, and are revoked", async () => {
  const one = await operator.json('invite', '--days', '2')
  expect(one.link).toMatch(/^https:\/\/chat\.example\.org\/#\/join\/[\w-]{32}$/)
  const other = await operator.json('invite', '--uses', '3')
  const ids = async () =>
    (await operator.json('invitations')).invitations.map(
      (entry: { invitationId: string }) => entry.invitationId,
    )
  expect(await ids()).toEqual(expect.arrayContaining([one.invitationId, other.invitationId]))
  await network.person('dave', { invitation: one.link })
  await operator.json('withdraw', other.invitationId)
  expect(await ids()).not.toContain(other.invitationId)
  expect(await operator.run('withdraw', other.invitationId)).toMatchObject({
    status: 1,
    errors: 'There is no invitation with this id.',
  })
})

test('creating an invitation while no one can join shows a warning', async () => {
  await using closed = await TestNetwork.start({ auth: { signUp: 'closed' } })
  await using there = await Operator.on(closed)
  for (const command of ['invite', 'invitations']) {
    const { status, printed } = await there.run(command)
    expect(status).toBe(0)
    expect(printed).toContain('no one can join at the moment, because SIGN_UP is closed')
    expect((await operator.run(command)).printed).not.toContain('SIGN_UP')
  }
})

test('storage is shown by kind, with the largest accounts', async () => {
  const { kinds, tables, largest } = await operator.json('storage')
  expect(tables.map(({ table }: { table: string }) => table)).toEqual(
    expect.arrayContaining(['chat.envelopes', 'auth.accounts']),
  )
  for (const { bytes } of tables) expect(bytes).toBeGreaterThan(0)
  expect(kinds.map(({ kind }: { kind: string }) => kind)).toContain('messages, sealed')
  expect(largest[0]).toMatchObject({ name: 'alice' })
  expect((await operator.run('storage')).printed).toContain('together')
})

test('rejects other tokens, and does nothing on the public port', async () => {
  const wrong = await operator.runWith(
    { ADMIN_TOKEN: 'b7Kx2mQz90Vr-0p3r4t0r-of-an0ther' },
    'accounts',
  )
  expect(wrong).toMatchObject({ status: 1 })
  expect(wrong.errors).toContain('another token')
  const outside = await operator.runWith({ ADMIN_AUTH_URLS: network.origin }, 'invitations')
  expect(outside).toMatchObject({ status: 1 })
  const nowhere = await operator.runWith({ ADMIN_AUTH_URLS: 'http://127.0.0.1:9' }, 'invitations')
  expect(nowhere).toMatchObject({ status: 3 })
})
