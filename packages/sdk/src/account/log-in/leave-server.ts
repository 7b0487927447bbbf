import { codeOf } from '../../api/errors.ts'
import { loadCode } from '../../scheduling/load-code.ts'
import type { AccountContext } from '../state/account-context.ts'
import { endOwnSession } from './log-in.ts'

/** Ends the session on the server, and with `forget` revokes this device. Without a connection, does neither. */
export async function leaveServer(
  context: AccountContext,
  { forget }: { forget: boolean },
): Promise<void> {
  const { logIn, stage, memory } = context.state
  if (logIn !== 'logging_out') return
  // While its new keys wait, the device isn't enrolled, so it can't be revoked.
  const isEnrolled = memory.device !== undefined && stage !== 'new_keys_wait'
  if (forget && isEnrolled) await orUnreachable(revoke(context))
  await orUnreachable(endOwnSession(context))
}

async function revoke(context: AccountContext): Promise<void> {
  const { revokeThisDevice } = await loadCode(() => import('../devices/device.ts'))
  await revokeThisDevice(context)
}

/** Logging out also works without a connection. */
async function orUnreachable(work: Promise<void>): Promise<void> {
  try {
    await work
  } catch (error) {
    if (codeOf(error) === undefined) throw error
  }
}
