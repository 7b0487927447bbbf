import type { MessageDescriptor } from '@lingui/core'
import { msg } from '@lingui/core/macro'
import type { Protocol } from '@sotto/wire'

interface ProtocolWords {
  /** For the choice between protocols. */
  readonly summary: MessageDescriptor
  readonly gives: readonly MessageDescriptor[]
  readonly lacks: readonly MessageDescriptor[]
}

/** How each protocol is described. */
export const protocolWords: Readonly<Record<Protocol, ProtocolWords>> = {
  ecdh: {
    summary: msg`A key agreed between the two of you. Fast, and right for most conversations.`,
    gives: [
      msg`Only the two of you can read the messages. A key is agreed between your two devices and never sent (ECDH P-256, AES-256-CBC with HMAC-SHA-512).`,
      msg`A message that was changed, repeated, or moved on its way is detected.`,
      msg`Fast, with hardly any overhead per message.`,
    ],
    lacks: [
      msg`No forward secrecy. Anyone who gets one of your two private keys can read everything, including past messages.`,
      msg`Either of you could have made up a message from the other. The two of you can be certain who wrote it, but it proves nothing to others.`,
    ],
  },
  rsa: {
    summary: msg`Each message encrypted for both of your RSA keys, and signed.`,
    gives: [
      msg`Only the two of you can read the messages. Each message has its own key, encrypted for your RSA key and for theirs (RSA-OAEP, AES-256-GCM).`,
      msg`Each message is signed by the device that wrote it.`,
      msg`You can save your private key as a file and use it to read your messages anywhere.`,
    ],
    lacks: [
      msg`No forward secrecy. Anyone who gets your private key, or its file, can read everything that was sent to it.`,
      msg`Slower, and every message is larger.`,
    ],
  },
}
