/** Every maximum that crosses a boundary, named once. Sizes are in the unit their name says. */

/** UTF-8 bytes of one message text. */
export const MAX_TEXT_BYTES = 64 * 1024
/** Characters of an envelope's ciphertext: the largest padding bucket as base64url in a JWE. */
export const MAX_CIPHERTEXT_CHARS = 128 * 1024
/** Characters of an envelope in a frame besides its ciphertext, at most: ids and punctuation. */
export const ENVELOPE_FRAME_CHARS = 320
/** Bytes of one WebSocket frame; above it the connection is closed with 1009. */
export const MAX_FRAME_BYTES = 256 * 1024
/** Bytes of one HTTP request body. */
export const MAX_BODY_BYTES = 512 * 1024
/** Envelopes in one `send` frame of a device. */
export const MAX_SEND_ENVELOPES = 64
/** Envelopes a websocket instance puts into one command. */
export const MAX_BATCH = 256
/** Envelopes in one page of a conversation's log, and conversations in one page of the list. */
export const MAX_PAGE = 100
export const DEFAULT_PAGE = 30
/** Envelopes a person may send to someone who has not answered the contact request. */
export const MAX_REQUEST_ENVELOPES = 20
/** Accounts in a conversation. */
export const MAX_PARTICIPANTS = 256

export const MAX_NAME_CHARS = 64
export const MAX_PICTURE_BYTES = 64 * 1024
/** Pixels of the longer side of a picture: what it becomes when it is decoded. */
export const MAX_PICTURE_SIDE = 512
export const MAX_DEVICE_NAME_CHARS = 64
/** Base64url of a sealed device name: always as long, whatever the name is. */
export const SEALED_DEVICE_NAME_CHARS = 304
export const MAX_EMAIL_CHARS = 254
/** Compact JWS of an account record with its revoked devices, a credential or a manifest. */
export const MAX_STATEMENT_CHARS = 12 * 1024
/** Base64url of one sealed box: keys, or some 2,000 pinned contacts. */
export const MAX_SEALED_BOX_CHARS = 384 * 1024
/** The last moment that a date can be made of (ECMA-262, time range); a later one could not be shown. */
export const MAX_MOMENT = 8_640_000_000_000_000
/** The versions of something signed or sealed fit the 32 bits that additional data has for them. */
export const MAX_VERSION = 0xffff_ffff
/**
 * Devices count up by one. After a restored backup they put back what they have, and say which version it
 * follows: it may be so far ahead, which is what a backup may have lost of a box or a manifest.
 */
export const MAX_VERSION_STEP = 1024
/** The same for a record, which is raised by 128 in each new era: 127 eras, and what was lost besides. */
export const MAX_RECORD_STEP = 16_384
/** Former identity keys that are remembered for each contact. */
export const MAX_FORMER_KEYS = 16
/** Conversations in which a former identity key of a contact still counts for older messages. */
export const MAX_KEY_ENDS = 64
/** Former identity keys that an account remembers of its own, after it renewed them. */
export const MAX_OWN_FORMER_KEYS = 4
/** Conversations in which a former own key still counts: those that were active last. */
export const MAX_OWN_KEY_ENDS = 512
/** Successions of one account that are kept. */
export const MAX_SUCCESSIONS = 16
/** Characters of a succession. */
export const MAX_SUCCESSION_CHARS = 1024
/** Base64url of one wrap of the root secret. */
export const MAX_WRAP_CHARS = 512
/** Base64url of one OPAQUE message; the largest has 427. */
export const MAX_OPAQUE_CHARS = 1024
export const MAX_TOKEN_CHARS = 4096
/** Devices of one account, revoked ones included. */
export const MAX_DEVICES = 64
/** New keys of one account that wait at the same time. */
export const MAX_WAITING_KEYS = 16
/** Past records of one account that are kept, so that old `ecdh` messages stay readable. */
export const MAX_PAST_RECORDS = 64

/** From this share of a quota on, people and operators are warned. */
export const QUOTA_WARNING_SHARE = 0.8

export const ONE_TIME_CODE_DIGITS = 6
export const ONE_TIME_CODE_TTL_SECONDS = 600
export const ONE_TIME_CODE_TRIES = 5
export const ACCESS_TOKEN_TTL_SECONDS = 900
export const REFRESH_TOKEN_TTL_SECONDS = 60 * 60 * 24 * 90
/** How long the refresh token before the last one still works, for a lost answer. */
export const REFRESH_RETRY_SECONDS = 10
/** How long an unauthenticated connection may stay open. */
export const AUTHENTICATE_WITHIN_SECONDS = 5
/** A device that is silent for longer than this is gone; it pings at half of it. */
export const HEARTBEAT_SECONDS = 30

/** Accounts that one invitation may make. */
export const MAX_INVITATION_USES = 100
export const MAX_INVITATION_DAYS = 90
/** Invitations of one account that have neither expired nor been used up. */
export const MAX_INVITATIONS = 50

export const MIN_PASSWORD_CHARS = 10
export const MAX_PASSWORD_CHARS = 256
