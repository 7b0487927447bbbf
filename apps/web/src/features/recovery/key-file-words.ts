import type { KeyFileKind } from '@sotto/sdk'
import { type Words, wordsFor } from '../../client/error-words.ts'
import type { Failure } from '../../client/failure.ts'

/** Words for a key file that is refused, and the command that makes one of it that is read. */
export interface KeyFileWords extends Words {
  readonly command: string | null
}

type Facts = NonNullable<Failure['details']>

const MAKE_ANOTHER = 'Choose another file, or make a new RSA key in the settings.'
const CONVERT =
  'This command makes a file of it that can be read, on any computer with OpenSSL. It asks for the passphrase, and for a new one:'

const words: Record<KeyFileKind, (facts: Facts) => Words> = {
  no_key: () => ({
    what: 'There is no key in this file.',
    next: 'A key file has a line “-----BEGIN … PRIVATE KEY-----”. Choose the .pem file that you saved from Sotto.',
  }),
  too_large: () => ({
    what: 'This file is too large for a key.',
    next: 'Key files have a few kilobytes. Choose the .pem file that you saved from Sotto.',
  }),
  damaged: () => ({
    what: 'This key file is damaged.',
    next: 'Something in it is missing or was changed. Look for another copy of it.',
  }),
  public_key: () => ({
    what: 'This file holds a public key only.',
    next: 'Messages open with the private one. It is in another file, often with the same name and without “.pub”.',
  }),
  certificate: () => ({
    what: 'This file holds a certificate, and no private key.',
    next: 'The private key that belongs to it is in another file.',
  }),
  other_algorithm: ({ algorithm }) => ({
    what: `This is a private key for ${algorithm}, and none for RSA.`,
    next: `Protocol “rsa” needs an RSA key. ${MAKE_ANOTHER}`,
  }),
  several_keys: ({ count }) => ({
    what: `There are ${count} private keys in this file.`,
    next: 'It is not clear which one you mean. Put the right one, with its lines BEGIN and END, into a file of its own.',
  }),
  encryption: ({ algorithm }) => ({
    what: `This key is encrypted in a way that is not read here: ${algorithm}.`,
    next: CONVERT,
  }),
  encrypted_pkcs1: () => ({
    what: 'This RSA key is encrypted in an old format, PKCS#1 with a passphrase.',
    next: CONVERT,
  }),
  openssh: () => ({
    what: 'This RSA key is in the format of OpenSSH.',
    next: 'This command makes a copy of it that can be read. It asks for the passphrase, and for a new one:',
  }),
  putty: () => ({
    what: 'This key is in the format of PuTTY.',
    next: 'Open it in PuTTYgen, choose “Export OpenSSH key” in the menu “Conversions”, and load that file here.',
  }),
  pkcs12: () => ({
    what: 'This is a PKCS#12 file, with a key and its certificates.',
    next: 'This command takes the key out of it, on any computer with OpenSSL. It asks for the password of the file, and for a new passphrase:',
  }),
  other: ({ label }) => ({
    what: `This file holds something else: ${label}.`,
    next: 'Choose the .pem file that you saved from Sotto.',
  }),
  too_short: ({ bits }) => ({
    what: `This RSA key has ${bits} bits, which is too short to be safe.`,
    next: `At least 2048 are needed. ${MAKE_ANOTHER}`,
  }),
  too_long: ({ bits }) => ({
    what: `This RSA key has ${bits} bits, more than others can use.`,
    next: `At most 4096 are allowed. ${MAKE_ANOTHER}`,
  }),
  exponent: () => ({
    what: 'This RSA key has an unusual public exponent.',
    next: `Only 65537 is allowed. ${MAKE_ANOTHER}`,
  }),
  passphrase_missing: () => ({
    what: 'This file is encrypted.',
    next: 'Type its passphrase: the one you chose when you saved the file.',
  }),
  passphrase_wrong: () => ({
    what: 'This passphrase does not open the file.',
    next: 'It is the one you chose when you saved the file.',
  }),
}

/** What to say of a refused file that the person calls `fileName`. */
export function keyFileWords(failure: Failure, fileName: string): KeyFileWords {
  const { kind, command } = failure.details ?? {}
  const say = typeof kind === 'string' ? words[kind as KeyFileKind] : undefined
  return {
    ...(say?.(failure.details ?? {}) ?? wordsFor(failure)),
    command: typeof command === 'string' ? command.replace('key.pem', inShell(fileName)) : null,
  }
}

/** A name that a shell would read as something else is left to the person. */
const inShell = (fileName: string): string =>
  /^[\w][\w.-]*$/.test(fileName) && fileName !== 'sotto.pem' ? fileName : 'key.pem'
