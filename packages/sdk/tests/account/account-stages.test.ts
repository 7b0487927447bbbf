import { describe, expect, test } from 'vitest'
import {
  LOG_IN,
  type LogInEvent,
  type LogInState,
  STAGE,
  type Stage,
  type StageEvent,
} from '../../src/account/state/account-stages.ts'
import {
  type AccountEvents,
  type AccountState,
  openAccountState,
} from '../../src/account/state/account-state.ts'
import type { AccountChanges } from '../../src/account/state/stored-stages.ts'
import type { PendingCode } from '../../src/storage/records/account.ts'
import { casesOf, pathTo, refusedBy } from '../state-tables/table-cases.ts'
import { createMemoryStore } from '../storage/memory-store.ts'
import { login } from './log-in-details.ts'

const codeFor = (purpose: PendingCode['purpose']): PendingCode => ({
  purpose,
  sealedCode: new Uint8Array(),
  askedGroup: 1,
  wrap: { kind: 'recovery_code', ciphertext: 'sealed' },
})

/** The changes that must be stored with an event, if any. */
const logInChanges: Readonly<Partial<Record<LogInEvent, AccountChanges>>> = {
  log_in: { login },
  told_of_end: { reason: 'session_ended' },
  told_of_loss: { reason: 'session_lost' },
  is_over: { reason: 'account_suspended' },
}
const stageChanges: Readonly<Partial<Record<StageEvent, AccountChanges>>> = {
  unlock: { pendingCode: undefined },
  make_keys: { pendingCode: codeFor('setup') },
  renew_keys: { pendingCode: codeFor('setup') },
  wait: { dueAt: 1_000 },
  confirm: { pendingCode: undefined },
  renew_code: { pendingCode: codeFor('renewal') },
}

const moveLogIn = (state: AccountState, event: LogInEvent) =>
  event === 'forget' ? state.erase() : state.move({ logIn: event }, logInChanges[event])
const moveStage = (state: AccountState, event: StageEvent) =>
  state.move({ stage: event }, stageChanges[event])

/** The stored state of something that was unfinished when the program ended. */
const undone: Readonly<Partial<Record<LogInState, LogInState>>> = {
  storage_lost: 'none',
  logging_out: 'open',
  asking: 'lost',
}
const afterCrash = (state: LogInState) => undone[state] ?? state

async function open() {
  const storage = createMemoryStore()
  return { state: await openAccountState(storage), reopen: () => openAccountState(storage) }
}

async function openIn(stage: Stage) {
  const one = await open()
  await one.state.move({ logIn: 'log_in' }, { login })
  for (const event of pathTo(STAGE, STAGE.initial, stage)) await moveStage(one.state, event)
  return one
}

describe.each(casesOf(LOG_IN))('log-in: $state, $event', ({ state, event, next, path }) => {
  test(`${next ?? 'nothing'}`, async () => {
    const one = await open()
    for (const event of path) await moveLogIn(one.state, event)
    expect(one.state.logIn).toBe(state)
    const { memory } = one.state
    const before = { ...memory }

    await moveLogIn(one.state, event)

    expect(one.state.logIn).toBe(next ?? state)
    if (next === null) expect(one.state.memory).toEqual(before)
    expect((await one.reopen()).logIn).toBe(afterCrash(next ?? state))
    expect((await one.reopen()).memory).toEqual(one.state.memory)
  })
})

describe.each(casesOf(STAGE))('stage: $state, $event', ({ state, event, next }) => {
  test(`${next ?? 'nothing'}`, async () => {
    const one = await openIn(state)
    expect(one.state.stage).toBe(state)
    const before = { ...one.state.memory }

    expect(await moveStage(one.state, event)).toBe(next !== null)

    expect(one.state.stage).toBe(next ?? state)
    if (next === null) expect(one.state.memory).toEqual(before)
    expect((await one.reopen()).stage).toBe(next ?? state)
    expect((await one.reopen()).memory).toEqual(one.state.memory)
  })
})

