import type { RenewedKeys } from '@sotto/sdk'
import { exactTimeOf } from '../../ui/moments.ts'
import { Notice } from '../../ui/notice.tsx'

/** On another device of the account: why its keys count no longer. */
export function RenewedKeysNotice({
  renewed: { at, deviceName },
  isLoggedIn = false,
}: {
  renewed: RenewedKeys
  /** Anew, since then. */
  isLoggedIn?: boolean
}) {
  return (
    <Notice tone="warn" title="Your keys were renewed, because a device was stolen.">
      <p>
        That was on{' '}
        {deviceName === null ? 'a device that is not known here' : <bdi>{deviceName}</bdi>},{' '}
        {exactTimeOf(at)}. {isLoggedIn ? 'Enter' : 'Log in again here and enter'} the new recovery
        code; what you have written is still here.
      </p>
      <p>
        If it was not you, whoever did it had one of your devices: warn the people you write with.
      </p>
    </Notice>
  )
}
