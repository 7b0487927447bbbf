import { constants } from 'node:crypto'
import { Server, type ServerOptions } from 'node:https'
import { TLSSocket } from 'node:tls'
import type { App } from './app.ts'

const HANDSHAKE_WITHIN_MS = 10_000

/**
 * The same TLS settings as the gateway: 1.2 and 1.3, only with forward secrecy and authenticated
 * encryption.
 */
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

/** The TLS options of a server with the chain and key in `pem`. */
export function tlsOptions(pem: string): ServerOptions {
  return { ...contextOf(pem), handshakeTimeout: HANDSHAKE_WITHIN_MS }
}

/**
 * Replaces chain and key of an app that uses TLS, for all future connections. Open connections
 * continue.
 */
export function useCertificate({ server }: App, pem: string): void {
  const any: unknown = server
  if (!(any instanceof Server)) throw new Error('This server does not use TLS')
  any.setSecureContext(contextOf(pem))
}

function contextOf(pem: string) {
  return {
    cert: pem,
    key: pem,
    ciphers: CIPHERS,
    minVersion: 'TLSv1.2',
    // Ticket keys would live as long as the process, which would weaken forward secrecy.
    secureOptions: constants.SSL_OP_NO_TICKET,
  } as const
}

/** Whether this is a connection without a finished handshake, on which nothing can be sent yet. */
export function isBeforeTls(socket: object): boolean {
  return socket instanceof TLSSocket && !socket.getPeerFinished()
}