test.each(refusedBy(LOG_IN))('log-in in state %s refuses %s', async (state, event) => {
  const one = await open()
  for (const event of pathTo(LOG_IN, LOG_IN.initial, state)) await moveLogIn(one.state, event)
  const before = { ...one.state.memory }

  await expect(moveLogIn(one.state, event)).rejects.toMatchObject({ code: 'internal' })

  expect(one.state.logIn).toBe(state)
  expect(one.state.memory).toEqual(before)
})

test.each(refusedBy(STAGE))('stage %s refuses %s', async (stage, event) => {
  const one = await openIn(stage)
  const before = { ...one.state.memory }

  await expect(moveStage(one.state, event)).rejects.toMatchObject({ code: 'internal' })

  expect(one.state.stage).toBe(stage)
  expect(one.state.memory).toEqual(before)
})

const wrong: readonly [what: string, stage: Stage, AccountEvents, AccountChanges][] = [
  ['keys without their recovery code', 'locked', { stage: 'make_keys' }, {}],
  ['a wait without an end', 'confirm_recovery', { stage: 'wait' }, {}],
  ['a confirmed code that is still stored', 'confirm_recovery', { stage: 'confirm' }, {}],
  ['an end without a reason', 'ready', { logIn: 'told_of_end' }, {}],
  ['an end whose reason is a loss', 'ready', { logIn: 'told_of_end' }, { reason: 'session_lost' }],
]

test.each(wrong)('%s is not stored', async (_, stage, events, changes) => {
  const one = await openIn(stage)

  await expect(one.state.move(events, changes)).rejects.toMatchObject({ code: 'internal' })

  expect(one.state.stage).toBe(stage)
  expect((await one.reopen()).memory).toEqual(one.state.memory)
})

test('a late answer is not stored after an erase, and does not reopen an ended session', async () => {
  const erased = await openIn('unknown')
  await moveLogIn(erased.state, 'leave')
  await erased.state.erase()
  await expect(moveStage(erased.state, 'unlock')).rejects.toMatchObject({ code: 'unauthenticated' })
  expect((await erased.reopen()).memory.login).toBeUndefined()

  const ended = await openIn('unknown')
  await moveLogIn(ended.state, 'told_of_end')
  await moveStage(ended.state, 'unlock')
  expect(ended.state.logIn).toBe('ended')
  expect(ended.state.memory.login?.ended).toBe('session_ended')
})

test('another log-in does not change how long keys wait', async () => {
  const one = await openIn('new_keys_wait')
  await moveLogIn(one.state, 'told_of_end')
  await moveLogIn(one.state, 'log_in')

  expect(one.state.stage).toBe('new_keys_wait')
  expect(one.state.memory.login?.newKeysDueAt).toBe(1_000)
})

test('only a session that may come back keeps its refresh token', async () => {
  const tokens = async (event: LogInEvent) => {
    const one = await openIn('ready')
    await moveLogIn(one.state, event)
    return one.state.memory.login?.refreshToken
  }
  expect(await tokens('told_of_loss')).toBe('a token')
  expect(await tokens('told_of_end')).toBeNull()
})

test('a new refresh token and a move at the same time are both stored', async () => {
  const one = await openIn('unknown')

  await Promise.all([
    one.state.move(
      { stage: 'keys_published' },
      { login: (before) => ({ ...before, ways: ['pem'] }) },
    ),
    one.state.updateLogin((before) => ({ ...before, refreshToken: 'the next token' })),
  ])

  const { stage, memory } = await one.reopen()
  expect(stage).toBe('locked')
  expect(memory.login).toMatchObject({ ways: ['pem'], refreshToken: 'the next token' })
})

test('a log-out wins even if the server reports the session as ended in the meantime', async () => {
  const one = await openIn('ready')
  await moveLogIn(one.state, 'leave')
  await Promise.all([moveLogIn(one.state, 'told_of_end'), moveLogIn(one.state, 'log_out')])

  expect(one.state.memory.login?.ended).toBe('logged_out')
  expect(() => one.state.login()).toThrow('unauthenticated')
})
