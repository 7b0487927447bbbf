import type { FoundPerson } from '@sotto/sdk'
import { useState } from 'react'
import type { Failure } from '../../client/failure.ts'
import { useMe } from '../../client/use-view.ts'
import { moveFocus } from '../../ui/arrow-keys.ts'
import { Avatar } from '../../ui/avatar.tsx'
import { Button } from '../../ui/button.tsx'
import { Field } from '../../ui/field.tsx'
import { FailureNotice, Notice } from '../../ui/notice.tsx'
import { PersonName } from '../../ui/person-name.tsx'
import styles from './new-conversation.module.css'
import { usePeople } from './use-people.ts'
import { useSettled } from './use-settled.ts'

const SETTLE_MS = 250

/** Finds somebody by phone number, e-mail address or name, or in the list of members. */
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
        label="Name, phone number or e-mail address"
        type="search"
        autoFocus
        autoComplete="off"
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
      />
      {/* Always there: rows that move when a search narrows the list are pressed in vain. */}
      {people.length > 0 && (
        <h2 className={styles.heading}>{isList ? 'Members of this server' : 'People found'}</h2>
      )}
      <ul aria-label="People found" aria-busy={result.state === 'loading'}>
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
      {hasMore && <Button onClick={loadMore}>Show more</Button>}
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
      <Notice title="This server keeps no public list of members.">
        <p>Type a full name, a phone number or an e-mail address.</p>
      </Notice>
    )
  }
  return <FailureNotice failure={failure} />
}

function Nobody({ isList }: { isList: boolean }) {
  return (
    <p className={styles.none} role="status">
      {isList
        ? 'Nobody else is here yet. Send somebody the address of this page.'
        : 'Nobody was found. They may not use this server, or may not want to be found this way.'}
    </p>
  )
}
