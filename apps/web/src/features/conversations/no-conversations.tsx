import { hrefOf } from '../../routes.ts'
import { LinkButton } from '../../ui/button.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'

/** What the empty rail says. */
export function NoConversations({ isSearch }: { isSearch: boolean }) {
  if (isSearch) {
    return (
      <EmptyState icon="search" title="Nobody here is called that">
        <p>Look for them among everybody on this server.</p>
        <LinkButton href={hrefOf({ at: 'new' })}>Find somebody</LinkButton>
      </EmptyState>
    )
  }
  return (
    <EmptyState icon="chat" title="Your conversations will be here">
      <p>Find somebody by name, phone number or e-mail address, and write the first message.</p>
      <LinkButton href={hrefOf({ at: 'new' })} icon="plus">
        Start a conversation
      </LinkButton>
    </EmptyState>
  )
}
