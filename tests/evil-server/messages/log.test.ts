import { afterAll, beforeAll, expect, test } from 'vitest'
import { Scene } from '../scene.ts'
import { expectShown, shownOn } from '../shown.ts'

let scene: Scene

beforeAll(async () => {
  scene = await Scene.start()
})
afterAll(() => scene[Symbol.asyncDispose]())

const readers = [
  ['goes on reading', 'readOn'],
  ['reads for the first time', 'readAnew'],
] as const
const cases = (['ecdh', 'rsa'] as const).flatMap((protocol) =>
  readers.map(([whoever, read]) => ({ protocol, whoever, read })),
)

test.each(cases)(
  'a repeated envelope is shown once ($protocol, who $whoever)',
  async ({ protocol, read }) => {
    const { owner } = scene
    const id = await scene[read](protocol, ['one', 'two', 'three'], async (log) =>
      owner.append(log, await owner.row(log, 2)),
    )

    await scene.expectToGoOn(id, ['one', 'two', 'three', '[replayed]'])
  },
)

test.each(cases)(
  'a repeated envelope with another id is shown once ($protocol, who $whoever)',
  async ({ protocol, read }) => {
    const { owner } = scene
    const id = await scene[read](protocol, ['one', 'two', 'three'], async (log) =>
      owner.append(log, { ...(await owner.row(log, 2)), id: crypto.randomUUID() }),
    )

    await scene.expectToGoOn(id, ['one', 'two', 'three', '[misplaced]'])
  },
)

test.each(cases)(
  'envelopes in the wrong order are all shown, with a notice ($protocol, who $whoever)',
  async ({ protocol, read }) => {
    const { owner } = scene
    const id = await scene[read](protocol, ['one', 'two', 'three', 'four'], (log) =>
      owner.swap(log, 2, 3),
    )

    await scene.expectToGoOn(id, ['one', 'three', '[out_of_order]', 'two', 'four'])
  },
)

test.each(cases)(
  'missing envelopes in the middle are counted ($protocol, who $whoever)',
  async ({ protocol, read }) => {
    const { owner } = scene
    const id = await scene[read](protocol, ['one', 'two', 'three', 'four'], async (log) => {
      await owner.drop(log, 3)
      await owner.drop(log, 2)
    })

    await scene.expectToGoOn(id, ['one', '[gap of 2]', 'four'])
  },
)

test('a missing beginning is counted', async () => {
  const id = await scene.readAnew('ecdh', ['one', 'two', 'three'], (log) =>
    scene.owner.drop(log, 1),
  )

  await scene.expectToGoOn(id, ['[gap of 1]', 'two', 'three'])
})

test('a missing end is counted when something comes after it', async () => {
  const { bob, alice, owner } = scene
  const id = await scene.readOn('ecdh', ['one', 'two', 'three'], (log) => owner.drop(log, 3))
  await expectShown(bob.device, id, ['one', 'two'])

  await alice.send(id, 'four')

  await expectShown(bob.device, id, ['one', 'two', '[gap of 1]', 'four'])
})

test('a log that is rolled back overwrites nothing, and what is hidden is counted', async () => {
  const { bob, alice, owner } = scene
  const id = await scene.readOn('ecdh', ['one', 'two', 'three'], async () => {})
  await expectShown(bob.device, id, ['one', 'two', 'three'])
  await owner.drop(id, 3)

  for (const text of ['in the place of three', 'four']) await alice.send(id, text)

  await expectShown(bob.device, id, ['one', 'two', 'three', '[gap of 1]', 'four'])
})

test('a missing page is counted, however far back the person scrolls', async () => {
  const { bob, owner } = scene
  const texts = Array.from({ length: 40 }, (_, n) => `message ${n}`)
  const id = await scene.readAnew('ecdh', texts, async (log) => {
    for (let seq = 10; seq > 5; seq--) await owner.drop(log, seq)
  })

  const found = await bob.device.wholeHistory(id, 35)

  expect(found).toEqual(texts.toSpliced(5, 5))
  expect(bob.device.notices(id)).toMatchObject([{ kind: 'gap', count: 5 }])
})

test('a number that is missing in the log is counted like the message that had it', async () => {
  const { bob, network } = scene
  const id = await scene.readOn('ecdh', ['one', 'two', 'three', 'four'], async (log) => {
    await network.database.sql`
      delete from chat.envelopes where conversation_id = ${log} and seq = 3`
  })

  await expectShown(bob.device, id, ['one', 'two', '[gap of 1]', 'four'])
})

test('nothing is shown twice afterwards', () => {
  const { bob } = scene
  for (const { id } of bob.conversations()) {
    const texts = shownOn(bob.device, id).filter((item) => !item.startsWith('['))
    expect(texts).toEqual([...new Set(texts)])
  }
})
