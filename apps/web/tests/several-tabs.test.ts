import type { ClientPort, Commands, ConversationSummary, ViewKey } from '@sotto/sdk'
import { ClientError } from '@sotto/sdk'
import { afterEach, expect, test } from 'vitest'
import { createSharedClient, type SharedClient } from '../src/client/tabs/shared-client.ts'

// A tab is a shared client on Node's own BroadcastChannel and Web Locks, the same two interfaces that browsers provide.

const open: SharedClient[] = []
let channelName = ''
let serial = 0
const failures: unknown[] = []

afterEach(() => {
  for (const tab of open.splice(0)) tab.leave()
  failures.splice(0)
})

/** A client whose only view is the conversation list, and whose commands say where they ran. */
function ownClient(name: string, commands: Partial<Commands> = {}) {
  let list: readonly ConversationSummary[] = []
  const listeners = new Set<() => void>()
  const client: ClientPort = {
    commands: { listBlocked: async () => [{ accountId: '', name, picture: null }], ...commands },
    snapshot: (key: ViewKey) => (key.view === 'conversations' ? list : undefined),
    subscribe: (_key: ViewKey, changed: () => void) => {
      listeners.add(changed)
      return () => listeners.delete(changed)
    },
  } as unknown as ClientPort
  const show = (draft: string) => {
    list = [{ draft } as ConversationSummary]
    for (const changed of listeners) changed()
  }
  return { client, show, listeners }
}

async function openTab(own: ClientPort | Error): Promise<SharedClient> {
  const createOwn = async () => {
    if (own instanceof Error) throw own
    return own
  }
  const tab = await createSharedClient(createOwn, (error) => failures.push(error), {
    locks: {
      request: (name: string, callback: () => Promise<unknown>) =>
        navigator.locks.request(`${channelName} ${name}`, callback),
    } as LockManager,
    openChannel: () => new BroadcastChannel(channelName),
  })
  open.push(tab)
  return tab
}

const newBrowser = () => {
  channelName = `test ${++serial}`
}
const whoAnswers = async (tab: SharedClient) => (await tab.commands.listBlocked())[0]?.name

test('the first tab owns the client, and the second uses it', async () => {
  newBrowser()
  const first = await openTab(ownClient('first').client)
  const second = await openTab(ownClient('second').client)

  expect(await whoAnswers(first)).toBe('first')
  expect(await whoAnswers(second)).toBe('first')
})

test('a change in the owning tab appears in the other tab', async () => {
  newBrowser()
  const own = ownClient('first')
  await openTab(own.client)
  const second = await openTab(ownClient('second').client)
  const seen = Promise.withResolvers<void>()
  second.subscribe({ view: 'conversations' }, () => {
    if (second.snapshot({ view: 'conversations' })?.[0]?.draft === 'hello') seen.resolve()
  })

  await whoAnswers(second)
  own.show('hello')
  await seen.promise
})

test('a refusal arrives with its code', async () => {
  newBrowser()
  const refuse = () => Promise.reject(new ClientError('wrong_code', { left: 2 }))
  await openTab(ownClient('first', { listSessions: refuse }).client)
  const second = await openTab(ownClient('second').client)

  await expect(second.commands.listSessions()).rejects.toMatchObject({
    code: 'wrong_code',
    details: { left: 2 },
  })
})

test('when the owner is closed, the other tab takes over and keeps showing the last snapshot', async () => {
  newBrowser()
  const own = ownClient('first')
  const first = await openTab(own.client)
  const second = await openTab(ownClient('second').client)
  second.subscribe({ view: 'conversations' }, () => {})
  await whoAnswers(second)

  first.leave()

  expect(await whoAnswers(second)).toBe('second')
})

test('a command that a lost owner had started fails, unless it can safely run twice', async () => {
  newBrowser()
  const begun = Promise.withResolvers<void>()
  const never = () => {
    begun.resolve()
    return new Promise<never>(() => {})
  }
  const first = await openTab(
    ownClient('first', { createRsaKey: never, listBlocked: never }).client,
  )
  const second = await openTab(ownClient('second').client)
  const making = second.commands.createRsaKey()
  const reading = whoAnswers(second)
  await begun.promise
  await new Promise((resolve) => setTimeout(resolve, 50))

  first.leave()

  await expect(making).rejects.toMatchObject({ code: 'offline' })
  expect(await reading).toBe('second')
})

test('three tabs own the client one after another', async () => {
  newBrowser()
  const first = await openTab(ownClient('first').client)
  const second = await openTab(ownClient('second').client)
  const third = await openTab(ownClient('third').client)
  expect(await whoAnswers(third)).toBe('first')

  first.leave()
  expect(await whoAnswers(third)).toBe('second')
  second.leave()
  expect(await whoAnswers(third)).toBe('third')
})

test("the owner drops a closed tab's subscriptions", async () => {
  newBrowser()
  const own = ownClient('first')
  await openTab(own.client)
  const second = await openTab(ownClient('second').client)
  second.subscribe({ view: 'conversations' }, () => {})
  await whoAnswers(second)
  expect(own.listeners.size).toBe(1)

  second.leave()
  await expect.poll(() => own.listeners.size).toBe(0)
})

test('a tab that cannot open the client gets the reason, and another one takes its place', async () => {
  newBrowser()
  const noRoom = new ClientError('storage_full')
  await openTab(noRoom)
  await expect.poll(() => failures).toEqual([noRoom])

  const second = await openTab(ownClient('second').client)

  expect(await whoAnswers(second)).toBe('second')
})
