import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { hrefOf } from '../../../routes.ts'
import { LinkButton } from '../../../ui/buttons/button.tsx'
import { EmptyState } from '../../../ui/notices/empty-state.tsx'

/** The text of the empty rail. */
export function NoConversations({ isSearch }: { isSearch: boolean }) {
  if (isSearch) {
    return (
      <EmptyState icon="search" title={t`No results`}>
        <p>
          <Trans>No conversation matches. Search everyone on this server instead.</Trans>
        </p>
        <LinkButton href={hrefOf({ at: 'new' })}>
          <Trans>Find someone</Trans>
        </LinkButton>
      </EmptyState>
    )
  }
  return (
    <EmptyState icon="chat" title={t`No conversations yet`}>
      <p>
        <Trans>Find someone by name, phone number, or email, and send the first message.</Trans>
      </p>
      <LinkButton href={hrefOf({ at: 'new' })} icon="plus">
        <Trans>Start a conversation</Trans>
      </LinkButton>
    </EmptyState>
  )
}
