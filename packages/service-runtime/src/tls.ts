import { constants } from 'node:crypto'
import { Server, type ServerOptions } from 'node:https'
import { TLSSocket } from 'node:tls'
import type { App } from './app.ts'

const HANDSHAKE_WITHIN_MS = 10_000

/** TLS as the gateway has it: 1.2 and 1.3, forward secrecy and authenticated encryption only. */
const CIPHERS = [
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
].join(':')

/** How a server speaks TLS with the chain and the key in `pem`. */
export function tlsOptions(pem: string): ServerOptions {
  return { ...contextOf(pem), handshakeTimeout: HANDSHAKE_WITHIN_MS }
}

/** Lets an app that speaks TLS use another chain and key from the next connection on; those that are open stay. */
export function useCertificate({ server }: App, pem: string): void {
  const any: unknown = server
  if (!(any instanceof Server)) throw new Error('this server does not speak TLS')
  any.setSecureContext(contextOf(pem))
}

function contextOf(pem: string) {
  return {
    cert: pem,
    key: pem,
    ciphers: CIPHERS,
    minVersion: 'TLSv1.2',
    // Keys of tickets would live as long as the process, and with them the secrecy of what was said.
    secureOptions: constants.SSL_OP_NO_TICKET,
  } as const
}

/** Whether it is a connection whose handshake is not done, so that nothing can be said on it. */
export function isBeforeTls(socket: object): boolean {
  return socket instanceof TLSSocket && !socket.getPeerFinished()
}
