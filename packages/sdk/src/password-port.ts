/**
 * The client's half of OPAQUE (RFC 9807). It stands apart because it is large and slow on purpose: a
 * web app runs it in a worker of its own, Node takes `@sotto/crypto/password`.
 *
 * The export key is the same at registration and at each log-in, and the server cannot learn it.
 */
export interface PasswordPort {
  startRegistration(password: string): Promise<{
    clientRegistrationState: string
    registrationRequest: string
  }>
  finishRegistration(input: {
    password: string
    clientRegistrationState: string
    registrationResponse: string
  }): Promise<{ registrationRecord: string; exportKey: Uint8Array }>
  startLogin(password: string): Promise<{ clientLoginState: string; startLoginRequest: string }>
  /** Undefined when the password or the address is wrong; the two cannot be told apart. */
  finishLogin(input: {
    password: string
    clientLoginState: string
    loginResponse: string
  }): Promise<{ finishLoginRequest: string; exportKey: Uint8Array } | undefined>
}
