/** With the secret in it a gateway proves to a service that a request comes from it and from no other program. */
export const GATEWAY_HEADER = 'x-sotto-gateway'

/** By it a service tells the gateway at `GET /health` how it is: `ok`, or the parts that are not. */
export const HEALTH_HEADER = 'sotto-health'
