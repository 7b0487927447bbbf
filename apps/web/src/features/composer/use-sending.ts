import { type ConversationId, EnvelopeId, MAX_TEXT_BYTES } from '@sotto/wire'
import { useState } from 'react'
import { type Failure, failureOf } from '../../client/errors/failure.ts'
import { useClient } from '../../client/hooks/client-context.tsx'
import { useDraft } from './use-draft.ts'
import { utf8Bytes } from './utf8-bytes.ts'

/** Sends a draft. The field empties immediately; a message that can't be sent comes back into it. */
export function useSending(id: ConversationId, kept: string) {
  const { commands } = useClient()
  const draft = useDraft(id, kept)
  const [failure, setFailure] = useState<Failure | null>(null)
  const bytes = utf8Bytes(draft.text)
  const isSendable = draft.text.trim() !== '' && bytes <= MAX_TEXT_BYTES

  const send = async () => {
    if (!isSendable) return
    const { text } = draft
    setFailure(null)
    draft.clear()
    try {
      // Its id ensures that the message is sent only once, even if the tab that sends it is lost.
      await commands.send(id, { type: 'text', text }, EnvelopeId.parse(crypto.randomUUID()))
    } catch (thrown) {
      setFailure(failureOf(thrown))
      draft.putBack(text)
    }
  }
  return { text: draft.text, write: draft.write, bytes, isSendable, failure, send }
}
