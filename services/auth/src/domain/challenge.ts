import { randomUUID } from 'node:crypto'
import { DomainError } from '@sotto/service-runtime'
import { type Challenge, ChallengeId, ONE_TIME_CODE_TTL_SECONDS } from '@sotto/wire'
import type { AuthContext } from '../context.ts'
import * as challenges from '../store/challenges.ts'
import { maySignUp } from './invitations.ts'
import { knownDeviceId } from './known-device.ts'
import { networkOf } from './network-of.ts'
import { codeMatches } from './one-time-code.ts'
import { ensureServed } from './phone-number.ts'

/** An attempt to meet a challenge. */
export interface CodeTry {
  readonly challengeId: ChallengeId
  readonly code: string
  /** Lets it make an account where that needs one. */
  readonly invitation?: string | undefined
}

/** Who asks: an address of the internet, and what a known device or an invited person shows. */
export interface Caller {
  readonly ip: string
  readonly knownDevice: string | undefined
  readonly invitation?: string | undefined
}

/**
 * Sends a code to `parse()`'s result. What happens is the same whether there is an account or not, for
 * nobody asks: where not everybody may make an account, that is decided when the code is about to go out.
 */
export async function startChallenge(
  context: AuthContext,
  caller: Caller,
  parse: () => challenges.Destination,
): Promise<Challenge> {
  const { limits, sql, now } = context
  await limits.consume('startByNetwork', networkOf(caller.ip))
  const destination = parse()
  const isNewWelcome = await maySignUp(sql, context, caller.invitation)
  const { channel, address } = destination
  if (!context.channels.includes(channel)) throw new DomainError('channel_closed')
  if (channel === 'phone') ensureServed(address, context.phonePrefixes)
  const knownDevice = await consumeStart(context, caller, destination)

  const id = ChallengeId.parse(randomUUID())
  const expiresAt = new Date(now() + ONE_TIME_CODE_TTL_SECONDS * 1000)
  await challenges.add(sql, {
    id,
    destination,
    knownDevice,
    maySignUp: isNewWelcome,
    expiresAt,
  })
  await requestDelivery(context, id)
  return { challengeId: id, expiresIn: ONE_TIME_CODE_TTL_SECONDS }
}

/** Counts a code that is asked for; returns the id of a known device. */
async function consumeStart(
  { limits, codePepper }: AuthContext,
  { ip, knownDevice }: Caller,
  { channel, address }: challenges.Destination,
): Promise<string | null> {
  const known = knownDeviceId(codePepper, address, knownDevice)
  if (known) {
    await limits.consume('startByKnownDevice', known)
    await limits.consume('startByKnownDeviceDaily', known)
    return known
  }
  const addressAndNetwork = `${address} ${networkOf(ip)}`
  await limits.consume('startByAddressAndNetwork', addressAndNetwork)
  await limits.consume('startByAddressAndNetworkDaily', addressAndNetwork)
  await limits.consume('startByAddress', address)
  await limits.consume('startByAddressDaily', address)
  if (channel === 'phone') await limits.consume('smsDaily', 'all')
  return null
}

/** Resolves when the code will be sent, not when it is: that takes long, and tells of the address. */
async function requestDelivery({ sendJob, log }: AuthContext, challengeId: ChallengeId) {
  try {
    await sendJob({ type: 'code.deliver', challengeId })
  } catch (error) {
    log.warn({ err: error }, 'the delivery of a code could not be requested')
    throw new DomainError('unavailable')
  }
}

/**
 * Returns the address that a right code proves. Every call costs a try. The challenge stays: whoever
 * acts on the proof takes it, in the same transaction, with `challenges.take`.
 */
export async function checkCode<C extends challenges.Channel>(
  context: AuthContext,
  channel: C,
  ip: string,
  { challengeId, code }: CodeTry,
): Promise<challenges.AddressOn<C>> {
  const { limits, sql, codePepper, now } = context
  await limits.consume('proveByNetwork', networkOf(ip))
  const challenge = await challenges.takeTry(sql, channel, challengeId, new Date(now()))
  if (!challenge) throw new DomainError('code_expired')
  const { address, knownDevice, codeHash, triesLeft } = challenge
  if (knownDevice !== null) await limits.consume('proveByKnownDeviceDaily', knownDevice)
  else {
    await limits.consume('proveByAddressAndNetworkDaily', `${address} ${networkOf(ip)}`)
    await limits.consume('proveByAddressDaily', address)
  }
  if (!codeMatches(codePepper, challengeId, code, codeHash)) {
    throw new DomainError('wrong_code', { triesLeft })
  }
  return address
}
