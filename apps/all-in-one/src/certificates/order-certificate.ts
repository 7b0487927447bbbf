import type { Authorization, Client, Order } from 'acme-client'
import { AcmeProblem, readProblem } from './acme-problem.ts'
import { acmeTransport } from './acme-transport.ts'
import type { AcmeSettings } from './acme-variables.ts'
import type { certificateFiles } from './certificate-files.ts'
import type { Challenges } from './challenges.ts'

const CHALLENGE = 'http-01'
/** Some authorities are slow. */
const patience = { backoffAttempts: 20, backoffMin: 500, backoffMax: 10_000 }

/**
 * Obtains a certificate for the domain and a new key: PEM of the chain, then of the key. The
 * authority requests the answers in `challenges` from port 80 of the domain (RFC 8555 §8.3). Throws
 * `AcmeProblem`, and errors of the network and the disk.
 */
export async function orderCertificate(
  settings: AcmeSettings,
  files: ReturnType<typeof certificateFiles>,
  challenges: Challenges,
): Promise<string> {
  // Imported on demand, because it brings its own libraries.
  const { default: acme } = await import('acme-client')
  acme.axios.defaults.adapter = acmeTransport(settings.authorityCertificate)
  const accountKey = await files.accountKey(() => acme.crypto.createPrivateEcdsaKey())
  const client = new acme.Client({ directoryUrl: settings.directory, accountKey, ...patience })
  await useAccount(client, settings.email)
  const order = await client.createOrder({
    identifiers: [{ type: 'dns', value: settings.domain }],
  })
  for (const authorization of await client.getAuthorizations(order)) {
    if (authorization.status === 'valid') continue
    await prove(client, order, authorization, challenges)
  }
  const key = await acme.crypto.createPrivateEcdsaKey()
  const [, request] = await acme.crypto.createCsr({ altNames: [settings.domain] }, key)
  const chain = await client.getCertificate(await client.finalizeOrder(order, request))
  return `${chain.trim()}\n${key.toString().trim()}\n`
}

/** Uses the key's account: the existing one, or a new one. */
async function useAccount(client: Client, email: string | undefined): Promise<void> {
  const contact = email !== undefined && { contact: [`mailto:${email}`] }
  try {
    await client.createAccount({ onlyReturnExisting: true })
    // An empty update is refused.
    if (contact) await client.updateAccount(contact)
  } catch (error) {
    if (!(error instanceof AcmeProblem) || error.kind !== 'accountDoesNotExist') throw error
    await client.createAccount({ termsOfServiceAgreed: true, ...contact })
  }
}

/** Proves to the authority that the domain points here. */
async function prove(
  client: Client,
  order: Order,
  authorization: Authorization,
  challenges: Challenges,
): Promise<void> {
  const challenge = authorization.challenges.find(({ type }) => type === CHALLENGE)
  if (challenge === undefined) {
    throw new AcmeProblem('noHttpChallenge', 'The authority does not offer http-01')
  }
  const { token } = challenge
  challenges.set(token, await client.getChallengeKeyAuthorization(challenge))
  try {
    await client.completeChallenge(challenge)
    await client.waitForValidStatus(authorization)
  } catch (error) {
    throw (await problemOf(client, order)) ?? error
  } finally {
    challenges.delete(token)
  }
}

/** The library only says that the challenge failed; the challenge itself contains the reason. */
async function problemOf(client: Client, order: Order): Promise<AcmeProblem | undefined> {
  const failed = (await client.getAuthorizations(order))
    .flatMap(({ challenges }) => challenges)
    .find(({ status }) => status === 'invalid')
  return failed?.error && readProblem(failed.error)
}
