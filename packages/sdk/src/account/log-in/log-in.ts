import { authRequests, type CodeChannel, codeDigits, plainPhone } from '@sotto/wire'
import type { StartedChallenge } from '../../api/answers.ts'
import { codeOf } from '../../api/errors.ts'
import type { AccountContext } from '../state/account-context.ts'
import { enter, knownDevice, loginDevice } from './enter.ts'
import { withInvitation } from './invitation.ts'
import { createPasswordLogIn, type PasswordLogIn } from './password-log-in.ts'

export interface LogIn extends PasswordLogIn {
  listChannels(): Promise<readonly CodeChannel[]>
  startPhone(phone: string): Promise<StartedChallenge>
  verifyPhone(challengeId: string, code: string): Promise<void>
}

/** The ways to log in. Each ends with tokens and with the account's stage on this device. */
export function createLogIn(context: AccountContext): LogIn {
  const { call } = context
  const phones = new Map<string, string>()

  return {
    ...createPasswordLogIn(context),
    listChannels: async () => (await call(authRequests.listChannels, {})).channels,
    startPhone: async (written) => {
      const phone = plainPhone(written)
      const known = await knownDevice(context)
      const started = await withInvitation(context, (shown) =>
        call(authRequests.startPhone, { body: { phone, ...known, ...shown } }),
      )
      phones.set(started.challengeId, phone)
      return started
    },
    verifyPhone: async (challengeId, code) => {
      const handle = phones.get(challengeId) ?? ''
      const device = loginDevice(context, handle)
      const codeTry = { challengeId, code: codeDigits(code) }
      const answer = await withInvitation(context, (shown) =>
        call(authRequests.verifyPhone, { body: { ...codeTry, device, ...shown } }),
      )
      const { deviceId } = device
      await enter(context, answer, { signedUpWith: 'phone', handle, deviceId })
    },
  }
}

/** Ends the session on the server. If the server can't be reached, the session expires by itself. */
export async function endOwnSession({ authorized }: AccountContext): Promise<void> {
  try {
    await authorized(authRequests.logOut, {})
  } catch (error) {
    if (codeOf(error) === undefined) throw error
  }
}
