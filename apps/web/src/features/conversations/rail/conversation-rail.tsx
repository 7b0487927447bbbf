import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { useMemo, useRef, useState } from 'react'
import { Virtualizer } from 'virtua'
import { useConversations, useMe } from '../../../client/hooks/use-view.ts'
import { hrefOf, type Route } from '../../../routes.ts'
import { IconButton, IconLink } from '../../../ui/buttons/button.tsx'
import { moveFocus } from '../../../ui/keyboard/arrow-keys.ts'
import { Boundary } from '../../../ui/notices/boundary.tsx'
import { Avatar } from '../../../ui/people/avatar.tsx'
import styles from './conversation-rail.module.css'
import { ConversationRow } from './conversation-row.tsx'
import { NoConversations } from './no-conversations.tsx'
import { type RailRow, railRows } from './rail-rows.ts'
import { RailSearch } from './rail-search.tsx'
import { RequestsRow } from './requests-row.tsx'

interface Props {
  readonly route: Route
  readonly onJump: () => void
}

/** All conversations, latest first, with requests on top. */
export function ConversationRail({ route, onJump }: Props) {
  const [wanted, setWanted] = useState('')
  return (
    <nav
      className={styles.rail}
      aria-label={t`Conversations`}
      onKeyDown={moveFocus('input, a[data-row]')}
    >
      <Boundary failure={t`The top of the list can’t be shown.`} isLine>
        <RailHead onJump={onJump} />
      </Boundary>
      <RailSearch value={wanted} onChange={setWanted} />
      <Boundary failure={t`The list of conversations can’t be shown.`} of={[wanted]}>
        <RailList wanted={wanted} route={route} />
      </Boundary>
    </nav>
  )
}

function RailList({ wanted, route }: { wanted: string; route: Route }) {
  const conversations = useConversations()
  const list = useRef<HTMLDivElement>(null)
  const rows = useMemo(() => railRows(conversations ?? [], wanted), [conversations, wanted])
  return (
    <div className={styles.list} ref={list}>
      {conversations && rows.length === 0 && <NoConversations isSearch={wanted !== ''} />}
      {!conversations && <Skeleton />}
      <Virtualizer data={rows} scrollRef={list} as="ul" item="li" itemSize={72}>
        {(row) => (
          <Boundary key={row.key} failure={t`This conversation can’t be shown.`} isLine of={[row]}>
            <Row row={row} route={route} />
          </Boundary>
        )}
      </Virtualizer>
    </div>
  )
}

function Row({ row, route }: { row: RailRow; route: Route }) {
  const chosen = route.at === 'conversation' ? route.id : null
  switch (row.kind) {
    case 'heading':
      return (
        <h2 className={styles.heading}>{row.of === 'requests' ? t`Requests` : t`Conversations`}</h2>
      )
    case 'requests': {
      const isOneChosen = row.requests.some(({ id }) => id === chosen)
      return (
        <RequestsRow requests={row.requests} isChosen={isOneChosen || route.at === 'requests'} />
      )
    }
    case 'conversation': {
      const { conversation, isTwin } = row
      const isChosen = conversation.id === chosen
      return <ConversationRow conversation={conversation} isChosen={isChosen} isTwin={isTwin} />
    }
  }
}

function RailHead({ onJump }: { onJump: () => void }) {
  const me = useMe()
  return (
    <header className={styles.head}>
      <a className={styles.me} href={hrefOf({ at: 'settings', page: null })} title={t`Settings`}>
        <Avatar id={me.accountId} name={me.name} picture={me.picture} size="small" />
        <span className="visually-hidden">
          <Trans>Settings</Trans>
        </span>
      </a>
      <h1 className={styles.brand}>Sotto</h1>
      <IconButton icon="search" label={t`Search and go to (Ctrl+K)`} onClick={onJump} />
      <IconLink href={hrefOf({ at: 'new' })} icon="plus" label={t`New conversation`} />
    </header>
  )
}

function Skeleton() {
  return (
    <div className={styles.skeleton} aria-hidden="true">
      <span />
      <span />
      <span />
    </div>
  )
}
