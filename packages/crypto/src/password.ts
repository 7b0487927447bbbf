import { client, ready } from '@serenity-kit/opaque'
import { decodeBase64url } from './base64url.ts'
import type { Bytes } from './bytes.ts'

/**
 * The client's side of OPAQUE (RFC 9807): the server learns neither the password nor anything to guess
 * it from without its own secrets. Loads WebAssembly, so import this entry only where a password is
 * typed. Messages are in the library's encoding, as in `wire`; a malformed one from the server throws.
 */

/** What a registration or a log-in gives to the device alone. */
interface Kept {
  /** 64 bytes, the same at registration and at every log-in: opens the `password` wrap. */
  exportKey: Bytes
}

/** Starts to set a password. Keep `state` until the server has answered; it is secret. */
export async function startRegistration(
  password: string,
): Promise<{ state: string; registrationRequest: string }> {
  await ready
  const started = client.startRegistration({ password: normalize(password) })
  const { clientRegistrationState: state, registrationRequest } = started
  return { state, registrationRequest }
}

/** Finishes to set a password; stretches it, which takes about half a second of CPU. */
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

/** Starts a log-in. Keep `state` until the server has answered; it is secret. */
export async function startLogin(
  password: string,
): Promise<{ state: string; startLoginRequest: string }> {
  await ready
  const started = client.startLogin({ password: normalize(password) })
  const { clientLoginState: state, startLoginRequest } = started
  return { state, startLoginRequest }
}

/**
 * Finishes a log-in; null when the password is wrong or there is no such account: nobody can tell
 * which. Takes about half a second of CPU.
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

/** An é typed on one keyboard must be the é typed on another (RFC 8265 §4.2). */
function normalize(password: string): string {
  return password.normalize('NFC')
}
