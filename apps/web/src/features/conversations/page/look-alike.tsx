import { Trans } from '@lingui/react/macro'
import type { ContactView } from '@sotto/sdk'
import { PersonName } from '../../../ui/people/person-name.tsx'

/** Says that a participant has a name that could be mistaken for the name of someone else. */
export function LookAlikes({ people }: { people: readonly ContactView[] }) {
  return people.map(
    ({ accountId, looksLike }) =>
      looksLike !== null && (
        <p key={accountId} data-testid="look-alike">
          <Trans>
            This name looks like <PersonName name={looksLike} />, someone you know. It’s a different
            account.
          </Trans>
        </p>
      ),
  )
}
