import type { Protocol } from '@sotto/wire'
import { Icon } from '../../ui/icon.tsx'
import styles from './protocol-facts.module.css'

const facts: Record<Protocol, { gives: readonly string[]; lacks: readonly string[] }> = {
  ecdh: {
    gives: [
      'Only the two of you can read the messages: a key is agreed between your two devices and never sent (ECDH P-256, AES-256-CBC with HMAC-SHA-512).',
      'A message that was changed, repeated or moved on its way is noticed.',
      'Quick, with messages of hardly any extra size.',
    ],
    lacks: [
      'No forward secrecy: whoever gets one of your two private keys can read everything, also from before.',
      'Either of you could have made up a message of the other. To the two of you it is certain who wrote; to others it proves nothing.',
    ],
  },
  rsa: {
    gives: [
      'Only the two of you can read the messages: each has a key of its own, locked for your RSA key and for theirs (RSA-OAEP, AES-256-GCM).',
      'Each message is signed by the device that wrote it.',
      'You can keep your private key as a file and read your messages with it anywhere.',
    ],
    lacks: [
      'No forward secrecy: whoever gets your private key, or its file, can read everything that was sent to it.',
      'Slower, and every message is larger.',
    ],
  },
}

/** What a protocol gives and does not give, in true sentences. */
export function ProtocolFacts({ protocol }: { protocol: Protocol }) {
  const { gives, lacks } = facts[protocol]
  return (
    <ul className={styles.facts} aria-label={`What ${protocol} gives and does not give`}>
      {gives.map((fact) => (
        <li key={fact} data-gives="true">
          <Icon name="accepted" size={16} />
          <span>
            <span className="visually-hidden">Gives: </span>
            {fact}
          </span>
        </li>
      ))}
      {lacks.map((fact) => (
        <li key={fact} data-gives="false">
          <Icon name="close" size={16} />
          <span>
            <span className="visually-hidden">Does not give: </span>
            {fact}
          </span>
        </li>
      ))}
    </ul>
  )
}
