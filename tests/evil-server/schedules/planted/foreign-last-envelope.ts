import {
  type Conversations,
  openConversations as openRealConversations,
} from '../../../../packages/sdk/src/conversations/conversations.ts'

export * from '../../../../packages/sdk/src/conversations/conversations.ts'

/** The planted bug, first half: a conversation's last envelope may be from another one. */
export async function openConversations(
  ...parts: Parameters<typeof openRealConversations>
): Promise<Conversations> {
  const conversations = await openRealConversations(...parts)
  return {
    ...conversations,
    learn: (told, asked) => conversations.learn({ ...told, lastEnvelope: null }, asked),
  }
}
