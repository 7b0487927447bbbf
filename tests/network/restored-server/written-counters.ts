import type { AccountId, ConversationId } from '@sotto/wire'
import type { Person } from '../people.ts'

interface Entry {
  readonly kind: string
  readonly id: string
  readonly sender: AccountId
  readonly deviceId: string
  readonly counter: number
}

/**
 * Which message took which counter of which device, according to everyone's logs: keys are `WRITER/DEVICE/COUNTER`.
 * Throws if two messages took the same one.
 */
export async function writtenCounters(
  people: readonly [Person, Person],
  id: ConversationId,
): Promise<Map<string, string>> {
  const taken = new Map<string, string>()
  for (const person of people) {
    const range = { from: `${id}/`, below: `${id}/~` }
    const stored = await person.device.storage.range('log', range)
    for (const { value: entry } of stored.map(({ value }) => value as { value: Entry })) {
      if (entry.kind !== 'message') throw new Error(`${person.name} could not open a message`)
      const writer = people.find(({ accountId }) => accountId === entry.sender)
      const counter = `${writer?.name}/${entry.deviceId}/${entry.counter}`
      const before = taken.get(counter) ?? entry.id
      if (before !== entry.id) throw new Error(`${counter} was taken by two messages`)
      taken.set(counter, entry.id)
    }
  }
  return taken
}
