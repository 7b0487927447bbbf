import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import type { ContactView } from '@sotto/sdk'
import { useCommand, useLoaded } from '../../client/hooks/use-command.ts'
import { Button } from '../../ui/buttons/button.tsx'
import { DigitGroups, inGroups } from '../../ui/codes/digit-groups.tsx'
import { QrCode } from '../../ui/codes/qr-code.tsx'
import { Actions } from '../../ui/forms/form.tsx'
import { Tag } from '../../ui/icons/tag.tsx'
import { FailureNotice } from '../../ui/notices/notice.tsx'
import { PersonName } from '../../ui/people/person-name.tsx'
import styles from './person-panel.module.css'

/** The number that is the same on both sides if nobody is intercepting. */
export function SafetyNumberCard({ contact }: { contact: ContactView }) {
  const { accountId, name, trust } = contact
  const number = useLoaded(`${accountId} ${trust}`, (commands) => commands.safetyNumber(accountId))
  const seenDigits = number.state === 'loaded' ? number.value.digits : null
  const mark = useCommand((commands, verified: boolean) =>
    commands.setVerified(accountId, verified, seenDigits),
  )
  const isVerified = trust === 'verified'

  return (
    <section className={styles.section}>
      <h3>
        <Trans>Safety number</Trans>
      </h3>
      <p>
        <Trans>
          Compare this with the number <PersonName name={name} /> sees, in person or on a call. If
          all 60 digits match, no one is in between.
        </Trans>
      </p>
      {number.state === 'failed' && <FailureNotice failure={number.failure} />}
      {number.state === 'loaded' && (
        <>
          <DigitGroups groups={inGroups(number.value.digits, 5)} label={t`Safety number`} />
          <div className={styles.qr}>
            <QrCode text={number.value.qr} label={t`Safety number with ${name} as a QR code`} />
          </div>
          {isVerified && (
            <Tag tone="ok" icon="verified">
              <Trans>Verified by you</Trans>
            </Tag>
          )}
          <Actions>
            <Button
              look={isVerified ? 'quiet' : 'main'}
              icon="verified"
              busy={mark.busy}
              disabled={trust === 'key_changed'}
              onClick={() => mark.run(!isVerified)}
            >
              {isVerified ? t`Remove verification` : t`Mark as verified`}
            </Button>
          </Actions>
        </>
      )}
      <FailureNotice failure={mark.failure} />
    </section>
  )
}
