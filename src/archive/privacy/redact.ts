// Replaces personal data in texts before they are stored. A stub until the rules are in.
export interface Redaction {
  readonly text: string;
  readonly counts: Readonly<Record<string, number>>;
}
export type Redactor = (text: string) => Redaction;
