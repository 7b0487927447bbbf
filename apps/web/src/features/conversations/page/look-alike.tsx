import { Trans } from '@lingui/react/macro'
import type { ContactView } from '@sotto/sdk'
import { PersonName } from '../../../ui/people/person-name.tsx'

/** Mentions discreetly that two names could be mistaken for one another. */
export function LookAlike({ peer }: { peer: ContactView }) {
  if (peer.looksLike === null) return null
  return (
    <p data-testid="look-alike">
      <Trans>
        This name looks like <PersonName name={peer.looksLike} />, someone you know. It’s a
        different account.
      </Trans>
    </p>
  )
}
