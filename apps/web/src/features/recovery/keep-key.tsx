import { useState } from 'react'
import { home, hrefOf } from '../../routes.ts'
import { LinkButton } from '../../ui/button.tsx'
import { Entrance } from '../frame/entrance.tsx'
import { SavePem } from './save-pem.tsx'

/** After signing up with an RSA key: its private half as a file, now or later. */
export function KeepKey() {
  const [isSaved, setIsSaved] = useState(false)
  return (
    <Entrance
      title="Your RSA key as a file"
      intro={
        <p>
          If you like, keep the private key yourself as well. It reads your messages by protocol
          “rsa” on any device, with or without Sotto. Your recovery code brings it back too, so this
          can wait: you find it in the settings.
        </p>
      }
    >
      <SavePem onSaved={() => setIsSaved(true)} />
      <LinkButton href={hrefOf(home)} look={isSaved ? 'main' : 'quiet'} wide>
        {isSaved ? 'Go to your conversations' : 'Not now'}
      </LinkButton>
    </Entrance>
  )
}
