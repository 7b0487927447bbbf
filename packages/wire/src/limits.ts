/** Every maximum that crosses a boundary, defined once. Each name states its unit. */

/** UTF-8 bytes of one message text. */
export const MAX_TEXT_BYTES = 64 * 1024
/** Characters of an envelope's ciphertext: the largest padding bucket as base64url in a JWE. */
export const MAX_CIPHERTEXT_CHARS = 128 * 1024
/**
 * Maximum number of characters of an envelope in a frame besides its ciphertext: ids and
 * punctuation.
 */
export const ENVELOPE_FRAME_CHARS = 320
/** Bytes of one WebSocket frame. A larger one closes the connection with 1009. */
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
/** Envelopes that may be sent to a person who has not answered the contact request. */
export const MAX_REQUEST_ENVELOPES = 20
/** Accounts in a conversation. */
export const MAX_PARTICIPANTS = 256

export const MAX_NAME_CHARS = 64
export const MAX_PICTURE_BYTES = 64 * 1024
/** Pixels of the longer side of a decoded picture. */
export const MAX_PICTURE_SIDE = 512
export const MAX_DEVICE_NAME_CHARS = 64
/** Base64url of a sealed device name. The length does not depend on the name. */
export const SEALED_DEVICE_NAME_CHARS = 304
export const MAX_EMAIL_CHARS = 254
/** Compact JWS of an account record with its revoked devices, of a credential, or of a manifest. */
export const MAX_STATEMENT_CHARS = 12 * 1024
/** Base64url of one sealed box: keys, or about 2,000 pinned contacts. */
export const MAX_SEALED_BOX_CHARS = 384 * 1024
/**
 * The last moment that `Date` can represent (ECMA-262, time range). A later one could not be
 * displayed.
 */
export const MAX_MOMENT = 8_640_000_000_000_000
/** The largest version of anything signed or sealed: the additional data has 32 bits for it. */
export const MAX_VERSION = 0xffff_ffff
/**
 * Devices increase a version by one. After a restore, they write their state back and state which
 * version it follows. That version may be ahead by at most this much, so this is how many writes of
 * a box or a manifest a backup may have lost.
 */
export const MAX_VERSION_STEP = 1024
/**
 * The same for a record. Each new era raises it by 128, so this covers 127 eras and some lost
 * writes.
 */
export const MAX_RECORD_STEP = 16_384
/** Former identity keys that a client remembers for each contact. */
export const MAX_FORMER_KEYS = 16
/** Conversations in which a contact's former identity key still counts for older messages. */
export const MAX_KEY_ENDS = 64
/** Former identity keys of its own that an account remembers after it renewed its keys. */
export const MAX_OWN_FORMER_KEYS = 4
/**
 * Conversations in which an account's own former key still counts: the most recently active ones.
 */
export const MAX_OWN_KEY_ENDS = 512
/** Stored successions of one account. */
export const MAX_SUCCESSIONS = 16
/** Characters of a succession. */
export const MAX_SUCCESSION_CHARS = 1024
/** Base64url of one wrap of the root secret. */
export const MAX_WRAP_CHARS = 512
/** Base64url of one OPAQUE message. The largest has 427 characters. */
export const MAX_OPAQUE_CHARS = 1024
export const MAX_TOKEN_CHARS = 4096
/** Devices of one account, including revoked ones. */
export const MAX_DEVICES = 64
/** New keys of one account that may wait at the same time. */
export const MAX_WAITING_KEYS = 16
/** Stored past records of one account. They keep old `ecdh` messages readable. */
export const MAX_PAST_RECORDS = 64

/** From this share of a quota on, users and operators see a warning. */
export const QUOTA_WARNING_SHARE = 0.8

export const ONE_TIME_CODE_DIGITS = 6
export const ONE_TIME_CODE_TTL_SECONDS = 600
export const ONE_TIME_CODE_TRIES = 5
export const ACCESS_TOKEN_TTL_SECONDS = 900
export const REFRESH_TOKEN_TTL_SECONDS = 60 * 60 * 24 * 90
/**
 * How long the previous refresh token still works, in case the answer with the new one was lost.
 */
export const REFRESH_RETRY_SECONDS = 10
/** How long a connection may stay open without authenticating. */
export const AUTHENTICATE_WITHIN_SECONDS = 5
/**
 * A device that is silent for longer than this counts as disconnected. It pings at half this
 * interval.
 */
export const HEARTBEAT_SECONDS = 30

/** Accounts that one invitation may create. */
export const MAX_INVITATION_USES = 100
export const MAX_INVITATION_DAYS = 90
/** Invitations of one account that are neither expired nor used up. */
export const MAX_INVITATIONS = 50

export const MIN_PASSWORD_CHARS = 10
export const MAX_PASSWORD_CHARS = 256
