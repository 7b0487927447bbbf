import { isDeepStrictEqual } from 'node:util'
import type { ConversationId } from '@sotto/wire'
import { expect } from 'vitest'
import type { TestDevice } from '../network/device.ts'
import { eventually } from '../network/eventually.ts'
import type { Person } from '../network/people.ts'

/** A timeline as a person reads it: texts, with notices in brackets. */
export function shownOn(device: TestDevice, id: ConversationId): string[] {
  return device.items(id).map((item) => {
    switch (item.kind) {
      case 'message':
        return item.text
      case 'unreadable':
        return `[${item.reason}]`
      case 'gap':
        return `[gap of ${item.count}]`
      default:
        return `[${item.kind}]`
    }
  })
}

/** Waits until exactly this is shown to a person who has scrolled up to the beginning. */
export async function expectShown(
  device: TestDevice,
  id: ConversationId,
  items: readonly string[],
): Promise<void> {
  let shown: string[] = []
  const isShown = async () => {
    const { hasOlder } = device.client.snapshot({ view: 'timeline', conversationId: id }) ?? {}
    if (hasOlder) await device.commands.loadOlder(id)
    shown = shownOn(device, id)
    return isDeepStrictEqual(shown, items)
  }
  await eventually('the timeline', isShown).catch(() => {})
  expect(shown).toEqual(items)
}

/** Runs `act` while a person's only device is off. */
export async function whileAway(person: Person, act: () => Promise<void>): Promise<void> {
  await person.device.close()
  await act().finally(() => person.device.open())
  await person.device.online()
}
