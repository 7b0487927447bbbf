import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import type { RenewedKeys } from '@sotto/sdk'
import { Notice } from '../../ui/notices/notice.tsx'
import { exactTimeOf } from '../../ui/text/moments.ts'

/** Shown on another device of the account: why its keys no longer work. */
export function RenewedKeysNotice({
  renewed: { at, deviceName },
  isLoggedIn = false,
}: {
  renewed: RenewedKeys
  /** Logged in again since then. */
  isLoggedIn?: boolean
}) {
  const moment = exactTimeOf(at)
  return (
    <Notice tone="warn" title={t`Your keys were renewed because a device was stolen.`}>
      <p>
        {deviceName === null ? (
          <Trans>This was done on a device this browser doesn’t know, on {moment}.</Trans>
        ) : (
          <Trans>
            This was done on <bdi>{deviceName}</bdi>, on {moment}.
          </Trans>
        )}{' '}
        {isLoggedIn ? (
          <Trans>Enter the new recovery code. Your messages are still here.</Trans>
        ) : (
          <Trans>Log in again and enter the new recovery code. Your messages are still here.</Trans>
        )}
      </p>
      <p>
        <Trans>
          If this wasn’t you, someone else did it with one of your devices. Warn the people you
          message.
        </Trans>
      </p>
    </Notice>
  )
}
