// A part of a file that answers can cite: a heading with what is below it, or a page. Knows no format.

export interface Section {
  /** The heading with those above it, or the page; empty for a file without either. */
  readonly place: string;
  readonly text: string;
}

const between = ' / ';

/** Collects sections while a file is read from its beginning to its end. */
export class SectionCollector {
  readonly #sections: Section[] = [];
  readonly #headings: (string | undefined)[] = [];
  #lines: string[] = [];

  /** @param level 1 for the highest */
  heading(level: number, title: string): void {
    this.#close();
    this.#headings.splice(level - 1);
    this.#headings[level - 1] = title.trim();
  }

  line(text: string): void {
    this.#lines.push(text);
  }

  /** The sections that say something; each begins with its headings, so that it is found by them. */
  sections(): readonly Section[] {
    this.#close();
    return this.#sections;
  }

  #close(): void {
    const body = this.#lines
      .join('\n')
      .replace(/\n{3,}/g, '\n\n')
      .trim();
    this.#lines = [];
    if (body === '') return;
    const place = this.#headings.filter((heading) => heading !== undefined && heading !== '').join(between);
    this.#sections.push({ place, text: place === '' ? body : `${place}\n\n${body}` });
  }
}
