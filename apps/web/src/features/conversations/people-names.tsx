import type { ContactView } from '@sotto/sdk'
import { PersonName } from '../../ui/people/person-name.tsx'
import { nameList } from './participants.ts'

/** Names as a list, each isolated from the direction of the text around it. */
export function PeopleNames({ people }: { people: readonly ContactView[] }) {
  const parts = nameList().formatToParts(people.map(({ name }) => name))
  return parts.map(({ type, value }, place) =>
    // biome-ignore lint/suspicious/noArrayIndexKey: the parts have no other identity
    type === 'element' ? <PersonName key={place} name={value} /> : value,
  )
}
