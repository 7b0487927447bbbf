import type { ConversationSummary } from '@sotto/sdk'
import { Avatar, UnknownAvatar } from '../../ui/people/avatar.tsx'
import { onlyOther } from './participants.ts'

interface Props {
  readonly conversation: ConversationSummary
  readonly size?: 'small' | 'middle'
}

/** The picture of the other person. Conversations of several people have none yet. */
export function ConversationAvatar({ conversation, size = 'middle' }: Props) {
  const other = onlyOther(conversation)
  if (!other) return <UnknownAvatar size={size} />
  return <Avatar id={other.accountId} name={other.name} picture={other.picture} size={size} />
}
