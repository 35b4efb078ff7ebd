// The tables of opencc-js have no types of their own.

/** Pairs `from to`, with `|` between them. */
declare module 'opencc-js/dict/*' {
  const table: string;
  export default table;
}
