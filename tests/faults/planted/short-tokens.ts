export * from '../../../packages/wire/src/limits.ts'

/** Not a bug: tokens with a short life, so that a test sees them expire. */
export const ACCESS_TOKEN_TTL_SECONDS = 48
