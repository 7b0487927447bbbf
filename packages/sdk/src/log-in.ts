import { authRequests, type CodeChannel, codeDigits, plainPhone } from '@sotto/wire'
import type { AccountContext } from './account-context.ts'
import type { StartedChallenge } from './api.ts'
import { asking, enter, loginDevice } from './enter.ts'
import { codeOf } from './errors.ts'
import { invitation, showingInvitation } from './invitation.ts'
import { createPasswordLogIn, type PasswordLogIn } from './password-log-in.ts'

export interface LogIn extends PasswordLogIn {
  listChannels(): Promise<readonly CodeChannel[]>
  startPhone(phone: string): Promise<StartedChallenge>
  verifyPhone(challengeId: string, code: string): Promise<void>
}

/** The ways in. Each ends with tokens, and with what the account's standing on this device is. */
export function createLogIn(context: AccountContext): LogIn {
  const { call } = context
  const phones = new Map<string, string>()

  return {
    ...createPasswordLogIn(context),
    listChannels: async () => (await call(authRequests.listChannels, {})).channels,
    startPhone: async (written) => {
      const phone = plainPhone(written)
      const body = { phone, ...(await asking(context)) }
      const started = await showingInvitation(context, () =>
        call(authRequests.startPhone, { body }),
      )
      phones.set(started.challengeId, phone)
      return started
    },
    verifyPhone: async (challengeId, code) => {
      const handle = phones.get(challengeId) ?? ''
      const device = loginDevice(context, handle)
      const shown = await invitation(context)
      const body = { challengeId, code: codeDigits(code), device, ...shown }
      const answer = await showingInvitation(context, () =>
        call(authRequests.verifyPhone, { body }),
      )
      const { deviceId } = device
      await enter(context, answer, { signedUpWith: 'phone', handle, deviceId })
    },
  }
}

/** Ends the session on the server; when it cannot be reached, the log-in there runs out by itself. */
export async function endOwnSession({ authorized }: AccountContext): Promise<void> {
  try {
    await authorized(authRequests.logOut, {})
  } catch (error) {
    if (codeOf(error) === undefined) throw error
  }
}
