import { forBothProtocols, type Subject } from '../../conformance-case.ts'
import type { ClientStage } from '../client-stage.ts'

const FOUR = ['one', 'two', 'three', 'four']

/** Logs that the server shows incompletely, twice or in another order. */
export const log: Subject<ClientStage> = {
  title: 'Reading a log',
  cases: [
    {
      name: 'reads a log of several pages to its beginning, in order',
      section: '§12.3',
      async run(stage) {
        const { peer, id, device } = await stage.talk()
        const texts = Array.from({ length: 130 }, (_, n) => `message ${n}`)
        await device.whileAway(async () => {
          for (const text of texts) await peer.commands.send(id, text)
          await peer.device.message(id, ({ text, seq }) => text === texts.at(-1) && seq !== null)
        })
        await device.expectShown(id, texts)
      },
    },
    ...forBothProtocols<ClientStage>((protocol) => ({
      name: 'a repeated envelope is shown once, with a notice',
      section: '§9.2',
      async run(stage) {
        const { owner } = stage
        const { id, device } = await stage.readAfter(protocol, FOUR, async (log) =>
          owner.append(log, await owner.row(log, 2)),
        )
        await device.expectShown(id, [...FOUR, '[replayed]'])
      },
    })),
    {
      name: 'envelopes in the wrong order are all shown, with a notice',
      section: '§9.3',
      async run(stage) {
        const { id, device } = await stage.readAfter('ecdh', FOUR, (log) =>
          stage.owner.swap(log, 2, 3),
        )
        await device.expectShown(id, ['one', 'three', '[out_of_order]', 'two', 'four'])
      },
    },
    {
      name: 'missing envelopes are counted',
      section: '§9.3',
      async run(stage) {
        const { id, device } = await stage.readAfter('ecdh', FOUR, async (log) => {
          await stage.owner.drop(log, 3)
          await stage.owner.drop(log, 2)
        })
        await device.expectShown(id, ['one', '[gap of 2]', 'four'])
      },
    },
    {
      name: 'a missing beginning is counted',
      section: '§9.3',
      async run(stage) {
        const { peer, id, device } = await stage.talk()
        await device.whileAway(async () => {
          for (const text of ['one', 'two']) await peer.send(id, text)
          await stage.owner.drop(id, 1)
        })
        await device.expectShown(id, ['[gap of 1]', 'two'])
      },
    },
    {
      name: 'a missing end is counted once something follows',
      section: '§9.3',
      async run(stage) {
        const { peer, id, device } = await stage.readAfter('ecdh', FOUR, (log) =>
          stage.owner.drop(log, 4),
        )
        await device.expectShown(id, FOUR.slice(0, 3))
        await peer.send(id, 'five')
        await device.expectShown(id, [...FOUR.slice(0, 3), '[gap of 1]', 'five'])
      },
    },
    {
      name: 'a counter that its device has skipped is not a gap',
      section: '§6.3',
      async run(stage) {
        const { peer, id, device } = await stage.talk()
        await device.ask('answer', { conversation: id, answer: 'declined' })
        const refused = await peer.commands.send(id, 'never mind')
        await peer.device.message(id, ({ status }) => status === 'failed')
        await peer.commands.discard(id, refused)
        await device.ask('answer', { conversation: id, answer: 'accepted' })
        await peer.send(id, 'something else')
        await device.expectShown(id, ['something else'])
      },
    },
  ],
}
