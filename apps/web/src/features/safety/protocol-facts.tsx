import { i18n, type MessageDescriptor } from '@lingui/core'
import { msg, t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import type { Protocol } from '@sotto/wire'
import { Icon } from '../../ui/icon.tsx'
import styles from './protocol-facts.module.css'

interface Facts {
  readonly gives: readonly MessageDescriptor[]
  readonly lacks: readonly MessageDescriptor[]
}

const facts: Record<Protocol, Facts> = {
  ecdh: {
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

/** What a protocol gives and does not give, in true sentences. */
export function ProtocolFacts({ protocol }: { protocol: Protocol }) {
  const { gives, lacks } = facts[protocol]
  return (
    <ul className={styles.facts} aria-label={t`What ${protocol} protects and what it doesn’t`}>
      {gives.map((fact) => (
        <li key={fact.id} data-gives="true">
          <Icon name="accepted" size={16} />
          <span>
            <span className="visually-hidden">
              <Trans>Protects:</Trans>{' '}
            </span>
            {i18n._(fact)}
          </span>
        </li>
      ))}
      {lacks.map((fact) => (
        <li key={fact.id} data-gives="false">
          <Icon name="close" size={16} />
          <span>
            <span className="visually-hidden">
              <Trans>Doesn’t protect:</Trans>{' '}
            </span>
            {i18n._(fact)}
          </span>
        </li>
      ))}
    </ul>
  )
}
