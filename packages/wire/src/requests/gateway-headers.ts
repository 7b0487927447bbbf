/**
 * Carries the secret with which the gateway proves to a service that a request comes from the
 * gateway and not from another program.
 */
export const GATEWAY_HEADER = 'x-sotto-gateway'

/**
 * Carries a service's state to the gateway in the answer to `GET /health`: `ok`, or the parts that
 * are failing.
 */
export const HEALTH_HEADER = 'sotto-health'
