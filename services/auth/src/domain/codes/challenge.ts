import { randomUUID } from 'node:crypto'
import { DomainError, networkOf, wideNetworkOf } from '@sotto/service-runtime'
import { type Challenge, ChallengeId, ONE_TIME_CODE_TTL_SECONDS } from '@sotto/wire'
import type { AddressOn, Channel, Destination } from '../../addresses/destination.ts'
import { ensureServed } from '../../addresses/phone-number.ts'
import type { AuthContext } from '../../context.ts'
import { knownDeviceId } from '../../secrets/known-device.ts'
import { codeMatches } from '../../secrets/one-time-code.ts'
import * as challenges from '../../store/challenges.ts'
import { maySignUp } from '../accounts/invitations.ts'
import { knownNetworkId } from './known-network.ts'

/** An attempt to answer a challenge. */
export interface CodeTry {
  readonly challengeId: ChallengeId
  readonly code: string
  /** Allows it to create an account if that requires an invitation. */
  readonly invitation?: string | undefined
}

/** The caller: an IP address, and the token of a known device or of an invitation. */
export interface Caller {
  readonly ip: string
  readonly knownDevice: string | undefined
  readonly invitation?: string | undefined
}

/**
 * Sends a code to the result of `parse()`. It behaves the same whether or not an account exists,
 * because it does not check: if accounts need an invitation, that is decided just before the code
 * is sent.
 */
export async function startChallenge(
  context: AuthContext,
  caller: Caller,
  parse: () => Destination,
): Promise<Challenge> {
  const { limits, sql, now } = context
  await limits.consume('startByNetwork', networkOf(caller.ip))
  const destination = parse()
  const isNewWelcome = await maySignUp(sql, context, caller.invitation)
  const { channel, address } = destination
  if (!context.channels.includes(channel)) throw new DomainError('channel_closed')
  if (channel === 'phone') ensureServed(address, context.phonePrefixes)
  await consumeStart(context, caller, destination)

  const id = ChallengeId.parse(randomUUID())
  const expiresAt = new Date(now() + ONE_TIME_CODE_TTL_SECONDS * 1000)
  await challenges.add(sql, { id, destination, maySignUp: isNewWelcome, expiresAt })
  await requestDelivery(context, id)
  return { challengeId: id, expiresIn: ONE_TIME_CODE_TTL_SECONDS }
}

/** Counts a requested code: per caller, and for the installation by its cost. */
async function consumeStart(
  context: AuthContext,
  { ip, knownDevice }: Caller,
  { channel, address }: Destination,
): Promise<void> {
  const { limits, codePepper, spendSms } = context
  const device = knownDeviceId(codePepper, address, knownDevice)
  const network = device ? undefined : await knownNetworkId(context, address, ip)
  if (device) {
    await limits.consume('startByKnownDevice', device)
    await limits.consume('startByKnownDeviceDaily', device)
    await limits.consume('startByKnownDevicesDaily', address)
  } else if (network) {
    await limits.consume('startByKnownNetwork', network)
    await limits.consume('startByKnownNetworkDaily', network)
    await limits.consume('startByKnownNetworksDaily', address)
  } else {
    const addressAndNetwork = `${address} ${wideNetworkOf(ip)}`
    await limits.consume('startByAddressAndNetwork', addressAndNetwork)
    await limits.consume('startByAddressAndNetworkDaily', addressAndNetwork)
    await limits.consume('startByAddress', address)
    await limits.consume('startByAddressDaily', address)
  }
  if (channel === 'phone') await spendSms(device || network ? 'known' : 'strangers')
}

/**
 * Resolves when the code will be sent, not when it has been: sending takes long, and its duration
 * would reveal whether the address has an account.
 */
async function requestDelivery({ sendJob, log }: AuthContext, challengeId: ChallengeId) {
  try {
    await sendJob({ type: 'code.deliver', challengeId })
  } catch (error) {
    log.warn({ err: error }, 'the delivery of a code could not be requested')
    throw new DomainError('unavailable')
  }
}

/**
 * Returns the address that a correct code proves. Every call uses up an attempt of the challenge,
 * and no one else's. How often a person's code can be guessed follows from how often one can be
 * requested. The challenge remains: the caller that acts on the proof removes it, in the same
 * transaction, with `challenges.consume`.
 */
export async function checkCode<C extends Channel>(
  context: AuthContext,
  channel: C,
  ip: string,
  { challengeId, code }: CodeTry,
): Promise<AddressOn<C>> {
  const { limits, sql, codePepper, now } = context
  await limits.consume('proveByNetwork', networkOf(ip))
  const challenge = await challenges.consumeTry(sql, channel, challengeId, new Date(now()))
  if (!challenge) throw new DomainError('code_expired')
  const { address, codeHash, triesLeft } = challenge
  if (!codeMatches(codePepper, challengeId, code, codeHash)) {
    throw new DomainError('wrong_code', { triesLeft })
  }
  return address
}
