import type { ConversationId } from '@sotto/wire'
import { expect } from 'vitest'
import { eventually } from '../eventually.ts'
import type { Person } from '../people.ts'

/**
 * Waits until everyone shows the same messages in the same order, all accepted, without a notice.
 */
export async function expectSame(
  id: ConversationId,
  people: readonly Person[],
  count: number,
): Promise<void> {
  const isSettled = async ({ device }: Person) => {
    const { hasOlder } = device.client.snapshot({ view: 'timeline', conversationId: id }) ?? {}
    if (hasOlder) await device.commands.loadOlder(id)
    const messages = device.messages(id)
    return messages.length === count && messages.every(({ seq }) => seq !== null)
  }
  await eventually(`everybody to have ${count} messages`, async () => {
    const settled = await Promise.all(people.map(isSettled))
    return settled.every((one) => one)
  })
  const [first, ...others] = people.map(({ device }) =>
    device.messages(id).map(({ id: message, seq, text }) => ({ message, seq, text })),
  )
  for (const other of others) expect(other).toEqual(first)
  for (const { device } of people) expect(device.notices(id)).toEqual([])
}

/** One person's messages, in the order another person's device shows them. */
export function writtenBy(writer: Person, shownBy: Person, id: ConversationId): string[] {
  const isBy = (mine: boolean) => mine === (writer === shownBy)
  return shownBy.device
    .messages(id)
    .filter(({ mine }) => isBy(mine))
    .map(({ text }) => text)
}
