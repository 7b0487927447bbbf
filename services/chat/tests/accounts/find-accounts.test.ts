import { chatRequests } from '@sotto/wire'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Answer, startChat, type TestChat } from '../start-chat.ts'

let chat: TestChat

beforeAll(async () => {
  chat = await startChat({ limitFactor: 10 })
})
afterAll(() => chat[Symbol.asyncDispose]())

test('people are found by the beginning of their name, case-insensitively', async () => {
  const names = ['Zoë Ångström', 'ZOË Berg', 'Zoltan', '100% Zoe', 'zo_', 'ＺＯＥ wide']
  for (const name of names) await chat.person(name)
  const seeker = await chat.person('Seeker')
  const find = async (name: string) => {
    const { body } = await chat.call(seeker, chatRequests.listUsers, { query: { name } })
    return body.accounts.map((account) => account.name)
  }
  expect(await find('zoË')).toEqual(['ZOË Berg', 'Zoë Ångström'])
  expect(await find('zo\u0065\u0308')).toEqual(['ZOË Berg', 'Zoë Ångström'])
  expect(await find('zoe')).toEqual(['ＺＯＥ wide'])
  expect(await find('zo_')).toEqual(['zo_'])
  expect(await find('100%')).toEqual(['100% Zoe'])
  expect(await find('%')).toEqual([])
  expect(await find('Zoltan Kovács')).toEqual([])
})

test('the member list has pages and includes everyone', async () => {
  await using other = await startChat()
  const seeker = await other.person('Seeker')
  for (let n = 0; n < 6; n += 1) await other.person('Same Name')
  const seen: string[] = []
  let after: string | null = null
  do {
    const { body }: Answer<typeof chatRequests.listUsers> = await other.call(
      seeker,
      chatRequests.listUsers,
      { query: after === null ? { limit: 2 } : { limit: 2, after } },
    )
    seen.push(...body.accounts.map(({ accountId }) => accountId))
    after = body.next
  } while (after)

  expect(seen).toHaveLength(7)
  expect(new Set(seen).size).toBe(7)
  const query = { after: 'nobody' }
  expect((await other.call(seeker, chatRequests.listUsers, { query })).status).toBe(400)
})

test('if the directory is closed, only a complete name finds a person', async () => {
  await using closed = await startChat({ directoryOpen: false })
  const alice = await closed.person('Alice Liddell')
  const find = (query: Record<string, string>) =>
    closed.call(alice, chatRequests.listUsers, { query })

  expect((await find({})).code).toBe('directory_closed')
  expect((await find({ name: 'Alice' })).body.accounts).toEqual([])
  expect((await find({ name: 'ALICE liddell' })).body.accounts).toHaveLength(1)
})
