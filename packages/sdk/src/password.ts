/** OPAQUE for the place where it runs: in Node, or in a web app's worker. Loads WebAssembly. */
export * from '@sotto/crypto/password'
