import { createHmac } from 'node:crypto'
import { client, ready, server } from '@serenity-kit/opaque'
import { DomainError } from '@sotto/service-runtime'
import type { AccountId } from '@sotto/wire'
import type { EmailAddress } from '../addresses/email-address.ts'
import type { StoredPassword } from '../store/passwords.ts'

/** The server side of OPAQUE (RFC 9807). It never sees a password. */
export interface Opaque {
  startRegistration(
    accountId: AccountId,
    registrationRequest: string,
  ): { registrationResponse: string }
  /** Throws `invalid_request` unless `record` is valid. */
  checkRecord(record: string): void
  /**
   * Answers the first message of a log-in. For an address without a password, the answer is
   * indistinguishable from a real one, and the same each time.
   */
  startLogin(
    email: EmailAddress,
    password: StoredPassword | undefined,
    startLoginRequest: string,
  ): { serverState: string; loginResponse: string }
  /** Whether the client knows the password. */
  finishLogin(serverState: string, finishLoginRequest: string): boolean
}

/** `setup` contains the server's OPAQUE keys. If they change, no existing password works. */
export async function createOpaque(setup: string): Promise<Opaque> {
  await ready
  server.getPublicKey(setup)
  // Any well-formed request reveals whether a record is usable.
  const probe = client.startLogin({ password: 'probe' }).startLoginRequest

  return {
    startRegistration: (accountId, registrationRequest) =>
      refuseMalformed(() =>
        server.createRegistrationResponse({
          serverSetup: setup,
          userIdentifier: accountId,
          registrationRequest,
        }),
      ),
    checkRecord: (registrationRecord) =>
      void refuseMalformed(() =>
        server.startLogin({
          serverSetup: setup,
          userIdentifier: 'probe',
          registrationRecord,
          startLoginRequest: probe,
        }),
      ),
    startLogin: (email, password, startLoginRequest) => {
      const { serverLoginState, loginResponse } = refuseMalformed(() =>
        server.startLogin({
          serverSetup: setup,
          userIdentifier: password?.accountId ?? nobody(setup, email),
          registrationRecord: password?.record ?? null,
          startLoginRequest,
        }),
      )
      return { serverState: serverLoginState, loginResponse }
    },
    finishLogin,
  }
}

function finishLogin(serverLoginState: string, finishLoginRequest: string): boolean {
  try {
    server.finishLogin({ serverLoginState, finishLoginRequest })
    return true
  } catch {
    // The library throws the same kind of error for a wrong password and for a malformed message.
    return false
  }
}

/** Replaces the account id if there is no account. */
const nobody = (setup: string, email: EmailAddress): string =>
  createHmac('sha256', setup).update(`no account\0${email}`).digest('hex')

function refuseMalformed<T>(act: () => T): T {
  try {
    return act()
  } catch (cause) {
    throw new DomainError('invalid_request', undefined, { cause })
  }
}

/** Generates OPAQUE keys for a server. */
export async function newOpaqueSetup(): Promise<string> {
  await ready
  return server.createSetup()
}
