import { t } from '@lingui/core/macro'
import type { Message } from '@sotto/sdk'

/** A message's content as text: in the timeline, in the conversation list, and read aloud. */
export function lineOf({ content, text }: Pick<Message, 'content' | 'text'>): string {
  switch (content.type) {
    case 'text':
      return text
    case 'unsupported':
      return t`This message needs a newer version of Sotto.`
  }
}
