import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import type { FoundPerson } from '@sotto/sdk'
import { useState } from 'react'
import type { Failure } from '../../client/errors/failure.ts'
import { useMe } from '../../client/hooks/use-view.ts'
import { Button } from '../../ui/buttons/button.tsx'
import { Field } from '../../ui/forms/field.tsx'
import { moveFocus } from '../../ui/keyboard/arrow-keys.ts'
import { FailureNotice, Notice } from '../../ui/notices/notice.tsx'
import { Avatar } from '../../ui/people/avatar.tsx'
import { PersonName } from '../../ui/people/person-name.tsx'
import styles from './new-conversation.module.css'
import { usePeople } from './use-people.ts'
import { useSettled } from './use-settled.ts'

const SETTLE_MS = 250

/** Finds a person by phone number, email address or name, or in the list of members. */
export function FindPerson({ onChoose }: { onChoose: (person: FoundPerson) => void }) {
  const [typed, setTyped] = useState('')
  const settled = useSettled(typed, SETTLE_MS)
  const { search, result, found, hasMore, loadMore, failure } = usePeople(settled)
  const me = useMe()
  const people = found.filter(({ accountId }) => accountId !== me.accountId)
  const isList = search.kind === 'list'

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only moves the focus between its buttons
    <div className={styles.list} onKeyDown={moveFocus('input, [data-row]')}>
      <Field
        label={t`Name, phone number, or email`}
        type="search"
        autoFocus
        autoComplete="off"
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
      />
      {/* Always rendered: if rows moved while a search narrows the list, people would miss them. */}
      {people.length > 0 && (
        <h2 className={styles.heading}>{isList ? t`Members of this server` : t`Search results`}</h2>
      )}
      <ul aria-label={t`Search results`} aria-busy={result.state === 'loading'}>
        {people.map((person) => (
          <li key={person.accountId}>
            <button
              type="button"
              data-row
              className={styles.person}
              onClick={() => onChoose(person)}
            >
              <Avatar id={person.accountId} name={person.name} picture={person.picture} />
              <PersonName name={person.name} />
            </button>
          </li>
        ))}
      </ul>
      {hasMore && (
        <Button onClick={loadMore}>
          <Trans>Show more</Trans>
        </Button>
      )}
      <FailureNotice failure={failure} />
      {result.state === 'failed' && <SearchFailure failure={result.failure} isList={isList} />}
      {result.state === 'loaded' && people.length === 0 && <Nobody isList={isList} />}
    </div>
  )
}

function SearchFailure({ failure, isList }: { failure: Failure; isList: boolean }) {
  const { code } = failure
  if (code === 'account_not_found' || code === 'not_found') return <Nobody isList={false} />
  if (code === 'directory_closed' && isList) {
    return (
      <Notice title={t`This server has no public list of members.`}>
        <p>
          <Trans>Enter a full name, phone number, or email address.</Trans>
        </p>
      </Notice>
    )
  }
  return <FailureNotice failure={failure} />
}

function Nobody({ isList }: { isList: boolean }) {
  return (
    <p className={styles.none} role="status">
      {isList
        ? t`No one else is here yet. Send someone the address of this page.`
        : t`No one found. They may not use this server, or they may have chosen not to be found this way.`}
    </p>
  )
}
