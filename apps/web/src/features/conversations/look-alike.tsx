import type { ContactView } from '@sotto/sdk'
import { PersonName } from '../../ui/person-name.tsx'

/** Says quietly that two people can be taken for one another. */
export function LookAlike({ peer }: { peer: ContactView }) {
  if (peer.looksLike === null) return null
  return (
    <p data-testid="look-alike">
      This name looks like <PersonName name={peer.looksLike} />, whom you know. It is another
      account.
    </p>
  )
}
