declare module 'siphash' {
  /** SipHash-2-4. `key` is 128 bits as four 32-bit words; the result is 64 bits in two unsigned halves. */
  export function hash(
    key: Uint32Array | readonly number[],
    message: string | Uint8Array,
  ): { readonly h: number; readonly l: number };
  const siphash: { readonly hash: typeof hash };
  export default siphash;
}
