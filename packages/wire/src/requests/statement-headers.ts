/**
 * The protected headers of statements (PROTOCOL.md §3), byte for byte. Every statement is a compact
 * JWS whose header is compared, not interpreted.
 */
export const STATEMENT_HEADERS = {
  record: '{"alg":"EdDSA","typ":"sotto-account+jws"}',
  credential: '{"alg":"EdDSA","typ":"sotto-device+jws"}',
  manifest: '{"alg":"EdDSA","typ":"sotto-manifest+jws"}',
  proof: '{"alg":"EdDSA","typ":"sotto-proof+jws"}',
  write: '{"alg":"EdDSA","typ":"sotto-write+jws"}',
  succession: '{"alg":"EdDSA","typ":"sotto-succession+jws"}',
} as const
export type StatementKind = keyof typeof STATEMENT_HEADERS
