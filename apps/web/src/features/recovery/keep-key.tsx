import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { useState } from 'react'
import { Entrance } from '../../layout/entrance.tsx'
import { home, hrefOf } from '../../routes.ts'
import { LinkButton } from '../../ui/buttons/button.tsx'
import { SavePem } from './save-pem.tsx'

/** After signing up with an RSA key: saves its private half as a file, now or later. */
export function KeepKey() {
  const [isSaved, setIsSaved] = useState(false)
  return (
    <Entrance
      title={t`Save your RSA key as a file`}
      intro={
        <p>
          <Trans>
            You can keep a copy of the private key yourself. With it, you can read your “rsa”
            messages on any device, with or without Sotto. Your recovery code also restores it, so
            this can wait. You’ll find it in Settings.
          </Trans>
        </p>
      }
    >
      <SavePem onSaved={() => setIsSaved(true)} />
      <LinkButton href={hrefOf(home)} look={isSaved ? 'main' : 'quiet'} wide>
        {isSaved ? t`Go to your conversations` : t`Not now`}
      </LinkButton>
    </Entrance>
  )
}
