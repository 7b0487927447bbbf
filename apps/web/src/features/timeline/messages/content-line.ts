import { t } from '@lingui/core/macro'
import type { Message } from '@sotto/sdk'

/** The content of a message as text: in the timeline, in the list of conversations, and read aloud. */
export function lineOf({ content, text }: Pick<Message, 'content' | 'text'>): string {
  switch (content.type) {
    case 'text':
      return text
    case 'unsupported':
      return t`This message needs a newer version of Sotto.`
  }
}
