import { client, ready } from '@serenity-kit/opaque'
import { decodeBase64url } from './base64url.ts'
import type { Bytes } from './bytes.ts'

/**
 * The client side of OPAQUE (RFC 9807): the server learns neither the password nor, without its own
 * secrets, anything that helps to guess it. Loads WebAssembly, so import this entry only where a
 * password is typed. Messages use the library's encoding, as in `wire`; a malformed message from
 * the server throws.
 */

/** Results of a registration or log-in that only the device learns. */
interface Kept {
  /** 64 bytes, the same at registration and at every log-in. Opens the `password` wrap. */
  exportKey: Bytes
}

/** Starts to set a password. Keep `state`, which is secret, until the server has answered. */
export async function startRegistration(
  password: string,
): Promise<{ state: string; registrationRequest: string }> {
  await ready
  const started = client.startRegistration({ password: normalize(password) })
  const { clientRegistrationState: state, registrationRequest } = started
  return { state, registrationRequest }
}

/** Finishes setting a password. Stretches it, which takes about half a second of CPU time. */
export async function finishRegistration(
  password: string,
  state: string,
  registrationResponse: string,
): Promise<Kept & { registrationRecord: string }> {
  await ready
  const { registrationRecord, exportKey } = client.finishRegistration({
    password: normalize(password),
    clientRegistrationState: state,
    registrationResponse,
  })
  return { registrationRecord, exportKey: decodeBase64url(exportKey) }
}

/** Starts a log-in. Keep `state`, which is secret, until the server has answered. */
export async function startLogin(
  password: string,
): Promise<{ state: string; startLoginRequest: string }> {
  await ready
  const started = client.startLogin({ password: normalize(password) })
  const { clientLoginState: state, startLoginRequest } = started
  return { state, startLoginRequest }
}

/**
 * Finishes a log-in. Returns null if the password is wrong or the account does not exist; no one
 * can tell which. Takes about half a second of CPU time.
 */
export async function finishLogin(
  password: string,
  state: string,
  loginResponse: string,
): Promise<(Kept & { finishLoginRequest: string }) | null> {
  await ready
  const finished = client.finishLogin({
    password: normalize(password),
    clientLoginState: state,
    loginResponse,
  })
  if (!finished) return null
  const { finishLoginRequest, exportKey } = finished
  return { finishLoginRequest, exportKey: decodeBase64url(exportKey) }
}

/** An é from one keyboard must equal an é from another (RFC 8265 §4.2). */
function normalize(password: string): string {
  return password.normalize('NFC')
}
