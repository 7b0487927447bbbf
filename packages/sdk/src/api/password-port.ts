/**
 * The client's half of OPAQUE (RFC 9807), in the form of `@sotto/crypto/password`. It is a port because it loads
 * WebAssembly and is slow on purpose: a web app runs it in a separate worker.
 *
 * The export key is the same at registration and at each log-in, and the server can't learn it.
 */
export interface PasswordPort {
  startRegistration(password: string): Promise<{ state: string; registrationRequest: string }>
  finishRegistration(
    password: string,
    state: string,
    registrationResponse: string,
  ): Promise<{ registrationRecord: string; exportKey: Uint8Array<ArrayBuffer> }>
  startLogin(password: string): Promise<{ state: string; startLoginRequest: string }>
  /** Null if the password or the address is wrong; the two can't be told apart. */
  finishLogin(
    password: string,
    state: string,
    loginResponse: string,
  ): Promise<{ finishLoginRequest: string; exportKey: Uint8Array<ArrayBuffer> } | null>
}
