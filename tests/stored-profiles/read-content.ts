import type { TestDevice } from '../network/device.ts'
import type { ProfileContent } from './profile-content.ts'

/** The content that a device shows from its profile, without any server. */
export async function readContent(device: TestDevice): Promise<ProfileContent> {
  const session = await device.stage('ready')
  const { client } = device
  const conversations = client.snapshot({ view: 'conversations' }) ?? []
  const shown = conversations.map(async ({ id, protocol, participants, state, unread, draft }) => {
    const timeline = await device.eventually('to show a whole timeline', async () => {
      const part = client.snapshot({ view: 'timeline', conversationId: id })
      if (part?.hasOlder) await device.commands.loadOlder(id)
      return part && !part.hasOlder && part
    })
    const messages = timeline.items
      .filter((item) => item.kind === 'message')
      .map(({ text, mine, status }) => ({ text, mine, status }))
    return { protocol, contact: participants[0]?.name ?? '', state, unread, draft, messages }
  })
  return {
    me: { accountId: session.me.accountId, name: session.me.name },
    contacts: (client.snapshot({ view: 'contacts' }) ?? []).map(({ name, trust }) => ({
      name,
      trust,
    })),
    conversations: await Promise.all(shown),
  }
}
