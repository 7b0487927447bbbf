import { i18n } from '@lingui/core'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import type { Protocol } from '@sotto/wire'
import { Icon } from '../../ui/icons/icon.tsx'
import styles from './protocol-facts.module.css'
import { protocolWords } from './protocol-words.ts'

/** A protocol's guarantees and limits, in plain sentences. */
export function ProtocolFacts({ protocol }: { protocol: Protocol }) {
  const { gives, lacks } = protocolWords[protocol]
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
