import { DomainError } from '@sotto/service-runtime'
import type { Job } from '@sotto/wire'
import type { Destination } from '../../addresses/destination.ts'
import type { EmailAddress } from '../../addresses/email-address.ts'
import { maskAddress } from '../../addresses/mask-address.ts'
import type { PhoneNumber } from '../../addresses/phone-number.ts'
import type { AuthContext } from '../../context.ts'
import type { CodeSender } from '../../senders/code-sender.ts'
import { explainFailure } from '../../senders/explain-failure.ts'
import * as accounts from '../../store/accounts.ts'

/** Runs a `new_keys.tell` job. */
export type TellOfNewKeys = (job: Extract<Job, { type: 'new_keys.tell' }>) => Promise<void>

type Context = Pick<AuthContext, 'sql' | 'now' | 'log' | 'spendSms'>

/**
 * Notifies the owner of an account that new keys were requested, so that people without a device at
 * hand learn of it too. An SMS uses the budget for known people, and is omitted if that is
 * exhausted; the devices show it in any case.
 */
export function createNewKeysNotice(context: Context, sendCode: CodeSender): TellOfNewKeys {
  const { sql, now, log } = context
  return async ({ accountId, dueAt }) => {
    const hours = Math.round((dueAt - now()) / 3_600_000)
    if (!sendCode.tell || hours <= 0) return
    const destination = destinationOf(await accounts.load(sql, accountId))
    if (!destination || !(await maySend(context, destination))) return
    try {
      await sendCode.tell({ ...destination, subject: SUBJECT, text: textOf(hours) })
    } catch (error) {
      const { channel, address } = destination
      const said = { channel, to: maskAddress(address), ...explainFailure(error) }
      log.warn(said, 'a notice of new keys could not be sent')
      // Not the error itself: mail servers quote the address, gateways the whole text.
      throw new Error('The notice could not be sent')
    }
  }
}

const SUBJECT = 'Someone wants to reset the keys of your Sotto account'

const textOf = (hours: number) =>
  `Someone has logged in to your Sotto account and will replace its keys in ${hours} hours. If this was not you, open Sotto on one of your devices and stop it.`

function destinationOf({
  phone,
  email,
}: {
  phone: string | null
  email: string | null
}): Destination | undefined {
  if (email !== null) return { channel: 'email', address: email as EmailAddress }
  return phone === null ? undefined : { channel: 'phone', address: phone as PhoneNumber }
}

async function maySend({ spendSms }: Context, { channel }: Destination): Promise<boolean> {
  if (channel === 'email') return true
  try {
    await spendSms('known')
    return true
  } catch (error) {
    if (error instanceof DomainError && error.code === 'sms_used_up') return false
    throw error
  }
}
