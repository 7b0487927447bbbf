import { z } from 'zod'
import { SessionId } from './ids.ts'
import {
  MAX_DEVICE_NAME_CHARS,
  MAX_EMAIL_CHARS,
  MAX_MOMENT,
  MAX_NAME_CHARS,
  MAX_PICTURE_BYTES,
  MAX_STATEMENT_CHARS,
  MAX_VERSION,
} from './limits.ts'
import { isNickname } from './names/nickname.ts'

/** Whether `text` contains no lone surrogate, so that encoding it as UTF-8 loses nothing. */
export const isWellFormed = (text: string): boolean => !/\p{Surrogate}/u.test(text)

// Characters that would let a name break out of its line or imitate an element of the screen:
// controls, line and paragraph separators, and marks that override the direction of the text after
// them.
const UNSAFE_IN_NAMES = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/u

// A name must be visible. These characters only take up space or combine, and show no mark of their
// own.
const INVISIBLE = /^[\p{Cf}\p{Z}\p{M}\u115f\u1160\u2800\u3164\uffa0]*$/u

/** Why a line of text is rejected. The schema uses one of these as the message of its issue. */
export const LineProblem = z.enum([
  'empty',
  'too_long',
  /** A lone surrogate, which UTF-8 cannot express. */
  'broken_character',
  /** A control character, or one that changes the direction of text. */
  'hidden_character',
  'blanks_around',
  /** It contains nothing visible. */
  'invisible',
])
export type LineProblem = z.infer<typeof LineProblem>

const problem = (name: LineProblem) => name

const namePrefix = (maxChars: number) =>
  z
    .string()
    .min(1, problem('empty'))
    .max(maxChars, problem('too_long'))
    .refine(isWellFormed, problem('broken_character'))
    .refine((name) => !UNSAFE_IN_NAMES.test(name), problem('hidden_character'))

const lineOfText = (maxChars: number) =>
  namePrefix(maxChars)
    .refine((name) => name.trim() === name, problem('blanks_around'))
    .refine((name) => !INVISIBLE.test(name), problem('invisible'))

/** The beginning of a name, as typed into a search. */
export const NamePrefix = namePrefix(MAX_NAME_CHARS)

/** A person's name, in the form in which a device signs it. */
export const DisplayName = lineOfText(MAX_NAME_CHARS).refine(isNickname)

/**
 * A name from a record that may predate the rules of `DisplayName`, or from the server. Such a
 * record is not rejected: `shownName` makes the name safe to display.
 */
export const SignedName = lineOfText(MAX_NAME_CHARS)

/** A person's name for one of their devices. It is sealed before it leaves the device. */
export const DeviceName = lineOfText(MAX_DEVICE_NAME_CHARS)

/** The first hidden character in a name, as `U+202E`; undefined if there is none. */
export function hiddenCharacterIn(name: string): string | undefined {
  const point = UNSAFE_IN_NAMES.exec(name)?.[0].codePointAt(0)
  return point === undefined ? undefined : `U+${point.toString(16).toUpperCase().padStart(4, '0')}`
}

// Every service rejects text that is not storable.
const isStorable = (text: string) => isWellFormed(text) && !text.includes('\0')

/** A phone number as a person types it. The auth service converts it to E.164. */
export const PhoneInput = z.string().min(3).max(40).refine(isStorable)
/** An email address as a person types it. The auth service converts it to lower case. */
export const EmailInput = z.string().min(3).max(MAX_EMAIL_CHARS).refine(isStorable)

/** Bytes as unpadded base64url, at most `maxChars` characters. */
export const base64url = (maxChars: number) =>
  z
    .string()
    .max(maxChars)
    .regex(/^[A-Za-z0-9_-]*$/)

/** 32 bytes as unpadded base64url. The two unused bits of the last character are zero. */
export const Bytes32 = z.string().regex(/^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/)

/** A picture that the device has already scaled down: PNG, JPEG or WebP as base64url. */
export const Picture = base64url(Math.ceil((MAX_PICTURE_BYTES * 4) / 3)).min(1)

/** A compact JWS. Services read only its payload; clients verify it. */
export const Statement = z
  .string()
  .max(MAX_STATEMENT_CHARS)
  .regex(/^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/)

/**
 * The challenge that a device signs to prove itself: `logInChallenge` for its own log-in, or the
 * opaque challenge that the auth service requires before it restores a session that it has lost.
 */
export const SessionChallenge = z
  .string()
  .max(1024)
  .regex(/^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/)

const LOG_IN = 'session.'

/**
 * The challenge that a device signs so that its log-in counts for the account. The server chose the
 * session id.
 */
export const logInChallenge = (session: SessionId): string => `${LOG_IN}${session}`

/** The session that a log-in challenge refers to; undefined for any other challenge. */
export function logInOfChallenge(challenge: string): SessionId | undefined {
  if (!challenge.startsWith(LOG_IN)) return undefined
  return SessionId.safeParse(challenge.slice(LOG_IN.length)).data
}

/**
 * A moment on the server's clock, in milliseconds since 1970. For display only: `seq` determines
 * the order.
 */
export const Moment = z.int().nonnegative().max(MAX_MOMENT)

/** The version number of something signed or sealed. */
export const Version = z.int().positive().max(MAX_VERSION)

/** Opaque to clients: where the next page begins, or how far the client has read. */
export const Cursor = z
  .string()
  .max(128)
  .regex(/^[A-Za-z0-9_.:-]+$/)

/** A position in a conversation's log. The first envelope has 1. */
export const Seq = z.int().positive()
/** The seq up to which something applies; 0 if it applies to nothing. */
export const SeqMark = z.int().nonnegative()
